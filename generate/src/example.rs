//! An example of a request for each operation, for documentation and tests.

use knock::Operation;
use serde_json::{Map, Value, json};

/// A channel that exists in the examples.
pub const CHANNEL: &str = "5a88728a-3ecb-400d-ba6f-9c0956ab252f";

/// A request that the operation accepts.
pub fn request(operation: &Operation) -> Value {
    let mut request = Map::new();
    for name in operation.path_parameters() {
        request.insert(name.into(), path_parameter(operation, name).into());
    }
    if let Some(body) = operation.body {
        request.insert("body".into(), self::body(body));
    }
    Value::Object(request)
}

fn path_parameter(operation: &Operation, name: &str) -> &'static str {
    match name {
        "user_id" => "jane",
        "channel_id" => CHANNEL,
        "id" if operation.name.contains("preferences") => "default",
        "id" if operation.name.contains("feeds") => CHANNEL,
        "id" => "8d0e2f3c-64d5-4c9e-8c60-0c2a5f1d7b1e",
        "message_id" => "2w3YUpTTOxuDvZFji8OMsKrG176",
        "key" => "welcome",
        "type" => "email",
        _ => panic!(
            "the path parameter {name} of {} has no example",
            operation.name
        ),
    }
}

fn body(name: &str) -> Value {
    match name {
        "IdentifyUserRequest" => json!({"email": "jane@ingen.net", "plan": "pro"}),
        "MergeUserRequest" => json!({"from_user_id": "jane-old"}),
        "ChannelDataRequest" => json!({"data": {"tokens": ["device-1"]}}),
        "PreferenceSetRequest" => json!({"channel_types": {"email": false}}),
        "PreferenceSetWorkflows" => json!({"welcome": false}),
        "PreferenceSetChannelTypes" => json!({"email": true, "sms": false}),
        "PreferenceSettingRequest" => json!(false),
        "GuideActionRequest" => json!({
            "channel_id": CHANNEL,
            "guide_key": "tour",
            "guide_id": "b2f7e9a1-93a4-4b0e-9d5c-3a1f0c6d8e42",
            "guide_step_ref": "first",
        }),
        "BulkIdentifyUsersRequest" => json!({"users": [{"id": "jane", "plan": "pro"}]}),
        "BulkDeleteUsersRequest" => json!({"user_ids": ["jane"]}),
        "BulkSetUserPreferencesRequest" => json!({
            "user_ids": ["jane"],
            "preferences": {"channel_types": {"email": false}},
        }),
        _ => panic!("the body {name} has no example"),
    }
}
