//! Faults: what they do to the response, to the connection, and to the state.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use knock_sandbox::{Ending, Fault, Portion, Sandbox};
use serde_json::json;
use support::Client;

/// Everything the server sends to a plain GET until it closes.
fn raw_get(sandbox: &Sandbox, path: &str) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk_x\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (received, None),
            Ok(read) => received.extend_from_slice(&buffer[..read]),
            Err(error) => return (received, Some(error.kind())),
        }
    }
}

#[test]
fn a_status_takes_the_next_requests_that_match_and_no_others() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    sandbox.fault(
        Fault::status(503)
            .header("retry-after", "7")
            .times(2)
            .skip(1)
            .on("PUT", "/v1/users/*"),
    );
    assert_eq!(client.get("/v1/users/jane").status, 404, "another method");
    assert_eq!(
        client.put("/v1/users/jane", json!({"n": 0})).status,
        200,
        "skipped"
    );
    for n in 1..=2 {
        let failed = client.put("/v1/users/jane", json!({"n": n}));
        assert_eq!(failed.expect(503)["status"], 503);
        assert_eq!(failed.header("retry-after"), Some("7"));
        assert!(failed.header("x-request-id").is_some());
    }
    assert_eq!(
        client.put("/v1/users/jane", json!({"n": 3})).status,
        200,
        "used up"
    );
    assert!(sandbox.pending_faults().is_empty());
    let journal = sandbox.requests_to("PUT", "/v1/users/*");
    let processed: Vec<bool> = journal.iter().map(|r| r.processed).collect();
    assert_eq!(processed, [true, false, false, true]);
}

#[test]
fn a_lost_answer_may_have_been_processed() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    sandbox.fault(Fault::reset().processed(true).on("PUT", "/v1/users/done"));
    sandbox.fault(Fault::reset().on("PUT", "/v1/users/undone"));
    for user in ["done", "undone"] {
        let lost = client.try_call("PUT", &format!("/v1/users/{user}"), Some("{}"));
        assert!(lost.is_err(), "{user} was answered: {lost:?}");
    }
    assert_eq!(client.get("/v1/users/done").status, 200);
    assert_eq!(client.get("/v1/users/undone").status, 404);
    let journal = sandbox.requests_to("PUT", "*");
    assert_eq!(journal[0].api_status, Some(200));
    assert_eq!(journal[0].status, None);
    assert!(!journal[1].processed);
}

#[test]
fn resets_are_resets_and_closes_are_closes() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::reset());
    assert_eq!(
        raw_get(&sandbox, "/v1/users"),
        (vec![], Some(ErrorKind::ConnectionReset))
    );
    sandbox.fault(Fault::close());
    assert_eq!(raw_get(&sandbox, "/v1/users"), (vec![], None));

    sandbox.fault(Fault::reset_mid_answer());
    let (head, error) = raw_get(&sandbox, "/v1/users");
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
    assert!(
        head.is_empty() || head.ends_with(b"\r\n\r\n"),
        "a reset may overtake the bytes before it"
    );

    sandbox.fault(Fault {
        send: Portion::HalfHead,
        then: Ending::Close,
        ..Fault::default()
    });
    let (head, error) = raw_get(&sandbox, "/v1/users");
    assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n") && !head.ends_with(b"\r\n\r\n"));
    assert_eq!(error, None);
}

#[test]
fn truncated_bodies_promise_more_than_they_hold() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::truncate(5));
    let (answer, error) = raw_get(&sandbox, "/v1/users");
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!((body.len(), error), (5, None));
    let promised = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "))
        .unwrap();
    assert!(promised.parse::<usize>().unwrap() > 5);
}

#[test]
fn bytes_that_are_not_http_or_not_json() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    sandbox.fault(Fault::raw("SSH-2.0-OpenSSH_9.2\r\n"));
    assert_eq!(raw_get(&sandbox, "/v1/users").0, b"SSH-2.0-OpenSSH_9.2\r\n");
    sandbox.fault(Fault::not_json());
    let answer = client.get("/v1/users");
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.text).is_err());
    assert_eq!(answer.header("content-type"), Some("text/html"));
}

#[test]
fn answers_can_be_late_dripped_or_never_come() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let started = Instant::now();
    sandbox.fault(Fault::delay(Duration::from_millis(80)));
    assert_eq!(client.get("/v1/users").status, 200);
    assert!(started.elapsed() >= Duration::from_millis(80));

    let started = Instant::now();
    sandbox.fault(Fault::drip(Duration::from_millis(1)));
    assert_eq!(client.get("/v1/users/jane").status, 404);
    assert!(started.elapsed() >= Duration::from_millis(100));

    sandbox.fault(Fault::silent());
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    stream
        .write_all(b"GET /v1/users HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let error = stream.read(&mut [0; 16]).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
}

#[test]
fn a_connection_outlives_a_slow_answer() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    sandbox.fault(Fault::drip(Duration::ZERO));
    assert_eq!(client.get("/v1/users/jane").status, 404);
    assert_eq!(client.get("/v1/users/jane").status, 404);
    assert_eq!(sandbox.connections_opened(), 1);
}

#[test]
fn a_body_can_come_where_there_should_be_none() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault {
        then: Ending::Close,
        ..Fault::status(204).body(json!("surprise"))
    });
    let (answer, _) = raw_get(&sandbox, "/v1/users");
    let text = String::from_utf8(answer).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 204") && text.ends_with("\r\n\r\nsurprise"),
        "{text}"
    );
}

/// The rows of the guide's table are JSON that the sandbox takes.
#[test]
fn the_recipes_of_the_guide_are_faults() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let guide = include_str!("../README.md");
    let recipes = guide
        .split("| to have | queue |")
        .nth(1)
        .expect("the table of recipes");
    let recipes: Vec<&str> = recipes
        .lines()
        .skip(2)
        .map_while(|line| {
            line.strip_prefix("| ")?
                .strip_suffix("` |")?
                .split_once("| `")
        })
        .map(|(_, recipe)| recipe)
        .collect();
    assert!(recipes.len() >= 9, "{recipes:?}");
    for recipe in recipes {
        let fault = serde_json::from_str(recipe).expect(recipe);
        client.post("/_sandbox/faults", fault).expect(200);
    }
}

#[test]
fn a_close_nobody_announced_follows_a_whole_answer() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::close_after());
    let (answer, error) = raw_get(&sandbox, "/v1/users");
    let text = String::from_utf8(answer).unwrap();
    assert!(text.contains("\"entries\":[]") && !text.contains("connection: close"));
    assert_eq!(error, None);
}

#[test]
fn idle_connections_can_be_closed_from_the_server() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    client.get("/v1/users").expect(200);
    client.get("/v1/users").expect(200);
    assert_eq!(sandbox.connections_opened(), 1);
    sandbox.close_connections();
    while sandbox.connections_open() > 0 {
        std::thread::yield_now();
    }
    client.get("/v1/users").expect(200);
    assert_eq!(sandbox.connections_opened(), 2);
}

#[test]
fn faults_come_over_http_too() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let fault = json!({"method": "GET", "path": "/v1/**", "status": 418, "body": "short and stout", "times": 2});
    let queued = client.post("/_sandbox/faults", fault).expect(200);
    assert_eq!(queued["entries"][0]["times"], 2);
    let answer = client.get("/v1/users");
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (418, "short and stout")
    );
    client
        .post(
            "/_sandbox/faults",
            json!([{"send": {"body_bytes": 3}, "then": "reset"}]),
        )
        .expect(200);
    assert_eq!(
        client.get("/_sandbox/faults").json()["entries"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    client.delete("/_sandbox/faults").expect(204);
    assert_eq!(client.get("/v1/users").status, 200);
    let unknown = client
        .post("/_sandbox/faults", json!({"color": "red"}))
        .expect(422);
    assert!(unknown["message"].as_str().unwrap().contains("color"));
}
