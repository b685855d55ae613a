//! Proxies: what they see, and that what fails over them is told for what it is.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use knock::types::MergeUserRequest;
use knock::{Client, ClientBuilder, ErrorKind};

use crate::clock::within;
use crate::raw_server::{Connection, RawServer, USER, answer};
use crate::support::KEY;
use crate::tls_server::{Authority, answering, builder, read_request, serve};

/// A proxy that tunnels to wherever it is asked to.
fn tunnel(connection: &mut Connection) {
    let Some(request) = connection.request() else {
        return;
    };
    assert!(request.contains("Proxy-Authorization: Basic dXNlcjpodW50ZXIy"));
    let target = request.split_whitespace().nth(1).unwrap();
    let mut upstream = TcpStream::connect(target).unwrap();
    connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
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
    let proxy = RawServer::answering("HTTP/1.1 407 hunter2 dXNlcjpodW50ZXIy\r\n\r\n");
    let builder = proxied(&server, &proxy, &authority).max_retries(0);
    assert!(!format!("{builder:?}").contains("hunter2"));
    let client = builder.build().unwrap();
    let error = client
        .users()
        .merge("jane", &MergeUserRequest::new("ian"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(!error.may_have_been_processed() && error.is_retryable());
    for text in [
        error.to_string(),
        format!("{error:?}"),
        error.to_json().to_string(),
    ] {
        assert!(text.contains("407") || text.starts_with("Error"), "{text}");
        assert!(
            !text.contains("hunter2") && !text.contains("dXNlcj"),
            "{text}"
        );
    }
    assert_eq!(server.connections(), 0);
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

/// What TLS itself says after the handshake is no answer.
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

/// Runs itself again, since an environment is a whole process's.
#[test]
fn the_proxy_of_the_environment_is_for_other_machines() {
    const SERVER: &str = "KNOCK_TEST_SERVER";
    if let Ok(url) = std::env::var(SERVER) {
        let client = Client::builder().api_key(KEY).base_url(url);
        client.build().unwrap().users().get("jane").unwrap();
        return;
    }
    let server = RawServer::answering(answer(USER));
    let proxy = RawServer::start(|_| ());
    let again = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "proxy::the_proxy_of_the_environment_is_for_other_machines",
        ])
        .env(SERVER, server.url())
        .env("HTTP_PROXY", proxy.url())
        .env("ALL_PROXY", proxy.url())
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    assert!(
        again.status.success(),
        "{}",
        String::from_utf8_lossy(&again.stdout)
    );
    assert_eq!((server.requests(), proxy.connections()), (1, 0));
}
