//! In-app guides: who is shown which, and what became of it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::json::Object;
use super::matching::{is_set, text};
use super::messages::{ENGAGEMENTS, update_engagement};
use super::{World, conditions, ids, micros};
use crate::paging::Cursor;

/// The group that every guide belongs to which no other group names.
const DEFAULT_GROUP: &str = "default";

/// A guide and whom it is for.
#[derive(Debug)]
pub(crate) struct Guide {
    pub channel: Uuid,
    pub key: String,
    /// The guide as answers show it, less the engagement in its steps.
    pub shown: Object,
    pub audience: Option<Vec<String>>,
    pub conditions: Vec<Value>,
    /// Whether each tenant of a user has an engagement of its own.
    pub per_tenant: bool,
}

/// A user's engagement with one step of a guide; the times are those of its message.
#[derive(Debug, Clone)]
struct Engagement {
    message: Cursor,
    /// Whether archiving the step takes the whole guide away.
    closes_guide: bool,
}

/// A step of a guide, for one tenant if the guide tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct StepKey {
    guide: String,
    tenant: Option<String>,
    step: String,
}

/// What a user did with guides.
#[derive(Debug, Default)]
struct History {
    steps: BTreeMap<StepKey, Engagement>,
    group_logs: BTreeMap<String, DateTime<Utc>>,
}

/// The guides of the environment.
#[derive(Debug, Default)]
pub(crate) struct Guides {
    /// In the order they were made.
    pub all: Vec<Guide>,
    pub groups: Vec<Object>,
    histories: HashMap<String, History>,
}

/// What a user does with a step of a guide.
pub(crate) struct Action<'a> {
    pub guide: usize,
    pub step: &'a str,
    pub tenant: Option<&'a str>,
    /// The times it sets.
    pub times: &'static [&'static str],
    pub data: Option<Value>,
    pub metadata: Option<Value>,
    /// Id of the message that the older form names.
    pub message_id: Option<&'a str>,
    pub closes_guide: bool,
    pub throttles: bool,
}

impl Guide {
    pub fn id(&self) -> Option<&str> {
        text(&self.shown, "id")
    }

    pub fn has_step(&self, step: &str) -> bool {
        self.steps().any(|s| s["ref"] == step)
    }

    fn steps(&self) -> impl Iterator<Item = &Value> {
        self.shown
            .get("steps")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    fn engagement_tenant(&self, tenant: Option<&str>) -> Option<String> {
        tenant.filter(|_| self.per_tenant).map(str::to_owned)
    }

    fn step_key(&self, tenant: Option<&str>, step: &str) -> StepKey {
        StepKey {
            guide: self.key.clone(),
            tenant: self.engagement_tenant(tenant),
            step: step.to_owned(),
        }
    }
}

impl Guides {
    pub fn position(&self, key: &str, channel: Option<Uuid>) -> Option<usize> {
        let is = |guide: &Guide| {
            guide.key == key && channel.is_none_or(|channel| guide.channel == channel)
        };
        self.all.iter().position(is)
    }

    /// The groups as shown: without any, there is one with every guide, oldest first.
    pub fn groups_shown(&self, now: DateTime<Utc>) -> Vec<Object> {
        if !self.groups.is_empty() {
            return self.groups.clone();
        }
        let keys: Vec<&str> = self.all.iter().map(|guide| guide.key.as_str()).collect();
        let made = self
            .all
            .first()
            .and_then(|guide| guide.shown.get("inserted_at"))
            .cloned();
        let made = made.unwrap_or_else(|| micros(now));
        let group = json!({
            "__typename": "GuideGroup", "key": DEFAULT_GROUP, "display_sequence": keys,
            "display_interval": 0, "inserted_at": made, "updated_at": made,
        });
        group.as_object().cloned().into_iter().collect()
    }

    fn groups_of(&self, key: &str) -> Vec<String> {
        let holds = |group: &&Object| {
            let sequence = group.get("display_sequence").and_then(Value::as_array);
            sequence.is_some_and(|sequence| sequence.iter().any(|k| k == key))
        };
        let named = |group: &Object| text(group, "key").map(str::to_owned);
        let named: Vec<String> = self.groups.iter().filter(holds).filter_map(named).collect();
        match named.is_empty() {
            true => vec![DEFAULT_GROUP.to_owned()],
            false => named,
        }
    }

    /// A guide's place in the sequence of the first group that names it; those that none names come last.
    fn rank(&self, key: &str) -> usize {
        let sequences = self
            .groups
            .iter()
            .filter_map(|g| g.get("display_sequence")?.as_array());
        sequences
            .flatten()
            .position(|k| k == key)
            .unwrap_or(usize::MAX)
    }

    /// Forgets a user.
    pub fn remove_user(&mut self, user_id: &str) {
        self.histories.remove(user_id);
    }

    /// Gives a user what another did with guides the user has not touched.
    pub fn merge_users(&mut self, primary: &str, secondary: &str) {
        let Some(other) = self.histories.remove(secondary) else {
            return;
        };
        let own = self.histories.entry(primary.to_owned()).or_default();
        for (key, engagement) in other.steps {
            own.steps.entry(key).or_insert(engagement);
        }
        for (group, time) in other.group_logs {
            own.group_logs.entry(group).or_insert(time);
        }
    }
}

impl World {
    /// The guides of a channel as a user gets them: those shown, in order, and why not the others.
    pub fn guides_for(
        &self,
        user_id: &str,
        channel: Uuid,
        tenant: Option<&str>,
        kind: Option<&str>,
        data: Option<&Object>,
    ) -> (Vec<Object>, Vec<Value>) {
        let scope = json!({"recipient": self.user_in_full(user_id), "data": data, "tenant": {"id": tenant}});
        let of_kind =
            |guide: &&Guide| kind.is_none_or(|kind| text(&guide.shown, "type") == Some(kind));
        let mut guides: Vec<&Guide> = self
            .guides
            .all
            .iter()
            .filter(|guide| guide.channel == channel)
            .filter(of_kind)
            .collect();
        guides.sort_by_key(|guide| self.guides.rank(&guide.key));
        let (mut shown, mut withheld) = (Vec::new(), Vec::new());
        for guide in guides {
            match self.why_withheld(guide, user_id, tenant, &scope) {
                None => shown.push(self.guide_in_full(guide, user_id, tenant)),
                Some((reason, message)) => {
                    withheld.push(json!({"key": guide.key, "reason": reason, "message": message}));
                }
            }
        }
        (shown, withheld)
    }

    /// When a user last closed a guide of each group.
    pub fn guide_group_logs(&self, user_id: &str) -> Object {
        let logs = self
            .guides
            .histories
            .get(user_id)
            .map(|history| &history.group_logs);
        logs.into_iter()
            .flatten()
            .map(|(group, time)| (group.clone(), micros(*time)))
            .collect()
    }

    fn why_withheld(
        &self,
        guide: &Guide,
        user_id: &str,
        tenant: Option<&str>,
        scope: &Value,
    ) -> Option<(&'static str, &'static str)> {
        if guide.shown.get("active") == Some(&Value::Bool(false)) {
            return Some(("guide_not_active", "Guide is not active"));
        }
        if self.is_archived(guide, user_id, tenant) {
            return Some((
                "marked_as_archived",
                "User has already dismissed this guide",
            ));
        }
        if guide
            .audience
            .as_ref()
            .is_some_and(|users| !users.iter().any(|u| u == user_id))
        {
            return Some((
                "not_in_target_audience",
                "User is not a member of the target audience",
            ));
        }
        if !guide
            .conditions
            .iter()
            .all(|condition| conditions::holds(condition, scope))
        {
            return Some((
                "target_conditions_not_met",
                "User does not meet the target conditions",
            ));
        }
        None
    }

    fn engagement(
        &self,
        guide: &Guide,
        user_id: &str,
        tenant: Option<&str>,
        step: &str,
    ) -> Option<(&Engagement, &Object)> {
        let key = guide.step_key(tenant, step);
        let engagement = self.guides.histories.get(user_id)?.steps.get(&key)?;
        Some((engagement, self.messages.get(user_id, engagement.message)?))
    }

    fn is_archived(&self, guide: &Guide, user_id: &str, tenant: Option<&str>) -> bool {
        let steps = || guide.steps().filter_map(|step| step["ref"].as_str());
        let archived = |step: &str| {
            self.engagement(guide, user_id, tenant, step)
                .filter(|(_, message)| is_set(message, "archived_at"))
                .map(|(engagement, _)| engagement.closes_guide)
        };
        steps().any(|step| archived(step) == Some(true))
            || steps().all(|step| archived(step).is_some())
    }

    fn guide_in_full(&self, guide: &Guide, user_id: &str, tenant: Option<&str>) -> Object {
        let mut shown = guide.shown.clone();
        let steps = shown.get_mut("steps").and_then(Value::as_array_mut);
        for step in steps.into_iter().flatten() {
            let reference = step["ref"].as_str().unwrap_or_default();
            let message = self
                .engagement(guide, user_id, tenant, reference)
                .map(|(_, message)| message);
            let times = ["id"]
                .into_iter()
                .chain(ENGAGEMENTS.iter().map(|(_, key)| *key));
            let value = |key| {
                message
                    .and_then(|m| m.get(key))
                    .cloned()
                    .unwrap_or_default()
            };
            step["message"] = times
                .map(|key| (key.to_owned(), value(key)))
                .collect::<Object>()
                .into();
        }
        shown
    }

    /// Records what a user does with a guide; false if the message named is not that of the step.
    pub fn engage(&mut self, user_id: &str, action: &Action<'_>, now: DateTime<Utc>) -> bool {
        let guide = &self.guides.all[action.guide];
        let existing = self.engagement(guide, user_id, action.tenant, action.step);
        let same = |(_, message): (&Engagement, &Object)| {
            action
                .message_id
                .is_none_or(|id| text(message, "id") == Some(id))
        };
        if existing.is_some_and(|existing| !same(existing)) {
            return false;
        }
        let cursor = match existing.map(|(engagement, _)| engagement.message) {
            Some(cursor) => cursor,
            None => {
                let message = self.guide_message(guide, user_id, action, now);
                self.messages.add(user_id, now, message)
            }
        };
        if let Some(message) = self.messages.get_mut(user_id, cursor) {
            for key in action.times {
                if !is_set(message, key) {
                    message.insert((*key).to_owned(), micros(now));
                }
            }
            for (key, given) in [("data", &action.data), ("metadata", &action.metadata)] {
                if let Some(given) = given {
                    message.insert(key.to_owned(), given.clone());
                }
            }
            message.insert("updated_at".into(), micros(now));
            update_engagement(message);
        }
        let guide = &self.guides.all[action.guide];
        let key = guide.step_key(action.tenant, action.step);
        let groups = self.guides.groups_of(&guide.key);
        let history = self.guides.histories.entry(user_id.to_owned()).or_default();
        history.steps.insert(
            key,
            Engagement {
                message: cursor,
                closes_guide: action.closes_guide,
            },
        );
        if action.throttles {
            history
                .group_logs
                .extend(groups.into_iter().map(|group| (group, now)));
        }
        true
    }

    /// Takes back the archiving of a guide.
    pub fn unarchive_guide(
        &mut self,
        user_id: &str,
        guide: usize,
        tenant: Option<&str>,
        now: DateTime<Utc>,
    ) {
        for (_, cursor) in self.engaged_steps(user_id, guide, tenant) {
            if let Some(message) = self.messages.get_mut(user_id, cursor) {
                message.insert("archived_at".into(), Value::Null);
                message.insert("updated_at".into(), micros(now));
                update_engagement(message);
            }
        }
    }

    /// Forgets what a user did with a guide. The messages that came of it stay among the user's messages.
    pub fn reset_guide(&mut self, user_id: &str, guide: usize, tenant: Option<&str>) {
        let steps = self.engaged_steps(user_id, guide, tenant);
        if let Some(history) = self.guides.histories.get_mut(user_id) {
            for (key, _) in steps {
                history.steps.remove(&key);
            }
        }
    }

    fn engaged_steps(
        &self,
        user_id: &str,
        guide: usize,
        tenant: Option<&str>,
    ) -> Vec<(StepKey, Cursor)> {
        let guide = &self.guides.all[guide];
        let tenant = guide.engagement_tenant(tenant);
        let steps = self
            .guides
            .histories
            .get(user_id)
            .map(|history| &history.steps);
        steps
            .into_iter()
            .flatten()
            .filter(|(key, _)| key.guide == guide.key && key.tenant == tenant)
            .map(|(key, engagement)| (key.clone(), engagement.message))
            .collect()
    }

    /// The message that the first action on a step makes.
    fn guide_message(
        &self,
        guide: &Guide,
        user_id: &str,
        action: &Action<'_>,
        now: DateTime<Utc>,
    ) -> Object {
        let id = action
            .message_id
            .map_or_else(|| ids::base62(now), str::to_owned);
        let message = json!({
            "__typename": "Message",
            "id": id,
            "channel_id": guide.channel,
            "recipient": user_id,
            "actors": [],
            "status": "delivered",
            "source": {
                "__typename": "Guide", "key": guide.key, "version_id": guide.id(), "categories": [],
                "type": "guide", "step_ref": action.step,
            },
            "tenant": action.tenant,
            "workflow": null,
            "data": null,
            "metadata": null,
            "inserted_at": micros(now),
            "updated_at": micros(now),
            "seen_at": null, "read_at": null, "interacted_at": null,
            "link_clicked_at": null, "clicked_at": null, "archived_at": null, "scheduled_at": null,
        });
        let mut message = message.as_object().cloned().unwrap_or_default();
        if let Some(channel) = self.environment.channel_in_full(&guide.channel) {
            message.insert("channel".into(), channel.into());
        }
        message
    }
}
