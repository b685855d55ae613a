//! Few bytes that take long to unpack, or more memory than there is.

use std::io::Write;
use std::process::Command;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use knock::{CallOptions, Client, ErrorKind};

use crate::clock::within;
use crate::closing::close_during;
use crate::interrupts::when_asked;
use crate::raw_server::{RawServer, USER, answer, with_headers};
use crate::support::KEY;

const DEADLINE: Duration = Duration::from_millis(100);

/// Start of a gzip member.
const HEAD: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";

/// Eight empty blocks with the fixed code, of ten bits each.
fn fixed_blocks() -> Vec<u8> {
    let blocks = (0..8).fold(0u128, |bits, block| bits | 0b10 << (10 * block));
    blocks.to_le_bytes()[..10].to_vec()
}

/// Some that unpack to nothing, for seconds.
fn bombs() -> Vec<Vec<u8>> {
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(b"").unwrap();
    let member = member.finish().unwrap();
    vec![
        [HEAD, &fixed_blocks().repeat(400_000)].concat(),
        [HEAD, &b"\0\0\0\xff\xff".repeat(8_000_000)].concat(),
        member.repeat(1_500_000),
    ]
}

fn server_of(bomb: Vec<u8>) -> RawServer {
    RawServer::answering(with_headers("200 OK", "content-encoding: gzip\r\n", bomb))
}

fn client_of(server: &RawServer) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    builder.max_response_bytes(1 << 30).build().unwrap()
}

#[test]
fn nothing_unpacked_for_long_ends_with_the_deadline() {
    for bomb in bombs() {
        let server = server_of(bomb);
        let client = client_of(&server).with_options(CallOptions::new().deadline(DEADLINE));
        let error = within(DEADLINE, || client.users().get("jane").unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
}

#[test]
fn nothing_unpacked_for_long_ends_when_the_client_is_closed() {
    let server = server_of(bombs().remove(0));
    let client = client_of(&server);
    close_during(
        &client,
        || server.requests() == 1,
        || client.users().get("jane"),
    );
}

#[test]
fn nothing_unpacked_for_long_ends_when_the_call_is_interrupted() {
    let server = server_of(bombs().remove(0));
    let client = client_of(&server);
    when_asked(|| true);
    let call = || client.users().get("jane").unwrap_err();
    let error = within(Duration::from_millis(500), call);
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
}

/// Runs itself again, with little memory.
#[cfg(target_os = "linux")]
#[test]
fn a_body_that_there_is_no_memory_for_fails_the_call_alone() {
    /// A size that memory holds once, and not twice.
    const HALF: usize = 120 << 20;
    const SERVERS: &str = "KNOCK_TEST_SERVERS";
    if let Ok(urls) = std::env::var(SERVERS) {
        let client = |url: &str| {
            let builder = Client::builder().api_key(KEY).base_url(url);
            builder.max_response_bytes(1 << 40).build().unwrap()
        };
        let [large, packed, half, fine] = urls.split(' ').collect::<Vec<_>>()[..] else {
            panic!("four servers");
        };
        for url in [large, packed] {
            let error = client(url).users().get("jane").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Response, "{error}");
            assert!(error.message().contains("no memory"), "{error}");
        }
        let request = r#"{"user_id": "jane", "request_options": {"metadata": true}}"#;
        let text = client(half).call_json("users.get", request).unwrap();
        assert!(text.len() > HALF && text.ends_with("}}"));
        drop(text);
        client(fine).users().get("jane").unwrap();
        return;
    }
    let large = RawServer::start(|connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        connection.send_for_ever(vec![b' '; 1 << 18]);
    });
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    let spaces = vec![b' '; 1 << 20];
    (0..512).for_each(|_| bomb.write_all(&spaces).unwrap());
    let packed = server_of(bomb.finish().unwrap());
    let half = RawServer::start(|connection| {
        connection.request();
        let large = format!("{{\"bio\":\"{}\",", "x".repeat(HALF));
        connection.send(answer(USER.replacen('{', &large, 1)));
    });
    let fine = RawServer::answering(answer(USER));
    let again = Command::new("sh")
        .args(["-c", "ulimit -v 320000; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--test-threads=1"])
        .arg("bombs::a_body_that_there_is_no_memory_for_fails_the_call_alone")
        .env(
            SERVERS,
            [&large, &packed, &half, &fine]
                .map(RawServer::url)
                .join(" "),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(
        again.status.success() && said.contains("1 passed"),
        "{said}"
    );
}
