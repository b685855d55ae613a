//! Bytes beyond a response are never taken for the next one, wherever they wait: in the
//! buffer of the socket, in the layers of TLS, or still in the system.

use std::io::Write;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use knock::{Client, ErrorKind, Pacing};

use crate::raw_server::{RawServer, USER, answer, with_headers};
use crate::support::KEY;
use crate::tls_server::{Authority, Tls, read_request, serve};

/// A user whose id says which connection it came over.
fn numbered(number: usize) -> Vec<u8> {
    answer(USER.replace("jane", &number.to_string()))
}

/// A response that nobody asked for.
fn stale() -> Vec<u8> {
    numbered(666)
}

fn client(url: String) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(url);
    builder.pacing(Pacing::off()).build().unwrap()
}

/// Responses that are whole. Those without a body are here since one may follow all the same.
fn responses() -> Vec<Vec<u8>> {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let filled = format!("x-filler: {}\r\n", "f".repeat(3900));
    vec![
        numbered(0),
        chunked.into(),
        with_headers("200 OK", "", ""),
        with_headers("204 No Content", "", ""),
        format!("HTTP/1.1 204 No Content\r\n{filled}\r\n").into(),
        with_headers("304 Not Modified", "", ""),
        with_headers("404 Not Found", "", "{}"),
    ]
}

#[test]
fn over_a_plain_connection() {
    for first in responses() {
        for extra in [stale(), b"\r\n\r\n".to_vec(), b"H".to_vec()] {
            for together in [true, false] {
                over_a_plain_connection_in(first.clone(), extra.clone(), together);
            }
        }
    }
}

fn over_a_plain_connection_in(first: Vec<u8>, extra: Vec<u8>, together: bool) {
    let (go_on, first_read) = channel();
    let (sent, arrived) = channel();
    let signals = Mutex::new((first_read, sent));
    let server = RawServer::start(move |connection| {
        while connection.request().is_some() {
            if connection.number > 0 {
                connection.send(numbered(connection.number));
            } else if together {
                connection.send([&first[..], &extra].concat());
            } else {
                let (first_read, sent) = &*signals.lock().unwrap();
                connection.send(&first);
                first_read.recv().unwrap();
                connection.send(&extra);
                sent.send(()).unwrap();
            }
        }
    });
    let client = client(server.url());
    let _ = client.users().delete("jane");
    if !together {
        go_on.send(()).unwrap();
        arrived.recv().unwrap();
    }
    let user = client.users().get("jane").unwrap();
    assert_eq!((user.id.as_str(), user.meta().attempts()), ("1", 1));
}

/// The records of these bytes.
fn encrypted(tls: &mut Tls, bytes: &[u8]) -> Vec<u8> {
    tls.conn.writer().write_all(bytes).unwrap();
    let mut records = Vec::new();
    while tls.conn.wants_write() {
        tls.conn.write_tls(&mut records).unwrap();
    }
    records
}

/// Spread of the bytes after the first response over records, and how many of them come
/// before the next request.
struct Shape {
    /// Whether they share the record of the response.
    joined: bool,
    /// A part of the encrypted bytes that comes late.
    late: usize,
}

#[test]
fn over_tls() {
    let authority = Authority::new();
    let settings = authority.server("127.0.0.1", |_| {});
    // In the same record, in one of its own, and in one that lacks some bytes or most of them.
    let shapes = [
        (true, 0),
        (false, 0),
        (false, 1),
        (false, 40),
        (false, usize::MAX),
    ];
    // A handshake takes its time, so not every response meets every length of what follows.
    for (first, pad) in responses().iter().zip([0, 6000].into_iter().cycle()) {
        for (joined, late) in shapes {
            let shape = Shape { joined, late };
            over_tls_in(&authority, settings.clone(), first, pad, shape);
        }
    }
}

fn over_tls_in(
    authority: &Authority,
    settings: std::sync::Arc<rustls::ServerConfig>,
    first: &[u8],
    pad: usize,
    shape: Shape,
) {
    let first = first.to_vec();
    let padded = format!("{{\"pad\":\"{}\",", "x".repeat(pad));
    let extra = answer(USER.replace("jane", "666").replacen('{', &padded, 1));
    let (sent, arrived) = channel();
    let sent = Mutex::new(sent);
    let server = serve(settings, move |tls, connection| {
        while read_request(tls) {
            let mut stream = connection.stream();
            if connection.number > 0 {
                let response = encrypted(tls, &numbered(connection.number));
                stream.write_all(&response).unwrap();
                continue;
            }
            let (mut records, extra) = if shape.joined {
                (
                    encrypted(tls, &[first.clone(), extra.clone()].concat()),
                    Vec::new(),
                )
            } else {
                (encrypted(tls, &first), encrypted(tls, &extra))
            };
            let early = extra.len().saturating_sub(shape.late);
            let early = if extra.is_empty() { 0 } else { early.max(3) };
            records.extend_from_slice(&extra[..early]);
            stream.write_all(&records).unwrap();
            let _ = sent.lock().unwrap().send(());
            if read_request(tls) {
                let _ = stream.write_all(&extra[early..]);
            }
        }
    });
    let client = crate::tls_server::builder(&server, authority).pacing(Pacing::off());
    let client = client.build().unwrap();
    let _ = client.users().delete("jane");
    arrived.recv().unwrap();
    let user = client.users().get("jane").unwrap();
    assert_eq!((user.id.as_str(), user.meta().attempts()), ("1", 1));
}

#[test]
fn over_a_tunnel_that_a_proxy_has_made() {
    let server = RawServer::answering(numbered(0));
    let established = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
    let proxy = RawServer::answering([established, stale()].concat());
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.proxy(proxy.url()).max_retries(0).build().unwrap();
    let error = client.users().get("jane").unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 0));
    assert!(error.message().contains("CONNECT"), "{error}");
}

/// Two lengths of one body: whoever stands in between may have believed the other one.
#[test]
fn a_response_whose_framing_is_in_doubt_closes_its_connection() {
    let chunks = "2\r\n{}\r\n0\r\n\r\n";
    for framing in [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 12\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
    ] {
        let server = RawServer::answering([framing, chunks].concat());
        let client = client(server.url());
        for _ in 0..2 {
            client.users().delete("jane").unwrap();
        }
        assert_eq!(server.connections(), 2);
    }
    let announced = "HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n";
    let server = RawServer::answering(announced);
    let client = client(server.url());
    for _ in 0..2 {
        client.users().delete("jane").unwrap();
    }
    assert_eq!(server.connections(), 2);
}
