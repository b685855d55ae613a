//! An example of a request for each operation, for documentation and tests. The sandbox's demo
//! world has what they name.

use knock::Operation;
use serde_json::{Map, Value, json};

const FEED: &str = "f1000000-0000-4000-8000-000000000001";
const PUSH: &str = "f1000000-0000-4000-8000-000000000003";
const GUIDES: &str = "f1000000-0000-4000-8000-000000000005";

/// A request that the operation accepts.
pub fn request(operation: &Operation) -> Value {
    let mut request = Map::new();
    for name in operation.path_parameters() {
        request.insert(name.into(), path_parameter(operation, name).into());
    }
    if let Some(body) = operation.body {
        request.insert("body".into(), self::body(operation, body));
    }
    Value::Object(request)
}

fn path_parameter(operation: &Operation, name: &str) -> &'static str {
    match name {
        "user_id" if operation.name == "users.delete" => "ian",
        "user_id" => "jane",
        "channel_id" if operation.name.contains("guides") => GUIDES,
        "channel_id" => PUSH,
        "id" if operation.name.contains("preferences") => "default",
        "id" if operation.name.contains("feeds") => FEED,
        "id" => "8d0e2f3c-64d5-4c9e-8c60-0c2a5f1d7b1e",
        "message_id" => "2w3YUpTTOxuDvZFji8OMsKrG176",
        "key" if operation.name.contains("category") => "marketing",
        "key" => "weekly-digest",
        "type" => "email",
        _ => panic!(
            "the path parameter {name} of {} has no example",
            operation.name
        ),
    }
}

fn body(operation: &Operation, name: &str) -> Value {
    match name {
        "IdentifyUserRequest" => json!({"email": "jane@ingen.net", "plan": "pro"}),
        "MergeUserRequest" => json!({"from_user_id": "jane-old"}),
        "ChannelDataRequest" => json!({"data": {"tokens": ["device-1"]}}),
        "PreferenceSetRequest" => json!({"channel_types": {"email": false}}),
        "PreferenceSetWorkflows" if operation.name.contains("categories") => {
            json!({"marketing": false})
        }
        "PreferenceSetWorkflows" => json!({"weekly-digest": false}),
        "PreferenceSetChannelTypes" => json!({"email": true, "sms": false}),
        "PreferenceSettingRequest" if operation.name.contains("channel_type") => {
            json!({"subscribed": false})
        }
        "PreferenceSettingRequest" => json!({"channel_types": {"email": false}}),
        "GuideActionRequest" => guide_action(operation),
        "BulkIdentifyUsersRequest" => json!({"users": [{"id": "jane", "plan": "pro"}]}),
        "BulkDeleteUsersRequest" => json!({"user_ids": ["alan"]}),
        "BulkSetUserPreferencesRequest" => json!({
            "user_ids": ["jane"],
            "preferences": {"channel_types": {"email": false}},
        }),
        _ => panic!("the body {name} has no example"),
    }
}

fn guide_action(operation: &Operation) -> Value {
    let mut action = json!({
        "channel_id": GUIDES,
        "guide_key": "welcome-banner",
        "guide_id": "f6000000-0000-4000-8000-000000000001",
        "guide_step_ref": "step_1",
    });
    if operation.name.contains("seen") {
        action["content"] = json!({"title": "Welcome"});
    }
    action
}

/// Text as a literal of C.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
