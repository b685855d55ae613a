//! The sandbox against Knock's own descriptions of the API, which KNOCK_SPEC_DIR names the folder of.

mod support;

use std::path::PathBuf;

use knock_sandbox::{OPERATIONS, Operation};
use serde_json::{Value, json};
use support::Client;
use support::demo::{FEED, GUIDES, PUSH, WELCOME_BANNER};

/// The older and the newer description.
const FILES: [&str; 2] = ["knock-users.strict.yml", "knock.strict.yml"];

/// The descriptions' folder. Without it there is nothing to test, which only CI takes for a failure.
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("KNOCK_SPEC_DIR").map(PathBuf::from);
    if folder.is_none() {
        let wanted =
            std::env::var_os("CI").is_some() || std::env::var_os("KNOCK_SPEC_REQUIRED").is_some();
        assert!(
            !wanted,
            "KNOCK_SPEC_DIR must name the folder with {FILES:?}"
        );
        println!("skipped: KNOCK_SPEC_DIR is not set");
    }
    folder
}

fn descriptions() -> Vec<(&'static str, Value)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let read = |name| {
        let text =
            std::fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut description: Value =
            yaml_serde::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        nulls_as_types(&mut description);
        (name, description)
    };
    FILES.map(read).into()
}

/// Turns `nullable`, which JSON Schema does not know, into what it does.
fn nulls_as_types(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(nulls_as_types),
        Value::Object(map) => {
            map.values_mut().for_each(nulls_as_types);
            if map.remove("nullable") == Some(json!(true)) {
                let schema = std::mem::take(map);
                map.insert("anyOf".into(), json!([schema, {"type": "null"}]));
            }
        }
        _ => {}
    }
}

/// Method, path and description of the operations that the sandbox is to know.
fn operations(description: &Value) -> Vec<(String, String, &Value)> {
    let ours =
        |path: &str| path.starts_with("/v1/users") || path.starts_with("/v1/bulk_operations");
    let paths = description["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, methods) in paths.iter().filter(|(path, _)| ours(path)) {
        for (method, operation) in methods.as_object().expect("methods") {
            if operation.get("operationId").is_some() {
                found.push((method.to_uppercase(), path.clone(), operation));
            }
        }
    }
    found
}

#[test]
fn every_operation_described_is_routed() {
    for (file, description) in descriptions() {
        for (method, path, operation) in operations(&description) {
            let id = operation["operationId"].as_str().unwrap();
            let routed = OPERATIONS
                .iter()
                .find(|o| o.method == method && o.path == path)
                .unwrap_or_else(|| panic!("{file}: {method} {path} is not routed"));
            assert_eq!(routed.id, id, "{file}: {method} {path}");
            assert_eq!(
                json!(routed.tier.number()),
                operation["x-ratelimit-tier"],
                "{file}: {id}"
            );
        }
    }
}

#[test]
fn answers_of_the_demo_world_are_as_described() {
    let descriptions = descriptions();
    if descriptions.is_empty() {
        return;
    }
    let (_sandbox, client) = Client::demo();
    for operation in OPERATIONS {
        for (target, body) in calls(operation, &client) {
            let answer = client.call(operation.method, &target, body.as_ref());
            let expected = described_status(operation);
            let answered = answer.expect(expected);
            for (file, description) in &descriptions {
                match schema_of(description, operation, expected) {
                    Some(schema) => validate(file, operation.id, &schema, &answered),
                    None => assert!(
                        expected == 204 || only_in_the_newer(file, operation),
                        "{file}: {}",
                        operation.id
                    ),
                }
            }
        }
    }
}

fn described_status(operation: &Operation) -> u16 {
    match operation.id {
        "deleteUser" | "deleteUserPreferenceSet" | "unsetUserChannelData" => 204,
        _ => 200,
    }
}

fn only_in_the_newer(file: &str, operation: &Operation) -> bool {
    let newer = [
        "getPreferenceCenterConfig",
        "generatePreferenceCenterSignedUrl",
        "getBulkOperation",
    ];
    file == FILES[0] && newer.contains(&operation.id)
}

fn schema_of(description: &Value, operation: &Operation, status: u16) -> Option<Value> {
    let (_, _, described) = operations(description)
        .into_iter()
        .find(|(method, path, _)| *method == operation.method && *path == operation.path)?;
    let content = described["responses"]
        .get(status.to_string())?
        .get("content")?;
    let schema = content.get("application/json")?.get("schema")?;
    Some(json!({"allOf": [schema], "components": description["components"]}))
}

#[track_caller]
fn validate(file: &str, id: &str, schema: &Value, answer: &Value) {
    let validator =
        jsonschema::validator_for(schema).unwrap_or_else(|e| panic!("{file}: {id}: {e}"));
    let wrong: Vec<String> = validator
        .iter_errors(answer)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{file}: {id}: {wrong:#?}\n{answer:#}");
}

/// Calls of an operation that the demo world answers, with a rich answer where there is one.
fn calls(operation: &Operation, client: &Client) -> Vec<(String, Option<Value>)> {
    let fill = |path: &str| {
        path.replace("{user_id}", "jane")
            .replace(
                "{channel_id}",
                if path.contains("guides") {
                    GUIDES
                } else {
                    PUSH
                },
            )
            .replace("{message_id}", "DemoGuideMessage")
            .replace("{key}", "weekly-digest")
            .replace("{type}", "email")
    };
    let path = fill(operation.path);
    let path = match path.contains("/feeds/") {
        true => path.replace("{id}", FEED),
        false => path.replace("{id}", "default"),
    };
    let one = |body: Value| vec![(path.clone(), Some(body))];
    let guide = |more: Value| {
        let mut body = json!({"channel_id": GUIDES, "guide_id": WELCOME_BANNER,
                              "guide_key": "welcome-banner", "guide_step_ref": "step_1"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        // Each action on a fresh guide: the message that one form made is not the other's.
        client
            .put(
                "/v1/users/jane/guides/engagements/reset",
                json!({"guide_key": "welcome-banner"}),
            )
            .expect(200);
        one(body)
    };
    match operation.id {
        "deleteUser" => vec![("/v1/users/alan".to_owned(), None)],
        "identifyUser" => one(json!({"name": "Jane Doe", "created_at": "2024-05-22T12:00:00Z"})),
        "mergeUser" => one(json!({"from_user_id": "jane-old"})),
        "setUserChannelData" => [
            json!({"tokens": ["t"]}),
            json!({"devices": [{"token": "t", "locale": "en-US"}]}),
            json!({"target_arns": ["arn:aws:sns:us-west-2:1:endpoint/x"]}),
            json!({"player_ids": ["f7000000-0000-4000-8000-000000000001"]}),
            json!({"connections": [{"access_token": "x", "channel_id": "C1"}], "token": null}),
            json!({"connections": [{"incoming_webhook": {"url": "https://example.com"}}]}),
        ]
        .map(|data| (path.clone(), Some(json!({"data": data}))))
        .into(),
        "updateUserPreferenceSet" => one(json!({
            "workflows": {"a": false, "b": {"channel_types": {"email": true}}},
            "categories": {"c": {"conditions": [{"variable": "recipient.plan", "operator": "equal_to", "argument": "pro"}]}},
            "channel_types": {"sms": {"conditions": [{"variable": "data.x", "operator": "exists", "argument": null}]}},
            "channels": {PUSH: true},
            "commercial_subscribed": true,
        })),
        "updateUserPreferenceWorkflows" | "updateUserPreferenceCategories" => {
            one(json!({"weekly-digest": false}))
        }
        "updateUserPreferenceChannelTypes" => one(json!({"email": false})),
        id if id.starts_with("updateUserPreference") => one(json!({"subscribed": true})),
        "listUserInAppFeedItems" => vec![
            (path.clone(), None),
            (
                format!("{path}?page_size=200&archived=include&tenant=acme"),
                None,
            ),
        ],
        id if id.starts_with("markUserGuideAsSeen") => {
            guide(json!({"content": {"title": "Welcome"}}))
        }
        id if id.starts_with("markUserGuideAs") => guide(json!({})),
        "resetUserGuideEngagement" => one(json!({"guide_key": "welcome-banner"})),
        "bulkIdentifyUsers" => one(json!({"users": [{"id": "bulk-1", "plan": "pro"}]})),
        "bulkSetUserPreferences" => {
            one(json!({"user_ids": ["jane"], "preferences": {"workflows": {"a": true}}}))
        }
        "bulkDeleteUsers" => one(json!({"user_ids": ["bulk-1"]})),
        "getBulkOperation" => {
            let body = json!({"user_ids": ["nobody"]});
            let queued = client.post("/v1/users/bulk/delete", body).expect(200);
            let at = format!("/v1/bulk_operations/{}", queued["id"].as_str().unwrap());
            vec![(at.clone(), None), (at, None)]
        }
        _ => vec![(path, None)],
    }
}
