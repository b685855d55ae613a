//! Users over HTTP: identify, read, list, delete, merge.

mod support;

use knock_sandbox::Sandbox;
use serde_json::json;
use support::Client;

#[test]
fn identify_creates_then_merges_deeply() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let created = client
        .put(
            "/v1/users/jane",
            json!({"name": "Jane", "plan": {"name": "pro", "seats": 3}, "tags": ["a", "b"]}),
        )
        .expect(200);
    assert_eq!(created["__typename"], "User");
    assert_eq!(created["id"], "jane");
    assert_eq!(created["created_at"], json!(null));
    assert!(created["updated_at"].as_str().unwrap().ends_with('Z'));

    client.put(
        "/v1/users/jane",
        json!({"id": "other", "name": null, "plan": {"seats": 4}, "tags": ["c"], "__typename": "X"}),
    );
    let read = client.get("/v1/users/jane").expect(200);
    assert_eq!(read["id"], "jane");
    assert_eq!(read["__typename"], "User");
    assert_eq!(read["name"], json!(null));
    assert_eq!(read["plan"], json!({"name": "pro", "seats": 4}));
    assert_eq!(read["tags"], json!(["c"]));
    assert_eq!(client.get("/v1/users/other").status, 404);
}

#[test]
fn ids_are_one_encoded_segment() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let created = client
        .put("/v1/users/j%C3%A4ne%20d%25e%3F", json!({}))
        .expect(200);
    assert_eq!(created["id"], "jäne d%e?");
    assert_eq!(
        client.put("/v1/users/a%2Fb", json!({})).invalid_fields(),
        ["user_id"]
    );
    assert_eq!(client.get("/v1/users/a%2Fb").status, 404);
    let long = format!("/v1/users/{}", "x".repeat(257));
    assert_eq!(client.put(&long, json!({})).invalid_fields(), ["user_id"]);
}

#[test]
fn wrong_bodies_are_named_by_their_path() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let answer = client.put(
        "/v1/users/jane",
        json!({"email": 7, "created_at": "yesterday", "channel_data": {"not-a-uuid": {}},
               "preferences": {"default": {"workflows": {"w": {"channel_types": {"email": "yes"}}}}}}),
    );
    assert_eq!(
        answer.invalid_fields(),
        [
            "email",
            "created_at",
            "channel_data.not-a-uuid",
            "preferences.default.workflows.w.channel_types.email"
        ]
    );
    assert_eq!(
        client.put("/v1/users/jane", json!([])).invalid_fields(),
        ["body"]
    );
    let broken = client
        .try_call("PUT", "/v1/users/jane", Some("{oops"))
        .unwrap();
    assert_eq!(broken.expect(400)["code"], "bad_request");
    assert_eq!(
        client.get("/v1/users/jane").status,
        404,
        "a refused request changes nothing"
    );
}

#[test]
fn properties_have_a_size_limit() {
    let sandbox = Sandbox::builder()
        .max_properties_bytes(200)
        .start()
        .unwrap();
    let client = Client::new(&sandbox);
    assert_eq!(
        client
            .put("/v1/users/jane", json!({"a": "x".repeat(80)}))
            .status,
        200
    );
    assert_eq!(
        client
            .put("/v1/users/jane", json!({"b": "x".repeat(80)}))
            .invalid_fields(),
        ["properties"]
    );
    assert_eq!(
        client
            .put("/v1/users/jane", json!({"a": "y".repeat(80)}))
            .status,
        200,
        "a replacement still fits"
    );
}

#[test]
fn lists_run_in_order_of_creation_and_page_both_ways() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    for id in ["c", "a", "b", "d", "e"] {
        client
            .put(&format!("/v1/users/{id}"), json!({}))
            .expect(200);
    }
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let entries = page["entries"].as_array().unwrap();
        entries
            .iter()
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = client.get("/v1/users?page_size=2").expect(200);
    assert_eq!(ids(&first), ["c", "a"]);
    assert_eq!(first["page_info"]["before"], json!(null));
    assert_eq!(first["page_info"]["page_size"], 2);
    assert_eq!(first["page_info"]["total_count"], 5);

    // The cursor holds its place although the user it stands on goes away.
    client.delete("/v1/users/a").expect(204);
    let after = first["page_info"]["after"].as_str().unwrap();
    let second = client
        .get(&format!("/v1/users?page_size=2&after={after}"))
        .expect(200);
    assert_eq!(ids(&second), ["b", "d"]);
    let before = second["page_info"]["before"].as_str().unwrap();
    let back = client
        .get(&format!("/v1/users?page_size=2&before={before}"))
        .expect(200);
    assert_eq!(ids(&back), ["c"]);
    let after = second["page_info"]["after"].as_str().unwrap();
    let last = client
        .get(&format!("/v1/users?page_size=2&after={after}"))
        .expect(200);
    assert_eq!(ids(&last), ["e"]);
    assert_eq!(last["page_info"]["after"], json!(null));
    let newest = client.get("/v1/users?page_size=2&order=desc").expect(200);
    assert_eq!(ids(&newest), ["e", "d"]);
}

#[test]
fn list_parameters_are_checked() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    client
        .put(
            "/v1/users/jane",
            json!({"preferences": {"default": {"workflows": {"w": false}}}}),
        )
        .expect(200);
    let listed = client.get("/v1/users?include[]=preferences").expect(200);
    assert_eq!(
        listed["entries"][0]["preferences"]["default"]["workflows"]["w"],
        false
    );
    assert_eq!(
        client
            .get("/v1/users?include[0]=preferences")
            .invalid_fields(),
        ["include"]
    );
    assert_eq!(
        client.get("/v1/users?include[]=friends").invalid_fields(),
        ["include[0]"]
    );
    assert_eq!(
        client.get("/v1/users?page_size=ten").invalid_fields(),
        ["page_size"]
    );
    assert_eq!(
        client.get("/v1/users?after=nonsense").invalid_fields(),
        ["after"]
    );
    let clamped = client.get("/v1/users?page_size=1000").expect(200);
    assert_eq!(clamped["page_info"]["page_size"], 50);
}

#[test]
fn delete_forgets_the_user_for_good() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    client
        .put("/v1/users/jane", json!({"plan": "pro"}))
        .expect(200);
    let gone = client.delete("/v1/users/jane");
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(gone.header("content-type"), None);
    assert_eq!(
        client.delete("/v1/users/jane").expect(404)["code"],
        "resource_missing"
    );
    let again = client.put("/v1/users/jane", json!({})).expect(200);
    assert_eq!(again.get("plan"), None);
}

#[test]
fn merge_keeps_what_the_primary_has() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    client
        .put(
            "/v1/users/jane",
            json!({"name": "Jane", "plan": {"seats": 3}}),
        )
        .expect(200);
    client
        .put(
            "/v1/users/old",
            json!({"name": "Old", "plan": {"seats": 1, "name": "free"}, "phone_number": "1"}),
        )
        .expect(200);
    let merged = client
        .post("/v1/users/jane/merge", json!({"from_user_id": "old"}))
        .expect(200);
    assert_eq!(merged["name"], "Jane");
    assert_eq!(merged["plan"], json!({"seats": 3, "name": "free"}));
    assert_eq!(merged["phone_number"], "1");
    assert_eq!(client.get("/v1/users/old").status, 404);
    assert_eq!(
        client
            .post("/v1/users/jane/merge", json!({"from_user_id": "old"}))
            .status,
        404
    );
    assert_eq!(
        client
            .post("/v1/users/jane/merge", json!({}))
            .invalid_fields(),
        ["from_user_id"]
    );
    let itself = client.post("/v1/users/jane/merge", json!({"from_user_id": "jane"}));
    assert_eq!(itself.invalid_fields(), ["from_user_id"]);
}
