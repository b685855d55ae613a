//! Bulk operations, step by step and gone wrong.

mod support;

use std::time::Duration;

use knock_sandbox::{BulkOutcome, Fault, Sandbox};
use serde_json::{Value, json};
use support::Client;

fn users(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| json!({"id": format!("u{n}"), "n": n}))
        .collect()
}

fn poll(client: &Client, operation: &Value) -> Value {
    client
        .get(operation["progress_path"].as_str().unwrap())
        .expect(200)
}

#[test]
fn every_poll_is_a_step_and_rows_apply_once() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let queued = client
        .post("/v1/users/bulk/identify", json!({"users": users(5)}))
        .expect(200);
    assert_eq!(
        (&queued["status"], &queued["name"]),
        (&json!("queued"), &json!("users.identify"))
    );
    assert_eq!(queued["estimated_total_rows"], 5);
    assert_eq!(
        client.get("/v1/users/u0").status,
        404,
        "nothing is done yet"
    );

    let processing = poll(&client, &queued);
    assert_eq!(
        (&processing["status"], &processing["processed_rows"]),
        (&json!("processing"), &json!(2))
    );
    assert_eq!(client.get("/v1/users/u1").status, 200);
    assert_eq!(client.get("/v1/users/u2").status, 404);

    let completed = poll(&client, &queued);
    assert_eq!(
        (&completed["status"], &completed["success_count"]),
        (&json!("completed"), &json!(5))
    );
    assert_eq!(completed["error_count"], 0);
    client
        .put("/v1/users/u4", json!({"n": "changed"}))
        .expect(200);
    assert_eq!(poll(&client, &queued), completed);
    assert_eq!(client.get("/v1/users/u4").expect(200)["n"], "changed");
}

#[test]
fn preferences_replace_and_deletes_delete() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    client
        .put(
            "/v1/users/u0/preferences/default",
            json!({"workflows": {"w": false}}),
        )
        .expect(200);
    let set = json!({"user_ids": ["u0", "new"], "preferences": {"categories": {"c": false}}});
    let operation = client.post("/v1/users/bulk/preferences", set).expect(200);
    poll(&client, &operation);
    poll(&client, &operation);
    for user in ["u0", "new"] {
        let set = client
            .get(&format!("/v1/users/{user}/preferences/default"))
            .expect(200);
        assert_eq!(
            (&set["workflows"], &set["categories"]),
            (&json!(null), &json!({"c": false}))
        );
    }
    let named =
        json!({"user_ids": ["u0"], "preferences": {"id": "acme", "workflows": {"w": true}}});
    let operation = client.post("/v1/users/bulk/preferences", named).expect(200);
    poll(&client, &operation);
    poll(&client, &operation);
    let acme = client.get("/v1/users/u0/preferences/acme").expect(200);
    assert_eq!(acme["workflows"], json!({"w": true}));

    let operation = client
        .post(
            "/v1/users/bulk/delete",
            json!({"user_ids": ["u0", "new", "never"]}),
        )
        .expect(200);
    poll(&client, &operation);
    let done = poll(&client, &operation);
    assert_eq!(
        (&done["name"], &done["success_count"]),
        (&json!("users.delete"), &json!(3))
    );
    client.get("/v1/users/u0").expect(404);
}

#[test]
fn too_many_none_and_wrong_ones() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let identify = |users: Value| client.post("/v1/users/bulk/identify", json!({"users": users}));
    assert_eq!(identify(json!(users(1001))).invalid_fields(), ["users"]);
    assert_eq!(
        identify(json!([{"id": "a"}, {"name": "b"}, {"id": "c", "email": 1}])).invalid_fields(),
        ["users[1].id", "users[2].email"]
    );
    assert_eq!(
        identify(json!([{"id": "a/b"}])).invalid_fields(),
        ["users[0].id"]
    );
    assert_eq!(
        client
            .post("/v1/users/bulk/identify", json!([]))
            .invalid_fields(),
        ["body"]
    );

    let none = identify(json!([])).expect(200);
    poll(&client, &none);
    let done = poll(&client, &none);
    assert_eq!(
        (&done["status"], &done["processed_rows"]),
        (&json!("completed"), &json!(0))
    );
    let twice = identify(json!([{"id": "a", "v": 1}, {"id": "a", "v": 2}])).expect(200);
    poll(&client, &twice);
    poll(&client, &twice);
    assert_eq!(
        client.get("/v1/users/a").expect(200)["v"],
        2,
        "the last one counts"
    );
    client.get("/v1/bulk_operations/nonsense").expect(404);
}

#[test]
fn operations_and_rows_can_be_made_to_fail() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    sandbox.fault(Fault::bulk(BulkOutcome {
        failed_ids: vec!["u1".into()],
        ..BulkOutcome::default()
    }));
    let body = json!({"users": users(3)});
    let partly = client
        .post("/v1/users/bulk/identify", body.clone())
        .expect(200);
    poll(&client, &partly);
    let done = poll(&client, &partly);
    assert_eq!(
        (&done["status"], &done["processed_rows"]),
        (&json!("completed"), &json!(3))
    );
    assert_eq!(
        done["error_items"],
        json!([{"id": "u1", "collection": null}])
    );
    assert_eq!(client.get("/v1/users/u1").status, 404);

    let fault = json!({"path": "/v1/users/bulk/*", "bulk": {"fail": true}});
    client.post("/_sandbox/faults", fault).expect(200);
    let failing = client
        .post("/v1/users/bulk/delete", json!({"user_ids": ["u0"]}))
        .expect(200);
    poll(&client, &failing);
    let failed = poll(&client, &failing);
    assert_eq!(
        (&failed["status"], &failed["processed_rows"]),
        (&json!("failed"), &json!(0))
    );
    assert!(failed["failed_at"].is_string());
    assert_eq!(client.get("/v1/users/u0").status, 200, "no row was applied");
}

#[test]
fn a_row_beyond_the_limits_fails_alone() {
    let sandbox = Sandbox::builder()
        .max_properties_bytes(200)
        .start()
        .unwrap();
    let client = Client::new(&sandbox);
    let users = json!({"users": [{"id": "small"}, {"id": "large", "bio": "x".repeat(300)}]});
    let operation = client.post("/v1/users/bulk/identify", users).expect(200);
    poll(&client, &operation);
    let done = poll(&client, &operation);
    assert_eq!(
        (&done["success_count"], &done["error_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(done["error_items"][0]["id"], "large");
    client.get("/v1/users/large").expect(404);
}

#[test]
fn what_nobody_polls_settles_by_itself() {
    let sandbox = Sandbox::builder()
        .bulk_settles_after(Duration::ZERO)
        .start()
        .unwrap();
    let client = Client::new(&sandbox);
    client
        .post("/v1/users/bulk/identify", json!({"users": users(2)}))
        .expect(200);
    assert_eq!(client.get("/v1/users/u1").status, 200);
}
