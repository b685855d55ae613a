//! Seeding: putting into the world what only the service makes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::feeds::FeedItem;
use super::guides::Guide;
use super::json::{Object, deep_merge};
use super::matching::text;
use super::messages::{ENGAGEMENTS, update_engagement};
use super::{World, ids, micros};
use crate::errors::ApiError;
use crate::validate::{check, seeds};

/// Ids of what a seed made, in the order of the seed.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Seeded {
    users: Vec<String>,
    feed_items: Vec<String>,
    messages: Vec<String>,
    schedules: Vec<String>,
    guides: Vec<String>,
}

impl World {
    /// Adds what the seed describes, filling in what it leaves out. A seed that is wrong adds nothing.
    ///
    /// Users that only items reference are created, since everything must belong to someone.
    pub fn seed(&mut self, seed: Value, now: DateTime<Utc>) -> Result<Value, ApiError> {
        let errors = check(&seeds::SEED, &seed);
        if !errors.is_empty() {
            return Err(ApiError::invalid(errors));
        }
        let Value::Object(mut seed) = seed else {
            return Ok(Value::Null);
        };
        let mut list = |name: &str| match seed.remove(name) {
            Some(Value::Array(items)) => items.into_iter().filter_map(into_object).collect(),
            _ => Vec::new(),
        };
        let mut seeded = Seeded::default();
        for user in list("users") {
            seeded.users.push(self.seed_user(user, now));
        }
        list("channels")
            .into_iter()
            .for_each(|channel| self.seed_channel(channel, now));
        for mut tenant in list("tenants") {
            let defaults = tenant
                .remove("preferences")
                .and_then(into_object)
                .unwrap_or_default();
            let id = text(&tenant, "id").unwrap_or_default().to_owned();
            self.environment.tenant_preferences.insert(id, defaults);
        }
        for item in list("feed_items") {
            seeded.feed_items.push(self.seed_feed_item(item, now));
        }
        for message in list("messages") {
            seeded.messages.push(self.seed_message(message, now));
        }
        for schedule in list("schedules") {
            seeded.schedules.push(self.seed_schedule(schedule, now));
        }
        list("subscriptions")
            .into_iter()
            .for_each(|s| self.seed_subscription(s, now));
        for guide in list("guides") {
            seeded.guides.push(self.seed_guide(guide, now));
        }
        self.guides.groups.extend(
            list("guide_groups")
                .into_iter()
                .map(|group| guide_group(group, now)),
        );
        for (name, target) in [
            ("preferences", &mut self.environment.preferences),
            ("vars", &mut self.environment.vars),
            ("preference_center", &mut self.environment.preference_center),
        ] {
            if let Some(Value::Object(given)) = seed.remove(name) {
                deep_merge(target, given);
            }
        }
        Ok(json!(seeded))
    }

    fn seed_user(&mut self, user: Object, now: DateTime<Utc>) -> String {
        let id = text(&user, "id").unwrap_or_default().to_owned();
        // Only the limit on properties can refuse, and a seed has none.
        let _ = self.users.identify(&id, user, now, usize::MAX);
        id
    }

    fn seed_channel(&mut self, mut channel: Object, now: DateTime<Utc>) {
        let Some(id) = uuid(&channel, "id") else {
            return;
        };
        if let Some(Value::Bool(required)) = channel.remove("branding_required") {
            let features = Object::from_iter([("branding_required".to_owned(), required.into())]);
            self.environment.feed_features.insert(id, features);
        }
        let channel = with_defaults(
            channel,
            json!({"key": null, "name": null, "created_at": micros(now), "updated_at": micros(now)}),
        );
        self.environment.channels.insert(id, channel);
    }

    fn seed_feed_item(&mut self, mut item: Object, now: DateTime<Utc>) -> String {
        let user_id = self.owner(&mut item, now);
        let channel = uuid(&item, "channel_id").unwrap_or_default();
        item.remove("channel_id");
        let time = time_of(&mut item, now);
        let actors = item.get("actors").cloned().unwrap_or_else(|| json!([]));
        let data = item.get("data").cloned().unwrap_or_default();
        let activity = json!({
            "__typename": "Activity", "id": ids::base62(time), "actor": actors.get(0), "recipient": user_id,
            "data": data, "inserted_at": micros(time), "updated_at": micros(time),
        });
        let item = with_defaults(item, json!({"activities": [activity], "actors": actors}));
        let count = |key| item.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        let defaults = json!({
            "__typename": "FeedItem",
            "id": ids::base62(time),
            "tenant": null,
            "data": {},
            "blocks": [{"type": "markdown", "name": "body", "content": "Hello", "rendered": "<p>Hello</p>"}],
            "total_activities": count("activities"),
            "total_actors": count("actors"),
            "seen_at": null, "read_at": null, "interacted_at": null,
            "link_clicked_at": null, "clicked_at": null, "archived_at": null,
        });
        let mut shown = with_defaults(item, defaults);
        fill_source(&mut shown, json!({"__typename": "Workflow"}));
        let id = text(&shown, "id").unwrap_or_default().to_owned();
        self.feed_items
            .add(&user_id, time, FeedItem { channel, shown });
        id
    }

    fn seed_message(&mut self, mut message: Object, now: DateTime<Utc>) -> String {
        let user_id = self.owner(&mut message, now);
        let time = time_of(&mut message, now);
        let channel = uuid(&message, "channel_id").unwrap_or_default();
        if let Some(channel) = self.environment.channel_in_full(&channel) {
            message.entry("channel").or_insert(channel.into());
        }
        // Statuses without times get the time of the message; times without statuses get theirs.
        if let Some(Value::Array(statuses)) = message.get("engagement_statuses").cloned() {
            for (status, key) in ENGAGEMENTS {
                if statuses.iter().any(|s| s == status) {
                    message.entry(key).or_insert_with(|| micros(time));
                }
            }
        }
        update_engagement(&mut message);
        let defaults = json!({
            "__typename": "Message",
            "id": ids::base62(time),
            "recipient": user_id,
            "status": "delivered",
            "actors": [],
            "tenant": null,
            "data": {},
            "metadata": null,
            "seen_at": null, "read_at": null, "interacted_at": null,
            "link_clicked_at": null, "clicked_at": null, "archived_at": null, "scheduled_at": null,
        });
        let mut message = with_defaults(message, defaults);
        let source =
            json!({"__typename": "NotificationSource", "type": "workflow", "step_ref": null});
        fill_source(&mut message, source);
        let workflow = message.get("source").map(|source| source["key"].clone());
        message
            .entry("workflow")
            .or_insert(workflow.unwrap_or_default());
        let id = text(&message, "id").unwrap_or_default().to_owned();
        self.messages.add(&user_id, time, message);
        id
    }

    fn seed_schedule(&mut self, mut schedule: Object, now: DateTime<Utc>) -> String {
        let user_id = self.owner(&mut schedule, now);
        let time = time_of(&mut schedule, now);
        let mut schedule = with_defaults(
            schedule,
            json!({
                "__typename": "Schedule", "id": Uuid::new_v4(), "recipient": user_id, "repeats": [], "actor": null,
                "data": null, "tenant": null, "last_occurrence_at": null, "next_occurrence_at": null,
            }),
        );
        for repeat in schedule
            .get_mut("repeats")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let rule = repeat.as_object().cloned().unwrap_or_default();
            let defaults = json!({
                "__typename": "ScheduleRepeat", "interval": 1, "days": null, "day_of_month": null,
                "hours": null, "minutes": null,
            });
            *repeat = with_defaults(rule, defaults).into();
        }
        let id = text(&schedule, "id").unwrap_or_default().to_owned();
        self.schedules.add(&user_id, time, schedule);
        id
    }

    fn seed_subscription(&mut self, mut subscription: Object, now: DateTime<Utc>) {
        let user_id = self.owner(&mut subscription, now);
        let time = time_of(&mut subscription, now);
        let defaults =
            json!({"__typename": "Subscription", "recipient": user_id, "properties": null});
        let mut subscription = with_defaults(subscription, defaults);
        if let Some(object) = subscription.remove("object").and_then(into_object) {
            let defaults = json!({
                "__typename": "Object", "properties": {}, "created_at": null, "updated_at": micros(time),
            });
            subscription.insert("object".into(), with_defaults(object, defaults).into());
        }
        self.subscriptions.add(&user_id, time, subscription);
    }

    fn seed_guide(&mut self, mut guide: Object, now: DateTime<Utc>) -> String {
        time_of(&mut guide, now);
        let key = text(&guide, "key").unwrap_or_default().to_owned();
        let audience = match guide.remove("audience") {
            Some(Value::Array(users)) => Some(
                users
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            ),
            _ => None,
        };
        let conditions = match guide.remove("conditions") {
            Some(Value::Array(conditions)) => conditions,
            _ => Vec::new(),
        };
        let per_tenant = guide.remove("per_tenant") == Some(Value::Bool(true));
        let mut shown = with_defaults(
            guide,
            json!({
                "__typename": "Guide", "id": Uuid::new_v4(), "type": "card", "semver": "0.0.1", "active": true,
                "bypass_global_group_limit": false, "activation_url_rules": [], "activation_url_patterns": [],
                "dashboard_url": format!("https://dashboard.knock.app/~/guides/{key}"),
                "steps": [{"ref": "step_1"}],
            }),
        );
        let kind = shown.get("type").cloned().unwrap_or_default();
        for step in shown
            .get_mut("steps")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let given = step.as_object().cloned().unwrap_or_default();
            let defaults = json!({
                "schema_key": kind, "schema_semver": "0.0.1", "schema_variant_key": "default", "content": {},
            });
            *step = with_defaults(given, defaults).into();
        }
        let id = text(&shown, "id").unwrap_or_default().to_owned();
        self.guides.add(Guide {
            channel: uuid(&shown, "channel_id").unwrap_or_default(),
            key,
            shown,
            audience,
            conditions,
            per_tenant,
        });
        id
    }

    /// The user a thing belongs to, taken out of it.
    fn owner(&mut self, thing: &mut Object, now: DateTime<Utc>) -> String {
        let id = match thing.remove("user_id") {
            Some(Value::String(id)) => id,
            _ => String::new(),
        };
        self.users.entry(&id, now);
        id
    }
}

fn guide_group(group: Object, now: DateTime<Utc>) -> Object {
    let mut group = with_defaults(
        group,
        json!({"__typename": "GuideGroup", "display_sequence": [], "display_interval": 0}),
    );
    time_of(&mut group, now);
    group
}

fn into_object(value: Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn uuid(thing: &Object, key: &str) -> Option<Uuid> {
    Uuid::try_parse(text(thing, key)?).ok()
}

fn with_defaults(thing: Object, defaults: Value) -> Object {
    let mut full = into_object(defaults).unwrap_or_default();
    full.extend(thing);
    full
}

/// When a thing was made, now if it does not say; both of its times are filled in.
fn time_of(thing: &mut Object, now: DateTime<Utc>) -> DateTime<Utc> {
    let given =
        text(thing, "inserted_at").and_then(|given| DateTime::parse_from_rfc3339(given).ok());
    let time = given.map_or(now, |given| given.to_utc());
    let inserted = thing
        .entry("inserted_at")
        .or_insert_with(|| micros(time))
        .clone();
    thing.entry("updated_at").or_insert(inserted);
    time
}

/// A source named by its key alone is that workflow.
fn fill_source(thing: &mut Object, defaults: Value) {
    let given = match thing.remove("source") {
        Some(Value::Object(source)) => source,
        Some(key @ Value::String(_)) => Object::from_iter([("key".to_owned(), key)]),
        _ => Object::new(),
    };
    let common = json!({"key": "welcome", "categories": [], "version_id": Uuid::new_v4()});
    let source = with_defaults(
        given,
        with_defaults(into_object(defaults).unwrap_or_default(), common).into(),
    );
    thing.insert("source".into(), source.into());
}
