//! Which types each operation sends and receives.

use knock::model::schema::{Describe, Type};
use knock::types::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A type, by what the tests do with it.
pub struct Body {
    pub ty: Type,
    /// Reads JSON text and gives the JSON written again, with the value as `Debug` shows it.
    pub round_trip: fn(&str) -> serde_json::Result<(Value, String)>,
}

/// The types of an operation.
pub struct Row {
    pub operation: &'static str,
    pub request: Option<Body>,
    pub response: Option<Body>,
}

fn body<T: Describe + DeserializeOwned + Serialize + std::fmt::Debug>() -> Option<Body> {
    Some(Body {
        ty: T::TYPE,
        round_trip: |json| {
            let value: T = serde_json::from_str(json)?;
            Ok((serde_json::to_value(&value)?, format!("{value:?}")))
        },
    })
}

macro_rules! table {
    ($($operation:literal: $($request:ty)? => $($response:ty)?;)+) => {
        vec![$(
            Row {
                operation: $operation,
                request: None$(.or(body::<$request>()))?,
                response: None$(.or(body::<$response>()))?,
            }
        ),+]
    };
}

/// Every operation.
pub fn rows() -> Vec<Row> {
    table! {
        "listUsers": => ListUsersResponse;
        "getUser": => User;
        "identifyUser": IdentifyUserRequest => User;
        "deleteUser": =>;
        "mergeUser": MergeUserRequest => User;
        "listMessagesForUser": => ListMessagesResponse;
        "listUserSchedules": => ListSchedulesResponse;
        "listSubscriptionsForUser": => ListSubscriptionsResponse;
        "getUserChannelData": => ChannelData;
        "setUserChannelData": ChannelDataRequest => ChannelData;
        "unsetUserChannelData": =>;
        "listUserPreferenceSets": => Vec<PreferenceSet>;
        "getUserPreferenceSet": => PreferenceSet;
        "updateUserPreferenceSet": PreferenceSetRequest => PreferenceSet;
        "deleteUserPreferenceSet": =>;
        "updateUserPreferenceWorkflows": => PreferenceSet;
        "updateUserPreferenceWorkflow": => PreferenceSet;
        "updateUserPreferenceCategories": => PreferenceSet;
        "updateUserPreferenceCategory": => PreferenceSet;
        "updateUserPreferenceChannelTypes": => PreferenceSet;
        "updateUserPreferenceChannelType": => PreferenceSet;
        "listUserInAppFeedItems": => UserInAppFeedResponse;
        "getUserInAppFeedSettings": => UserInAppFeedSettingsResponse;
        "listUserGuides": => GuidesResponse;
        "markUserGuideAsSeen": GuideActionRequest => GuideActionResponse;
        "markUserGuideAsSeen (2)": GuideActionRequest => GuideActionResponse;
        "markUserGuideAsInteracted": GuideActionRequest => GuideActionResponse;
        "markUserGuideAsInteracted (2)": GuideActionRequest => GuideActionResponse;
        "markUserGuideAsArchived": GuideActionRequest => GuideActionResponse;
        "markUserGuideAsArchived (2)": GuideActionRequest => GuideActionResponse;
        "markUserGuideAsUnarchived": GuideActionRequest => GuideActionResponse;
        "resetUserGuideEngagement": GuideActionRequest => GuideActionResponse;
        "bulkIdentifyUsers": BulkIdentifyUsersRequest => BulkOperation;
        "bulkSetUserPreferences": BulkSetUserPreferencesRequest => BulkOperation;
        "bulkDeleteUsers": BulkDeleteUsersRequest => BulkOperation;
        "getPreferenceCenterConfig": => PreferenceCenterConfig;
        "generatePreferenceCenterSignedUrl": => PreferenceCenterSignedUrlResponse;
        "getBulkOperation": => BulkOperation;
    }
}

/// The row of an operation.
pub fn row(operation: &str) -> Row {
    rows()
        .into_iter()
        .find(|row| row.operation == operation)
        .unwrap_or_else(|| panic!("no types for {operation}"))
}
