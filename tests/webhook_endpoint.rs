//! The example of an endpoint for webhooks, over a socket.

#[path = "../examples/webhook.rs"]
#[allow(dead_code, reason = "the tests call a part of it")]
mod webhook;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, SystemTime};

use knock::webhook::Webhook;
use tiny_http::Server;

const BODY: &[u8] = br#"{"type":"message.sent","data":{"id":"2w3YUpTTOxuDvZFji8OMsKrG176"}}"#;

/// Starts the endpoint on a port of its own, for as long as the tests run.
fn endpoint(verifier: Webhook) -> SocketAddr {
    let server = Server::http("127.0.0.1:0").expect("a port");
    let address = server.server_addr().to_ip().expect("an IP address");
    thread::spawn(move || {
        for request in server.incoming_requests() {
            webhook::serve(&verifier, request);
        }
    });
    address
}

/// The status of the response to a request.
fn send(address: SocketAddr, method: &str, signature: Option<&str>, body: &[u8]) -> String {
    let mut head = format!(
        "{method} / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if let Some(signature) = signature {
        head.push_str(&format!("X-Knock-Signature: {signature}\r\n"));
    }
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = [head.as_bytes(), b"\r\n", body].concat();
    stream.write_all(&request).expect("the request is taken");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    response.split(' ').nth(1).expect("a status").to_owned()
}

#[test]
fn a_webhook_of_the_service_is_taken_and_all_else_refused() {
    let verifier = Webhook::new(["some-secret"]).unwrap();
    let address = endpoint(verifier.clone());
    let now = SystemTime::now();
    let signature = verifier.sign(BODY, now);
    assert_eq!(send(address, "POST", Some(&signature), BODY), "204");
    assert_eq!(send(address, "GET", Some(&signature), BODY), "405");
    assert_eq!(send(address, "POST", None, BODY), "400");
    assert_eq!(send(address, "POST", Some(&signature), b"{}"), "400");
    let other = Webhook::new(["another"]).unwrap();
    let of_another = other.sign(BODY, now);
    assert_eq!(send(address, "POST", Some(&of_another), BODY), "400");
    let long_ago = verifier.sign(BODY, now - Duration::from_secs(3600));
    assert_eq!(send(address, "POST", Some(&long_ago), BODY), "400");
    let large = vec![b' '; (1 << 20) + 1];
    assert_eq!(send(address, "POST", Some(&signature), &large), "413");
}
