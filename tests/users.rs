//! Users: identify, read, list, merge, delete.

mod support;

use knock::ErrorKind;
use knock::params::UserListParams;
use knock::types::{Field, IdentifyUserRequest, MergeUserRequest};
use serde_json::json;
use support::start;

#[test]
fn a_user_is_identified_read_and_deleted() {
    let (_sandbox, client) = start();
    let users = client.users();
    let jane = IdentifyUserRequest::new()
        .email("jane@ingen.net")
        .set("plan", "pro");
    assert_eq!(users.identify("jane", &jane).unwrap().id, "jane");

    let read = users.get("jane").unwrap();
    assert_eq!(read.email.as_deref(), Some("jane@ingen.net"));
    assert_eq!(read.properties["plan"], "pro");
    assert_eq!(read.meta().status(), 200);
    assert_eq!(read.meta().attempts(), 1);
    assert!(read.meta().request_id().is_some());

    users.delete("jane").unwrap();
    let gone = users.get("jane").unwrap_err();
    assert_eq!(
        (gone.status(), gone.code()),
        (Some(404), Some("resource_missing"))
    );
    assert_eq!(
        (gone.kind(), gone.operation()),
        (ErrorKind::Api, Some("users.get"))
    );
    assert!(!gone.is_retryable());
}

#[test]
fn absent_null_and_value_are_three_things_on_the_wire() {
    let (sandbox, client) = start();
    let request = IdentifyUserRequest::new()
        .email(Field::Null)
        .name("Jane")
        .set("plan", json!(null));
    client.users().identify("jane", &request).unwrap();
    let sent = sandbox.requests_to("PUT", "/v1/users/jane").pop().unwrap();
    assert_eq!(
        sent.json,
        Some(json!({"email": null, "name": "Jane", "plan": null}))
    );
}

#[test]
fn any_id_reaches_the_server_as_it_is() {
    let (_sandbox, client) = start();
    for id in ["a b", "jane@ingen.net", "100%", "Zoë", "a+b", "..."] {
        client
            .users()
            .identify(id, &IdentifyUserRequest::new())
            .unwrap();
        assert_eq!(client.users().get(id).unwrap().id, id);
    }
}

#[test]
fn an_id_that_cannot_be_is_refused_before_anything_is_sent() {
    let (sandbox, client) = start();
    for id in ["", ".", ".."] {
        let error = client.users().get(id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.attempts(), 0);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn merging_keeps_the_primary_and_deletes_the_other() {
    let (_sandbox, client) = start();
    let users = client.users();
    users
        .identify("jane", &IdentifyUserRequest::new().name("Jane"))
        .unwrap();
    users
        .identify(
            "old",
            &IdentifyUserRequest::new().name("Old").set("plan", "pro"),
        )
        .unwrap();
    let merged = users.merge("jane", &MergeUserRequest::new("old")).unwrap();
    assert_eq!(merged.name.as_deref(), Some("Jane"));
    assert_eq!(merged.properties["plan"], "pro");
    assert_eq!(users.get("old").unwrap_err().status(), Some(404));
}

#[test]
fn a_pager_walks_every_page_and_resumes_from_its_cursor() {
    let (sandbox, client) = start();
    let ids: Vec<String> = (0..7).map(|n| format!("user-{n}")).collect();
    for id in &ids {
        client
            .users()
            .identify(id, &IdentifyUserRequest::new())
            .unwrap();
    }
    let pager = || {
        client
            .users()
            .list_pager(UserListParams::new().page_size(3))
            .unwrap()
    };
    let all: Vec<String> = pager().map(|user| user.unwrap().id).collect();
    assert_eq!(all, ids);
    assert_eq!(sandbox.requests_to("GET", "/v1/users").len(), 3);

    let mut first = pager();
    first.next_page().unwrap().unwrap();
    let rest = UserListParams::new()
        .page_size(3)
        .after(first.cursor().unwrap());
    let rest = client.users().list_pager(rest).unwrap();
    let rest: Vec<String> = rest.map(|user| user.unwrap().id).collect();
    assert_eq!(rest, ids[3..]);
}
