//! Channel data of every provider.

mod support;

use knock_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Client;

const CHANNEL: &str = "11111111-2222-4333-8444-555555555555";

fn path(user: &str) -> String {
    format!("/v1/users/{user}/channel_data/{CHANNEL}")
}

#[test]
fn push_tokens_read_back_as_tokens_and_devices() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let shown = client
        .put(&path("jane"), json!({"data": {"tokens": ["t1"]}}))
        .expect(200);
    assert_eq!(
        shown,
        json!({"__typename": "ChannelData", "channel_id": CHANNEL, "data": {
            "tokens": ["t1"], "devices": [{"token": "t1", "locale": null, "timezone": null}]}})
    );
    assert_eq!(client.get(&path("jane")).expect(200), shown);
    assert_eq!(
        client.get("/v1/users/jane").status,
        200,
        "the user came to be"
    );

    let devices = json!({"data": {"devices": [{"token": "t2", "locale": "en"}]}});
    let shown = client.put(&path("jane"), devices).expect(200);
    assert_eq!(
        shown["data"]["tokens"],
        json!(["t2"]),
        "the data before is overwritten"
    );
    assert_eq!(
        shown["data"]["devices"],
        json!([{"token": "t2", "locale": "en", "timezone": null}])
    );
    let arns = client
        .put(&path("jane"), json!({"data": {"target_arns": ["arn:1"]}}))
        .expect(200);
    assert_eq!(arns["data"]["devices"][0]["target_arn"], "arn:1");
}

#[test]
fn other_providers_read_back_as_given() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let given: [Value; 6] = [
        json!({"player_ids": ["8f14e45f-ceea-467f-a8e1-2b7b5a0b9d4e"]}),
        json!({"connections": [{"access_token": "xoxb", "channel_id": "C1"}], "token": {"access_token": null}}),
        json!({"connections": [{"incoming_webhook": {"url": "https://example.com/hook"}}]}),
        json!({"connections": [{"url": "https://example.com/hook"}]}),
        json!({"connections": [{"ms_teams_team_id": "8f14e45f-ceea-467f-a8e1-2b7b5a0b9d4e"}], "ms_teams_tenant_id": null}),
        json!({}),
    ];
    for data in given {
        let shown = client.put(&path("jane"), json!({"data": data})).expect(200);
        assert_eq!(shown["data"], data);
    }
}

#[test]
fn what_is_absent_or_misshaped() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    assert_eq!(
        client.get(&path("jane")).expect(404)["code"],
        "resource_missing"
    );
    client.delete(&path("jane")).expect(204);
    assert_eq!(
        client.put(&path("jane"), json!({})).invalid_fields(),
        ["data"]
    );
    assert_eq!(
        client
            .put(&path("jane"), json!({"data": {"tokens": ["a", 1]}}))
            .invalid_fields(),
        ["data.tokens[1]"]
    );
    assert_eq!(
        client
            .put("/v1/users/jane/channel_data/push", json!({"data": {}}))
            .invalid_fields(),
        ["channel_id"]
    );
    client
        .put(&path("jane"), json!({"data": {"tokens": []}}))
        .expect(200);
    client.delete(&path("jane")).expect(204);
    client.get(&path("jane")).expect(404);
}

#[test]
fn a_configured_list_of_channels_is_all_there_is() {
    let known = CHANNEL.parse().unwrap();
    let sandbox = Sandbox::builder().channels([known]).start().unwrap();
    let client = Client::new(&sandbox);
    client
        .put(&path("jane"), json!({"data": {"tokens": []}}))
        .expect(200);
    let other = "/v1/users/jane/channel_data/99999999-2222-4333-8444-555555555555";
    assert_eq!(
        client.put(other, json!({"data": {}})).expect(404)["code"],
        "resource_missing"
    );
    let inline = json!({"channel_data": {"99999999-2222-4333-8444-555555555555": {"tokens": []}}});
    assert_eq!(
        client.put("/v1/users/jane", inline).invalid_fields(),
        ["channel_data.99999999-2222-4333-8444-555555555555"]
    );
}
