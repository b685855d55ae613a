//! The operations: one row each, and the way from a request to its row.

mod bulk;
mod call;
mod channel_data;
mod feeds;
mod guides;
mod messages;
mod preference_center;
mod preferences;
mod schedules;
mod subscriptions;
mod users;

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;

pub(crate) use call::{Call, Outcome, PathParams};

use crate::errors::ApiError;
use crate::rate_limits::Tier;

/// An operation of the API.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with parameters in braces.
    pub path: &'static str,
    /// Its name in Knock's API description.
    pub id: &'static str,
    /// Its rate limit.
    pub tier: Tier,
    /// Whether a public key with a user token may call it.
    pub public: bool,
    handler: fn(&mut Call<'_>) -> Outcome,
}

const SECRET: bool = false;
const PUBLIC: bool = true;

const fn row(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tier: Tier,
    public: bool,
    handler: fn(&mut Call<'_>) -> Outcome,
) -> Operation {
    Operation {
        method,
        path,
        id,
        tier,
        public,
        handler,
    }
}

/// Every operation that the sandbox answers.
#[rustfmt::skip]
pub static OPERATIONS: &[Operation] = &[
    row("GET", "/v1/users", "listUsers", Tier::Four, SECRET, users::list),
    row("GET", "/v1/users/{user_id}", "getUser", Tier::Four, PUBLIC, users::get),
    row("PUT", "/v1/users/{user_id}", "identifyUser", Tier::Three, PUBLIC, users::identify),
    row("DELETE", "/v1/users/{user_id}", "deleteUser", Tier::Two, SECRET, users::delete),
    row("POST", "/v1/users/{user_id}/merge", "mergeUser", Tier::Two, SECRET, users::merge),
    row("GET", "/v1/users/{user_id}/messages", "listMessagesForUser", Tier::Four, SECRET, messages::list),
    row("GET", "/v1/users/{user_id}/schedules", "listUserSchedules", Tier::Four, SECRET, schedules::list),
    row("GET", "/v1/users/{user_id}/subscriptions", "listSubscriptionsForUser", Tier::Four, SECRET, subscriptions::list),
    row("GET", "/v1/users/{user_id}/channel_data/{channel_id}", "getUserChannelData", Tier::Four, PUBLIC, channel_data::get),
    row("PUT", "/v1/users/{user_id}/channel_data/{channel_id}", "setUserChannelData", Tier::Three, PUBLIC, channel_data::set),
    row("DELETE", "/v1/users/{user_id}/channel_data/{channel_id}", "unsetUserChannelData", Tier::Three, PUBLIC, channel_data::unset),
    row("GET", "/v1/users/{user_id}/preferences", "listUserPreferenceSets", Tier::Four, PUBLIC, preferences::list),
    row("GET", "/v1/users/{user_id}/preferences/{id}", "getUserPreferenceSet", Tier::Four, PUBLIC, preferences::get),
    row("PUT", "/v1/users/{user_id}/preferences/{id}", "updateUserPreferenceSet", Tier::Three, PUBLIC, preferences::set),
    row("DELETE", "/v1/users/{user_id}/preferences/{id}", "deleteUserPreferenceSet", Tier::Three, SECRET, preferences::unset),
    row("PUT", "/v1/users/{user_id}/preferences/{id}/workflows", "updateUserPreferenceWorkflows", Tier::Three, SECRET, preferences::set_workflows),
    row("PUT", "/v1/users/{user_id}/preferences/{id}/workflows/{key}", "updateUserPreferenceWorkflow", Tier::Three, SECRET, preferences::set_workflow),
    row("PUT", "/v1/users/{user_id}/preferences/{id}/categories", "updateUserPreferenceCategories", Tier::Three, SECRET, preferences::set_categories),
    row("PUT", "/v1/users/{user_id}/preferences/{id}/categories/{key}", "updateUserPreferenceCategory", Tier::Three, SECRET, preferences::set_category),
    row("PUT", "/v1/users/{user_id}/preferences/{id}/channel_types", "updateUserPreferenceChannelTypes", Tier::Three, SECRET, preferences::set_channel_types),
    row("PUT", "/v1/users/{user_id}/preferences/{id}/channel_types/{type}", "updateUserPreferenceChannelType", Tier::Three, SECRET, preferences::set_channel_type),
    row("GET", "/v1/users/{user_id}/feeds/{id}", "listUserInAppFeedItems", Tier::Two, PUBLIC, feeds::list_items),
    row("GET", "/v1/users/{user_id}/feeds/{id}/settings", "getUserInAppFeedSettings", Tier::Four, PUBLIC, feeds::get_settings),
    row("GET", "/v1/users/{user_id}/guides/{channel_id}", "listUserGuides", Tier::Two, PUBLIC, guides::get_channel),
    row("PUT", "/v1/users/{user_id}/guides/messages/seen", "markUserGuideAsSeen (2)", Tier::Two, PUBLIC, guides::mark_seen),
    row("PUT", "/v1/users/{user_id}/guides/messages/interacted", "markUserGuideAsInteracted (2)", Tier::Two, PUBLIC, guides::mark_interacted),
    row("PUT", "/v1/users/{user_id}/guides/messages/archived", "markUserGuideAsArchived (2)", Tier::Two, PUBLIC, guides::mark_archived),
    row("DELETE", "/v1/users/{user_id}/guides/messages/archived", "markUserGuideAsUnarchived", Tier::Two, PUBLIC, guides::unarchive),
    row("PUT", "/v1/users/{user_id}/guides/engagements/reset", "resetUserGuideEngagement", Tier::Two, PUBLIC, guides::reset),
    row("PUT", "/v1/users/{user_id}/guides/messages/{message_id}/seen", "markUserGuideAsSeen", Tier::Two, PUBLIC, guides::mark_seen),
    row("PUT", "/v1/users/{user_id}/guides/messages/{message_id}/interacted", "markUserGuideAsInteracted", Tier::Two, PUBLIC, guides::mark_interacted),
    row("PUT", "/v1/users/{user_id}/guides/messages/{message_id}/archived", "markUserGuideAsArchived", Tier::Two, PUBLIC, guides::mark_archived),
    row("GET", "/v1/users/{user_id}/preference_center/config", "getPreferenceCenterConfig", Tier::Four, PUBLIC, preference_center::get_config),
    row("POST", "/v1/users/{user_id}/preference_center/signed_url", "generatePreferenceCenterSignedUrl", Tier::Three, SECRET, preference_center::generate_signed_url),
    row("POST", "/v1/users/bulk/identify", "bulkIdentifyUsers", Tier::One, SECRET, bulk::identify),
    row("POST", "/v1/users/bulk/preferences", "bulkSetUserPreferences", Tier::One, SECRET, bulk::set_preferences),
    row("POST", "/v1/users/bulk/delete", "bulkDeleteUsers", Tier::One, SECRET, bulk::delete),
    row("GET", "/v1/bulk_operations/{id}", "getBulkOperation", Tier::Four, SECRET, bulk::get_operation),
];

enum Segment {
    Fixed(&'static str),
    Param(&'static str),
}

static TEMPLATES: LazyLock<Vec<Vec<Segment>>> = LazyLock::new(|| {
    let segment =
        |text: &'static str| match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            Some(name) => Segment::Param(name),
            None => Segment::Fixed(text),
        };
    let template = |operation: &Operation| operation.path[1..].split('/').map(segment).collect();
    OPERATIONS.iter().map(template).collect()
});

/// The operation a request is for, with the parameters in its path.
pub(crate) fn find<'a>(
    method: &str,
    path: &'a str,
) -> Result<(&'static Operation, PathParams<'a>), ApiError> {
    let nothing = || ApiError::no_such_route(method, path);
    let segments: Vec<&str> = path
        .strip_prefix('/')
        .ok_or_else(nothing)?
        .split('/')
        .collect();
    let fits = |template: &[Segment]| {
        template.len() == segments.len()
            && template
                .iter()
                .zip(&segments)
                .all(|(expected, given)| match expected {
                    Segment::Fixed(text) => text == given,
                    Segment::Param(_) => !given.is_empty(),
                })
    };
    let (operation, template) = OPERATIONS
        .iter()
        .zip(TEMPLATES.iter())
        .find(|(operation, template)| operation.method == method && fits(template))
        .ok_or_else(nothing)?;
    let mut params = PathParams::default();
    for (expected, given) in template.iter().zip(segments) {
        if let Segment::Param(name) = expected {
            params.0.push((name, decode(given)?));
        }
    }
    Ok((operation, params))
}

fn decode(segment: &str) -> Result<Cow<'_, str>, ApiError> {
    percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| ApiError::bad_request("the path is not valid UTF-8"))
}

impl Operation {
    /// Feeds have a bucket for each user, whoever asks.
    pub(crate) fn limited_by_user(&self) -> bool {
        self.id == "listUserInAppFeedItems"
    }

    pub(crate) fn handle(&self, call: &mut Call<'_>) -> Outcome {
        (self.handler)(call)
    }
}
