//! What users did with guides: seen, interacted with, archived.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::guides::Guide;
use super::json::Object;
use super::matching::{is_set, text};
use super::messages::update_engagement;
use super::{World, ids, micros};
use crate::paging::Cursor;

/// A user's engagement with one step of a guide; the times are those of its message.
#[derive(Debug, Clone)]
pub(super) struct Engagement {
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

/// What everyone did with guides, by user.
#[derive(Debug, Default)]
pub(crate) struct Histories(HashMap<String, History>);

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
    /// Set by archiving alone.
    pub archives: Option<Archiving>,
}

/// How a step is archived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Archiving {
    pub closes_guide: bool,
    /// Whether it counts against the display interval of the guide's groups.
    pub throttles: bool,
}

impl Histories {
    /// Forgets a user.
    pub fn remove_user(&mut self, user_id: &str) {
        self.0.remove(user_id);
    }

    /// Gives a user what another did with guides the user has not touched.
    pub fn merge_users(&mut self, primary: &str, secondary: &str) {
        let Some(other) = self.0.remove(secondary) else {
            return;
        };
        let own = self.0.entry(primary.to_owned()).or_default();
        for (key, engagement) in other.steps {
            own.steps.entry(key).or_insert(engagement);
        }
        for (group, time) in other.group_logs {
            own.group_logs.entry(group).or_insert(time);
        }
    }
}

impl Guide {
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

impl World {
    /// When a user last closed a guide of each group.
    pub fn guide_group_logs(&self, user_id: &str) -> Object {
        let logs = self
            .histories
            .0
            .get(user_id)
            .map(|history| &history.group_logs);
        logs.into_iter()
            .flatten()
            .map(|(group, time)| (group.clone(), micros(*time)))
            .collect()
    }

    /// A user's engagement with a step, and the message that carries it.
    pub(super) fn engagement(
        &self,
        guide: &Guide,
        user_id: &str,
        tenant: Option<&str>,
        step: &str,
    ) -> Option<(&Engagement, &Object)> {
        let key = guide.step_key(tenant, step);
        let engagement = self.histories.0.get(user_id)?.steps.get(&key)?;
        Some((engagement, self.messages.get(user_id, engagement.message)?))
    }

    /// Whether a user is done with a guide: a step that closes it is archived, or all of them are.
    pub(super) fn is_archived(&self, guide: &Guide, user_id: &str, tenant: Option<&str>) -> bool {
        let steps = || guide.steps().filter_map(|step| step["ref"].as_str());
        let archived = |step: &str| {
            self.engagement(guide, user_id, tenant, step)
                .filter(|(_, message)| is_set(message, "archived_at"))
                .map(|(engagement, _)| engagement.closes_guide)
        };
        steps().any(|step| archived(step) == Some(true))
            || (guide.has_steps() && steps().all(|step| archived(step).is_some()))
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
        let history = self.histories.0.entry(user_id.to_owned()).or_default();
        let engagement = history.steps.entry(key).or_insert(Engagement {
            message: cursor,
            closes_guide: false,
        });
        engagement.message = cursor;
        if let Some(archiving) = action.archives {
            engagement.closes_guide = archiving.closes_guide;
            if archiving.throttles {
                let logs = groups.into_iter().map(|group| (group, now));
                history.group_logs.extend(logs);
            }
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
        if let Some(history) = self.histories.0.get_mut(user_id) {
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
        let steps = self.histories.0.get(user_id).map(|history| &history.steps);
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
