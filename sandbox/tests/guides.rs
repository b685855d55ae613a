//! Guides: who gets which, and what comes of engaging with them.

mod support;

use knock_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Client;
use support::demo::{GUIDES, PRO_TOUR, WELCOME_BANNER};

fn guides(client: &Client, user: &str, query: &str) -> Value {
    client
        .get(&format!("/v1/users/{user}/guides/{GUIDES}?{query}"))
        .expect(200)
}

fn keys(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|guide| guide["key"].as_str().unwrap())
        .collect()
}

fn action(more: Value) -> Value {
    let mut body = json!({"channel_id": GUIDES, "guide_id": WELCOME_BANNER,
                          "guide_key": "welcome-banner", "guide_step_ref": "step_1"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

#[test]
fn everyone_gets_the_guides_meant_for_them() {
    let (_sandbox, client) = Client::demo();
    let jane = guides(&client, "jane", "");
    assert_eq!(keys(&jane["entries"]), ["welcome-banner", "pro-tour"]);
    let reasons: Vec<_> = jane["ineligible_guides"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| &g["reason"])
        .collect();
    assert_eq!(reasons, ["not_in_target_audience", "guide_not_active"]);
    let ian = guides(&client, "ian", "");
    assert_eq!(keys(&ian["entries"]), ["welcome-banner"]);
    assert_eq!(
        ian["ineligible_guides"][0]["reason"],
        "target_conditions_not_met"
    );
    assert_eq!(
        keys(&guides(&client, "ellie", "type=card")["entries"]),
        ["admin-card"]
    );
}

#[test]
fn engagement_shows_in_the_guide_and_among_the_messages() {
    let (_sandbox, client) = Client::demo();
    let at = |what: &str| format!("/v1/users/ian/guides/messages/{what}");
    let seen = client.put(
        &at("seen"),
        action(json!({"content": {"title": "Hi"}, "data": {"a": 1}})),
    );
    assert_eq!(seen.expect(200), json!({"status": "ok"}));
    let message = guides(&client, "ian", "")["entries"][0]["steps"][0]["message"].clone();
    assert!(message["seen_at"].is_string() && message["read_at"].is_null());
    assert_eq!(message["id"].as_str().unwrap().len(), 27);

    client
        .put(
            &at("interacted"),
            action(json!({"metadata": {"button": 2}})),
        )
        .expect(200);
    let later = guides(&client, "ian", "")["entries"][0]["steps"][0]["message"].clone();
    assert!(later["interacted_at"].is_string() && later["read_at"].is_string());
    assert_eq!(
        (&later["id"], &later["seen_at"]),
        (&message["id"], &message["seen_at"])
    );

    let messages = client.get("/v1/users/ian/messages").expect(200);
    let listed = &messages["items"][0];
    assert_eq!(listed["id"], message["id"]);
    assert_eq!(
        listed["engagement_statuses"],
        json!(["seen", "read", "interacted"])
    );
    assert_eq!(
        (&listed["source"]["type"], &listed["data"]),
        (&json!("guide"), &json!({"a": 1}))
    );
    assert_eq!(listed["channel"]["type"], "in_app_guide");
}

#[test]
fn archived_guides_leave_and_can_come_back() {
    let (_sandbox, client) = Client::demo();
    let archived = "/v1/users/ian/guides/messages/archived";
    client.put(archived, action(json!({}))).expect(200);
    let after = guides(&client, "ian", "");
    assert_eq!(keys(&after["entries"]), [""; 0]);
    assert_eq!(
        after["ineligible_guides"][0]["reason"],
        "marked_as_archived"
    );
    assert!(after["guide_group_display_logs"]["default"].is_string());

    let alone = json!({"guide_key": "welcome-banner"});
    client.call("DELETE", archived, Some(&alone)).expect(200);
    let back = guides(&client, "ian", "");
    assert_eq!(keys(&back["entries"]), ["welcome-banner"]);
    assert!(back["entries"][0]["steps"][0]["message"]["id"].is_string());

    client
        .put("/v1/users/ian/guides/engagements/reset", alone)
        .expect(200);
    let fresh = guides(&client, "ian", "");
    assert!(fresh["entries"][0]["steps"][0]["message"]["id"].is_null());

    let unthrottled = action(json!({"unthrottled": true}));
    client
        .put("/v1/users/ellie/guides/messages/archived", unthrottled)
        .expect(200);
    assert_eq!(
        guides(&client, "ellie", "")["guide_group_display_logs"],
        json!({})
    );
}

#[test]
fn a_guide_of_many_steps_ends_with_the_final_one() {
    let (_sandbox, client) = Client::demo();
    let archive = |step: &str, is_final: bool| {
        let body = json!({"channel_id": GUIDES, "guide_id": PRO_TOUR, "guide_key": "pro-tour",
                          "guide_step_ref": step, "is_final": is_final});
        client
            .put("/v1/users/jane/guides/messages/archived", body)
            .expect(200);
    };
    archive("projects", false);
    assert_eq!(
        keys(&guides(&client, "jane", "type=tour")["entries"]),
        ["pro-tour"]
    );
    archive("people", true);
    assert_eq!(
        keys(&guides(&client, "jane", "type=tour")["entries"]),
        [""; 0]
    );
}

#[test]
fn the_older_form_names_the_message() {
    let (_sandbox, client) = Client::demo();
    let at = |id: &str, what: &str| format!("/v1/users/ian/guides/messages/{id}/{what}");
    client
        .put(&at("m1", "seen"), action(json!({"content": {}})))
        .expect(200);
    client
        .put(&at("m1", "interacted"), action(json!({})))
        .expect(200);
    client
        .put(&at("m1", "archived"), action(json!({})))
        .expect(200);
    assert_eq!(
        client.get("/v1/users/ian/messages").expect(200)["items"][0]["id"],
        "m1"
    );
    assert_eq!(
        client
            .put(&at("m2", "seen"), action(json!({"content": {}})))
            .status,
        404
    );
}

#[test]
fn tenants_can_have_engagements_of_their_own() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let seeded =
        sandbox.seed(json!({"guides": [{"key": "g", "channel_id": GUIDES, "per_tenant": true}]}));
    let body = json!({"channel_id": GUIDES, "guide_id": seeded["guides"][0], "guide_key": "g",
                      "guide_step_ref": "step_1", "tenant": "acme"});
    client
        .put("/v1/users/u/guides/messages/archived", body)
        .expect(200);
    assert_eq!(
        keys(&guides(&client, "u", "tenant=acme")["entries"]),
        [""; 0]
    );
    assert_eq!(
        keys(&guides(&client, "u", "tenant=globex")["entries"]),
        ["g"]
    );
    assert_eq!(keys(&guides(&client, "u", "")["entries"]), ["g"]);
}

#[test]
fn conditions_see_the_data_of_the_call() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let condition = json!({"variable": "data.page", "operator": "equal_to", "argument": "home"});
    sandbox
        .seed(json!({"guides": [{"key": "g", "channel_id": GUIDES, "conditions": [condition]}]}));
    assert_eq!(keys(&guides(&client, "u", "")["entries"]), [""; 0]);
    assert_eq!(
        keys(&guides(&client, "u", "data=%7B%22page%22%3A%22home%22%7D")["entries"]),
        ["g"]
    );
    let broken = client.get(&format!("/v1/users/u/guides/{GUIDES}?data=home"));
    assert_eq!(broken.invalid_fields(), ["data"]);
}

#[test]
fn groups_put_guides_in_order() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    sandbox.seed(json!({
        "guides": [{"key": "a", "channel_id": GUIDES}, {"key": "b", "channel_id": GUIDES}],
        "guide_groups": [{"key": "top", "display_sequence": ["b", "a"], "display_interval": 3600}],
    }));
    let listed = guides(&client, "u", "");
    assert_eq!(keys(&listed["entries"]), ["b", "a"]);
    assert_eq!(listed["guide_groups"][0]["display_interval"], 3600);
}

#[test]
fn wrong_actions_are_refused() {
    let (_sandbox, client) = Client::demo();
    let seen = "/v1/users/ian/guides/messages/seen";
    assert_eq!(
        client.put(seen, action(json!({}))).invalid_fields(),
        ["content"]
    );
    let unknown = action(json!({"content": {}, "guide_key": "nope"}));
    assert_eq!(
        client.put(seen, unknown).expect(404)["code"],
        "resource_missing"
    );
    let other_id = action(json!({"content": {}, "guide_id": PRO_TOUR}));
    client.put(seen, other_id).expect(404);
    let step = action(json!({"content": {}, "guide_step_ref": "step_9"}));
    client.put(seen, step).expect(404);
    let reset = client.put("/v1/users/ian/guides/engagements/reset", json!({}));
    assert_eq!(reset.invalid_fields(), ["guide_key"]);

    let strict = Sandbox::builder()
        .seed("demo")
        .strict_guide_ids(true)
        .start()
        .unwrap();
    let reset = Client::new(&strict).put(
        "/v1/users/ian/guides/engagements/reset",
        json!({"guide_key": "welcome-banner"}),
    );
    assert_eq!(
        reset.invalid_fields(),
        ["channel_id", "guide_id", "guide_step_ref"]
    );
}
