//! Proxies: what they see, and that what fails over them is told for what it is.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use knock::types::MergeUserRequest;
use knock::{Client, ClientBuilder, ErrorKind};

use crate::clock::within;
use crate::environment::in_environment;
use crate::raw_server::{Connection, RawServer, USER, answer};
use crate::support::KEY;
use crate::tls_server::{Authority, answering, builder, read_request, serve};

/// A proxy that tunnels to wherever it is asked to.
fn tunnel(connection: &mut Connection) {
    tunnel_after(connection, "HTTP/1.1 200 Connection established\r\n\r\n");
}

fn tunnel_after(connection: &mut Connection, head: &str) {
    let Some(request) = connection.request() else {
        return;
    };
    assert!(request.contains("Proxy-Authorization: Basic dXNlcjpodW50ZXIy"));
    let target = request.split_whitespace().nth(1).unwrap();
    let mut upstream = TcpStream::connect(target).unwrap();
    connection.send(head);
    let mut downstream = connection.stream();
    let (mut from, mut to) = (upstream.try_clone().unwrap(), connection.stream());
    let back = std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    let _ = std::io::copy(&mut downstream, &mut upstream);
    let _ = upstream.shutdown(std::net::Shutdown::Both);
    let _ = back.join();
}

fn proxied(server: &RawServer, proxy: &RawServer, authority: &Authority) -> ClientBuilder {
    let proxy = proxy.url().replace("http://", "http://user:hunter2@");
    builder(server, authority).proxy(proxy)
}

#[test]
fn a_proxy_tunnels_and_sees_neither_key_nor_request() {
    let authority = Authority::new();
    let server = serve(authority.server("127.0.0.1", |_| {}), |tls, _| {
        let mut request = [0; 4096];
        let read = tls.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..read]).to_ascii_lowercase();
        assert!(request.contains(KEY) && !request.contains("proxy-authorization"));
        tls.write_all(&answer(USER)).unwrap();
    });
    let proxy = RawServer::start(tunnel);
    let client = proxied(&server, &proxy, &authority).build().unwrap();
    client.users().get("jane").unwrap();
    assert_eq!(proxy.connections(), 1);
}

#[test]
fn a_proxy_that_refuses_is_no_connection_and_its_password_stays_secret() {
    let authority = Authority::new();
    let server = answering(authority.server("127.0.0.1", |_| {}));
    // What is refused today is refused again; what the proxy cannot do now it may do later.
    for (status, asked) in [(407, 1), (403, 1), (400, 1), (502, 2), (503, 2), (429, 2)] {
        let head = format!("HTTP/1.1 {status} hunter2 dXNlcjpodW50ZXIy\r\n\r\n");
        let proxy = RawServer::answering(head);
        let builder = proxied(&server, &proxy, &authority).max_retries(1);
        assert!(!format!("{builder:?}").contains("hunter2"));
        let client = builder.build().unwrap();
        let error = client
            .users()
            .merge("jane", &MergeUserRequest::new("ian"))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert_eq!(error.is_retryable(), asked == 2, "{error}");
        // No request reached the server.
        assert_eq!((proxy.requests(), error.attempts()), (asked, 0));
        assert!(!error.may_have_been_processed());
        for text in [
            error.to_string(),
            format!("{error:?}"),
            error.to_json().to_string(),
        ] {
            let shows = text.contains(&format!("the proxy responded {status}"));
            assert!(shows || text.starts_with("Error"), "{text}");
            assert!(
                !text.contains("hunter2") && !text.contains("dXNlcj"),
                "{text}"
            );
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_proxy_may_say_100_before_200_and_any_2xx() {
    let authority = Authority::new();
    let server = answering(authority.server("127.0.0.1", |_| {}));
    for head in [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
    ] {
        let proxy = RawServer::start(move |connection| tunnel_after(connection, head));
        let client = proxied(&server, &proxy, &authority).build().unwrap();
        client.users().get("jane").unwrap();
    }
}

#[test]
fn a_proxy_that_closes_or_talks_without_an_end_is_no_connection() {
    let authority = Authority::new();
    let server = answering(authority.server("127.0.0.1", |_| {}));
    for (text, reason) in [
        ("", "closed the connection"),
        ("HTTP/1.1 200", "closed the connection"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "no connection"),
    ] {
        let proxy = RawServer::start(move |connection| {
            connection.request();
            connection.send(text);
        });
        let builder = proxied(&server, &proxy, &authority).max_retries(0);
        let error = builder.build().unwrap().users().get("jane").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(error.message().contains(reason), "{error}");
    }
    let proxy = RawServer::start(|connection| {
        connection.request();
        connection.send_for_ever("HTTP/1.1 100 Continue\r\n\r\n");
    });
    let builder = proxied(&server, &proxy, &authority).max_retries(0);
    let error = builder.build().unwrap().users().get("jane").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

#[test]
fn a_proxy_that_stalls_keeps_to_the_connect_timeout() {
    let limit = Duration::from_millis(200);
    let authority = Authority::new();
    let server = answering(authority.server("127.0.0.1", |_| {}));
    let proxy = RawServer::start(|connection| {
        connection.wait_for_close();
    });
    let builder = proxied(&server, &proxy, &authority);
    let client = builder
        .connect_timeout(limit)
        .max_retries(0)
        .build()
        .unwrap();
    let error = within(limit, || client.users().get("jane").unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.message().contains("connect timeout"), "{error}");
}

/// Messages of TLS itself after the handshake are no response.
#[test]
fn a_break_over_a_proxy_is_no_half_an_answer() {
    let authority = Authority::new();
    let server = serve(authority.server("127.0.0.1", |_| {}), |tls, connection| {
        if read_request(tls) && connection.number > 0 {
            tls.write_all(&answer(USER)).unwrap();
        } else {
            tls.conn.send_close_notify();
            tls.flush().unwrap();
        }
    });
    let proxy = RawServer::start(tunnel);
    let client = proxied(&server, &proxy, &authority).build().unwrap();
    let user = client.users().get("jane").unwrap();
    assert_eq!(user.meta().attempts(), 2);
}

#[test]
fn plain_http_does_not_go_through_a_proxy_elsewhere() {
    let local = || {
        let builder = Client::builder().api_key(KEY);
        builder.base_url("http://127.0.0.1:4000")
    };
    let error = local().proxy("http://proxy.ingen.net:3128").build();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("to the proxy"), "{error}");
    assert!(local().proxy("http://127.0.0.1:3128").build().is_ok());
    let allowed = local()
        .proxy("http://proxy.ingen.net:3128")
        .allow_http(true);
    assert!(allowed.build().is_ok());
}

#[test]
fn the_proxy_of_the_environment_is_for_other_machines() {
    let server = RawServer::answering(answer(USER));
    let proxy = RawServer::start(|_| ());
    let error = in_environment(
        "proxy::the_proxy_of_the_environment_is_for_other_machines",
        &server.url(),
        &[
            ("HTTP_PROXY", proxy.url().as_str()),
            ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ],
    );
    assert_eq!(error, None);
    assert_eq!((server.requests(), proxy.connections()), (1, 0));
}

/// The host exists nowhere, so that only the proxy can have it.
#[test]
fn the_environment_says_which_proxy_is_asked() {
    const TEST: &str = "proxy::the_environment_says_which_proxy_is_asked";
    let proxy = RawServer::answering("HTTP/1.1 407 No\r\n\r\n");
    let other = RawServer::answering("HTTP/1.1 407 No\r\n\r\n");
    let (proxy_url, other_url) = (proxy.url(), other.url());
    let direct = "no connection";
    let asked = "the proxy responded 407";
    let https = "https://api.knock.invalid";
    let http = "http://api.knock.invalid";
    let mut expected = 0;
    for (url, variables, outcome) in [
        (
            https,
            &[("HTTPS_PROXY", &*proxy_url), ("ALL_PROXY", &*other_url)][..],
            asked,
        ),
        (
            https,
            &[("HTTPS_PROXY", ""), ("https_proxy", &proxy_url)],
            asked,
        ),
        (https, &[("ALL_PROXY", &proxy_url)], asked),
        (http, &[("HTTP_PROXY", &proxy_url)], asked),
        (
            http,
            &[("HTTP_PROXY", &proxy_url), ("REQUEST_METHOD", "GET")],
            direct,
        ),
        (
            https,
            &[
                ("HTTPS_PROXY", &proxy_url),
                ("NO_PROXY", "a, .knock.invalid"),
            ],
            direct,
        ),
        (
            https,
            &[
                ("ALL_PROXY", "socks5://127.0.0.1:1"),
                ("NO_PROXY", "knock.invalid:443"),
            ],
            direct,
        ),
        (
            https,
            &[("ALL_PROXY", "socks5://127.0.0.1:1")],
            "ALL_PROXY is a SOCKS proxy",
        ),
        (
            https,
            &[("HTTPS_PROXY", "http://127.0.0.1:99999")],
            "HTTPS_PROXY has a port",
        ),
    ] {
        let error = in_environment(TEST, url, variables).expect("an error");
        assert!(error.contains(outcome), "{variables:?}: {error}");
        assert_eq!(
            outcome == direct,
            !error.contains("proxy") && !error.contains("PROXY")
        );
        expected += usize::from(outcome == asked);
        assert_eq!(proxy.connections(), expected, "{variables:?}");
    }
    assert_eq!(other.connections(), 0);
}
