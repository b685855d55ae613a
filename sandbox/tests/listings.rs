//! Messages, schedules, subscriptions, the preference center, defaults of tenants, and what a merge moves.

mod support;

use knock_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Client;
use support::demo::EMAIL;

fn numbers(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|m| m["data"]["number"].as_i64().unwrap())
        .collect()
}

#[test]
fn messages_have_every_filter() {
    let (_sandbox, client) = Client::demo();
    let list = |query: &str| {
        numbers(
            &client
                .get(&format!("/v1/users/jane/messages?{query}"))
                .expect(200),
        )
    };
    assert_eq!(list(""), (0..12).collect::<Vec<_>>());
    assert_eq!(
        list("tenant=acme"),
        (0..12).collect::<Vec<_>>(),
        "those without a tenant pass"
    );
    assert_eq!(list("tenant=globex"), [1, 3, 5, 7, 9, 11]);
    assert_eq!(list(&format!("channel_id={EMAIL}")), [0, 3, 6, 9]);
    assert_eq!(
        list("status[]=bounced&status[]=queued"),
        [2, 3, 6, 7, 10, 11]
    );
    assert_eq!(list("engagement_status[]=unseen"), [0, 1, 2, 3]);
    assert_eq!(list("engagement_status[]=read"), [8, 9, 10, 11]);
    assert_eq!(
        list("engagement_status[]=seen&engagement_status[]=unseen"),
        (0..12).collect::<Vec<_>>()
    );
    assert_eq!(
        list("message_ids[]=DemoMessage0000000000000003&message_ids[]=nope"),
        [3]
    );
    assert_eq!(list("workflow_categories[]=digest"), [1, 3, 5, 7, 9, 11]);
    assert_eq!(list("source=comment-created&status[]=bounced"), [2, 6, 10]);
    assert_eq!(
        list("workflow_run_id=f3000000-0000-4000-8000-000000000004"),
        [4]
    );
    assert_eq!(
        list("workflow_recipient_run_id=f4000000-0000-4000-8000-000000000005"),
        [5]
    );
    assert_eq!(list("trigger_data=%7B%22number%22%3A6%7D"), [6]);
    assert_eq!(list("inserted_at.gt=2999-01-01T00:00:00Z"), [0; 0]);

    let page = client
        .get("/v1/users/jane/messages?page_size=5")
        .expect(200);
    assert_eq!(numbers(&page), [0, 1, 2, 3, 4]);
    let after = page["page_info"]["after"].as_str().unwrap();
    let next = client
        .get(&format!(
            "/v1/users/jane/messages?page_size=5&after={after}"
        ))
        .expect(200);
    assert_eq!(numbers(&next), [5, 6, 7, 8, 9]);
    let message = &page["items"][4];
    assert_eq!(
        (&message["recipient"], &message["engagement_statuses"]),
        (&json!("jane"), &json!(["seen"]))
    );
    assert_eq!(message["channel"]["provider"], "push_fcm");

    let many: String = (0..51).map(|n| format!("&message_ids[]={n}")).collect();
    let wrong = client.get(&format!("/v1/users/jane/messages?{many}"));
    assert_eq!(wrong.invalid_fields(), ["message_ids"]);
    let wrong =
        client.get("/v1/users/jane/messages?status[]=lost&workflow_run_id=1&status[0]=sent");
    assert_eq!(wrong.invalid_fields(), ["status", "workflow_run_id"]);
}

#[test]
fn schedules_and_subscriptions_come_newest_first() {
    let (_sandbox, client) = Client::demo();
    let schedules = |query: &str| {
        let page = client
            .get(&format!("/v1/users/jane/schedules?{query}"))
            .expect(200);
        let entries = page["entries"].as_array().unwrap();
        entries
            .iter()
            .map(|s| s["workflow"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(schedules(""), ["standup", "weekly-digest"]);
    assert_eq!(schedules("workflow=standup"), ["standup"]);
    assert_eq!(schedules("tenant=acme"), ["standup"]);
    assert_eq!(schedules("tenant=other"), [""; 0]);

    let subscriptions = |query: &str| {
        let page = client
            .get(&format!("/v1/users/jane/subscriptions?{query}"))
            .expect(200);
        let entries = page["entries"].as_array().unwrap();
        entries
            .iter()
            .map(|s| s["object"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(subscriptions(""), ["jeep-12", "visitor-center", "fences"]);
    let two = "objects[0][id]=fences&objects[0][collection]=projects&objects[1][id]=jeep-12&objects[1][collection]=assets";
    assert_eq!(subscriptions(two), ["jeep-12", "fences"]);
    assert_eq!(subscriptions("objects[]=jane"), [""; 0]);
    let torn = client
        .get("/v1/users/jane/subscriptions?objects[][id]=fences&objects[][collection]=projects");
    assert_eq!(
        torn.invalid_fields(),
        ["objects[0].collection", "objects[1].id"]
    );

    let with = client
        .get("/v1/users/jane/subscriptions?include[]=preferences&page_size=1")
        .expect(200);
    let recipient = &with["entries"][0]["recipient"];
    assert_eq!(
        recipient["preferences"]["default"]["categories"]["marketing"],
        false
    );
    let nobody = client.get("/v1/users/nobody/subscriptions").expect(200);
    assert_eq!(
        (&nobody["entries"], &nobody["page_info"]["after"]),
        (&json!([]), &json!(null))
    );
}

#[test]
fn defaults_lie_under_what_users_set() {
    let (_sandbox, client) = Client::demo();
    let get = |user: &str, rest: &str| {
        client
            .get(&format!("/v1/users/{user}/preferences/{rest}"))
            .expect(200)
    };
    let jane = get("jane", "default");
    assert_eq!(
        jane["channel_types"],
        json!({"email": true, "sms": false, "push": true})
    );
    assert_eq!(jane["categories"], json!({"marketing": false}));
    let with_tenant = get("jane", "default?tenant=acme");
    assert_eq!(
        with_tenant["categories"]["billing"],
        json!({"channel_types": {"email": true}})
    );
    let acme = get("jane", "acme");
    assert_eq!(
        acme["workflows"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["comment-created"]
    );
    assert!(acme["categories"]["billing"].is_object() && acme["categories"]["marketing"].is_null());
    assert_eq!(
        get("ian", "default")["channel_types"],
        json!({"email": true, "sms": false})
    );
}

#[test]
fn a_tenant_may_insist() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let insist =
        json!({"workflows": {"w": {"__strategy__": "replace", "channel_types": {"email": true}}}});
    sandbox.seed(json!({
        "tenants": [{"id": "acme", "preferences": insist}],
        "users": [{"id": "u", "preferences": {"acme": {"workflows": {"w": {"channel_types": {"email": false}}, "v": false}}}}],
    }));
    let set = client.get("/v1/users/u/preferences/acme").expect(200);
    assert_eq!(
        set["workflows"],
        json!({"w": {"__strategy__": "replace", "channel_types": {"email": true}}, "v": false})
    );
}

#[test]
fn the_preference_center_has_a_page_for_everyone() {
    let (_sandbox, client) = Client::demo();
    let config = client
        .get("/v1/users/jane/preference_center/config")
        .expect(200);
    assert_eq!(
        (&config["enabled"], &config["user_email"]),
        (&json!(true), &json!("jane@ingen.net"))
    );
    assert_eq!(config["config"]["rows"][1]["identifier"], "weekly-digest");
    let nobody = client
        .get("/v1/users/nobody/preference_center/config")
        .expect(200);
    assert_eq!(nobody["user_email"], "nobody");
    let link = client
        .call("POST", "/v1/users/jane/preference_center/signed_url", None)
        .expect(200);
    let url = link["url"].as_str().unwrap();
    assert!(
        url.ends_with(link["token"].as_str().unwrap()) && url.starts_with("https://p.knock.app/p/")
    );
}

#[test]
fn a_merge_moves_what_the_primary_lacks() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let object = |id: &str| json!({"collection": "projects", "id": id});
    sandbox.seed(json!({
        "users": [
            {"id": "new", "preferences": {"default": {"workflows": {"a": true}}}, "channel_data": {EMAIL: {"tokens": ["n"]}}},
            {"id": "old", "preferences": {"default": {"workflows": {"b": true}}, "acme": {}}, "channel_data": {EMAIL: {"tokens": ["o"]}}},
        ],
        "messages": [
            {"user_id": "old", "channel_id": EMAIL, "id": "young"},
            {"user_id": "old", "channel_id": EMAIL, "id": "ancient", "inserted_at": "2020-01-01T00:00:00Z"},
        ],
        "schedules": [{"user_id": "new", "workflow": "w"}, {"user_id": "old", "workflow": "w"}, {"user_id": "old", "workflow": "v"}],
        "subscriptions": [{"user_id": "new", "object": object("p")}, {"user_id": "old", "object": object("p")},
                          {"user_id": "old", "object": object("q")}],
    }));
    client
        .post("/v1/users/new/merge", json!({"from_user_id": "old"}))
        .expect(200);
    let read = |rest: &str| client.get(&format!("/v1/users/new/{rest}")).expect(200);
    assert_eq!(read("preferences/default")["workflows"], json!({"a": true}));
    assert_eq!(read("preferences").as_array().unwrap().len(), 2);
    assert_eq!(
        read(&format!("channel_data/{EMAIL}"))["data"]["tokens"],
        json!(["n"])
    );
    let messages = read("messages");
    assert_eq!(
        messages["page_info"]["total_count"], 1,
        "what is older than a month is gone"
    );
    assert_eq!(
        (
            &messages["items"][0]["id"],
            &messages["items"][0]["recipient"]
        ),
        (&json!("young"), &json!("new"))
    );
    let workflows: Vec<_> = read("schedules")["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["workflow"].clone())
        .collect();
    assert_eq!(workflows.len(), 2);
    assert_eq!(
        read("subscriptions")["entries"].as_array().unwrap().len(),
        2
    );
    assert_eq!(read("schedules")["entries"][0]["recipient"]["id"], "new");
}

#[test]
fn wrong_seeds_add_nothing() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let wrong = json!({"users": [{"id": "a"}], "messages": [{"user_id": "a"}], "mesages": []});
    assert_eq!(
        client.post("/_sandbox/seed", wrong).invalid_fields(),
        ["messages[0].channel_id", "mesages"]
    );
    client.get("/v1/users/a").expect(404);
    let seeded = client
        .post(
            "/_sandbox/seed",
            json!({"users": [{"id": "a", "plan": "pro"}]}),
        )
        .expect(200);
    assert_eq!(seeded["users"], json!(["a"]));
    assert_eq!(client.get("/v1/users/a").expect(200)["plan"], "pro");
}
