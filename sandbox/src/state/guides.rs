//! In-app guides: which there are, and who is shown which.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::json::Object;
use super::matching::text;
use super::messages::ENGAGEMENTS;
use super::{World, conditions, micros};

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

/// The guides of the environment.
#[derive(Debug, Default)]
pub(crate) struct Guides {
    /// In the order they were made.
    pub all: Vec<Guide>,
    pub groups: Vec<Object>,
}

impl Guide {
    pub fn id(&self) -> Option<&str> {
        text(&self.shown, "id")
    }

    pub fn has_step(&self, step: &str) -> bool {
        self.steps().any(|s| s["ref"] == step)
    }

    pub fn has_steps(&self) -> bool {
        self.steps().next().is_some()
    }

    pub fn steps(&self) -> impl Iterator<Item = &Value> {
        self.shown
            .get("steps")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }
}

impl Guides {
    /// Adds a guide, in place of the one its channel had under that key.
    pub fn add(&mut self, guide: Guide) {
        match self.position(&guide.key, Some(guide.channel)) {
            Some(position) => self.all[position] = guide,
            None => self.all.push(guide),
        }
    }

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

    /// The groups that name a guide, or else the one for all others.
    pub fn groups_of(&self, key: &str) -> Vec<String> {
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
}
