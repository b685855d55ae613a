//! Preference sets: replacing, merging, and the deprecated ways to set parts.

mod support;

use knock_sandbox::Sandbox;
use serde_json::json;
use support::Client;

const SET: &str = "/v1/users/jane/preferences/default";

#[test]
fn setting_replaces_unless_asked_to_merge() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let set = client
        .put(
            SET,
            json!({"workflows": {"a": false, "b": {"channel_types": {"email": false}}}}),
        )
        .expect(200);
    assert_eq!(set["id"], "default");
    assert_eq!(
        set["categories"],
        json!(null),
        "unset sections read as null"
    );
    assert_eq!(
        client.get("/v1/users/jane").status,
        200,
        "the user came to be"
    );

    let merged = client
        .put(
            SET,
            json!({"__persistence_strategy__": "merge",
                   "workflows": {"b": {"channel_types": {"sms": true}}}, "channel_types": {"push": false}}),
        )
        .expect(200);
    assert_eq!(
        merged["workflows"],
        json!({"a": false, "b": {"channel_types": {"email": false, "sms": true}}})
    );
    assert_eq!(merged["channel_types"], json!({"push": false}));
    assert_eq!(merged.get("__persistence_strategy__"), None);

    let replaced = client
        .put(SET, json!({"categories": {"marketing": false}}))
        .expect(200);
    assert_eq!(replaced["workflows"], json!(null));
    assert_eq!(client.get(SET).expect(200), replaced);
}

#[test]
fn missing_sets_read_as_empty_and_deleting_them_is_fine() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let set = client.get("/v1/users/nobody/preferences/acme").expect(200);
    assert_eq!(
        (&set["id"], &set["workflows"]),
        (&json!("acme"), &json!(null))
    );
    assert_eq!(
        client.get("/v1/users/nobody/preferences").expect(200),
        json!([])
    );
    client.delete(SET).expect(204);
    client.put(SET, json!({})).expect(200);
    client
        .put("/v1/users/jane/preferences/acme", json!({}))
        .expect(200);
    let sets = client.get("/v1/users/jane/preferences").expect(200);
    let ids: Vec<_> = sets.as_array().unwrap().iter().map(|s| &s["id"]).collect();
    assert_eq!(ids, ["acme", "default"]);
    client.delete(SET).expect(204);
    let sets = client.get("/v1/users/jane/preferences").expect(200);
    assert_eq!(sets.as_array().unwrap().len(), 1);
}

#[test]
fn parts_can_be_set_the_deprecated_way() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let at = |part: &str| format!("{SET}/{part}");
    client
        .put(&at("workflows"), json!({"a": true, "b": false}))
        .expect(200);
    client
        .put(&at("workflows/c"), json!({"subscribed": false}))
        .expect(200);
    client
        .put(
            &at("workflows/a"),
            json!({"channel_types": {"email": false}}),
        )
        .expect(200);
    client
        .put(&at("categories"), json!({"news": true}))
        .expect(200);
    client
        .put(&at("categories/ads"), json!({"subscribed": false}))
        .expect(200);
    client
        .put(&at("channel_types"), json!({"sms": false}))
        .expect(200);
    let set = client
        .put(&at("channel_types/email"), json!({"subscribed": true}))
        .expect(200);
    assert_eq!(
        set["workflows"],
        json!({"a": {"channel_types": {"email": false}}, "b": false, "c": false})
    );
    assert_eq!(set["categories"], json!({"news": true, "ads": false}));
    assert_eq!(set["channel_types"], json!({"sms": false, "email": true}));
    let set = client.put(&at("workflows"), json!({"z": true})).expect(200);
    assert_eq!(
        set["workflows"],
        json!({"z": true}),
        "a section replaces the one before"
    );

    let fax = client.put(&at("channel_types/fax"), json!({"subscribed": true}));
    assert_eq!(fax.invalid_fields(), ["type"]);
    let empty = client.put(&at("channel_types/email"), json!({}));
    assert_eq!(empty.invalid_fields(), ["subscribed"]);
}

#[test]
fn wrong_sets_are_refused() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let answer = client.put(
        SET,
        json!({"__persistence_strategy__": "both", "workflows": {"w": 1},
               "channel_types": {"email": {"conditions": [{"variable": "x", "operator": "is", "argument": null}]}},
               "commercial_subscribed": "yes"}),
    );
    assert_eq!(
        answer.invalid_fields(),
        [
            "__persistence_strategy__",
            "workflows.w",
            "channel_types.email.conditions[0].operator",
            "commercial_subscribed"
        ]
    );
    let condition = json!({"conditions": [{"variable": "recipient.plan", "operator": "equal_to", "argument": "pro"}]});
    let kept = client
        .put(SET, json!({"commercial_subscribed": condition}))
        .expect(200);
    assert_eq!(kept["commercial_subscribed"], condition);
}
