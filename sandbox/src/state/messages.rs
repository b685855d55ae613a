//! Messages sent to users.

use serde_json::{Value, json};

use super::World;
use super::json::Object;
use super::matching::{
    categories_pass, is_set, source_passes, tenant_passes, text, time_passes, trigger_data_passes,
};
use crate::paging::Cursor;
use crate::validate::TimeRange;

/// What can be done with a message: the status, and the time it is seen by.
pub(crate) const ENGAGEMENTS: [(&str, &str); 5] = [
    ("seen", "seen_at"),
    ("read", "read_at"),
    ("interacted", "interacted_at"),
    ("link_clicked", "link_clicked_at"),
    ("archived", "archived_at"),
];

/// Which messages a listing shows.
pub(crate) struct MessageFilter<'a> {
    pub tenant: Option<&'a str>,
    pub channel_id: Option<&'a str>,
    pub status: Option<Vec<&'a str>>,
    pub engagement_status: Option<Vec<&'a str>>,
    pub message_ids: Option<Vec<&'a str>>,
    pub categories: Option<Vec<&'a str>>,
    pub source: Option<&'a str>,
    pub workflow_run_id: Option<String>,
    pub workflow_recipient_run_id: Option<String>,
    pub trigger_data: Option<Object>,
    pub inserted_at: TimeRange,
}

impl MessageFilter<'_> {
    fn passes(&self, message: &Object) -> bool {
        let one_of = |key, wanted: &Option<Vec<&str>>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| text(message, key).is_some_and(|own| wanted.contains(&own)))
        };
        let run = |key, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| {
                message.get("source").is_some_and(|source| {
                    source[key]
                        .as_str()
                        .is_some_and(|own| own.eq_ignore_ascii_case(wanted))
                })
            })
        };
        let engagement = self.engagement_status.as_ref();
        tenant_passes(message, self.tenant, None)
            && self
                .channel_id
                .is_none_or(|wanted| text(message, "channel_id") == Some(wanted))
            && one_of("status", &self.status)
            && one_of("id", &self.message_ids)
            && engagement.is_none_or(|wanted| wanted.iter().any(|status| engaged(message, status)))
            && categories_pass(message, self.categories.as_deref())
            && source_passes(message, self.source)
            && run("workflow_run_id", &self.workflow_run_id)
            && run("workflow_recipient_run_id", &self.workflow_recipient_run_id)
            && trigger_data_passes(message, self.trigger_data.as_ref())
    }
}

/// Whether a message has an engagement status, or lacks the one that `un…` names.
fn engaged(message: &Object, status: &str) -> bool {
    let has = |status: &str| {
        let statuses = message.get("engagement_statuses").and_then(Value::as_array);
        statuses.is_some_and(|own| own.iter().any(|s| s == status))
    };
    match status.strip_prefix("un") {
        Some(lacking) => !has(lacking),
        None => has(status),
    }
}

/// Derives the engagement statuses of a message from its times.
pub(crate) fn update_engagement(message: &mut Object) {
    let statuses: Vec<&str> = ENGAGEMENTS
        .iter()
        .filter(|(_, key)| is_set(message, key))
        .map(|(status, _)| *status)
        .collect();
    message.insert("engagement_statuses".into(), json!(statuses));
}

impl World {
    /// A user's messages that pass, oldest first.
    pub fn messages_to(&self, user_id: &str, filter: &MessageFilter<'_>) -> Vec<(Cursor, &Object)> {
        let mut messages = self
            .messages
            .listing(user_id, |message| filter.passes(message));
        messages.retain(|(cursor, _)| time_passes(*cursor, &filter.inserted_at));
        messages
    }
}
