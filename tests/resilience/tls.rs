//! TLS: whom the client trusts, and that breaks over it are told as over plain TCP.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{Client, ErrorKind};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use crate::clock::within;
use crate::raw_server::{RawServer, USER, answer};
use crate::support::KEY;
use crate::tls_server::{Authority, answering, builder, config, read_request, serve};

#[test]
fn a_certificate_of_an_authority_in_ca_file_is_trusted() {
    let authority = Authority::new();
    let server = answering(authority.server("127.0.0.1", |_| {}));
    let client = builder(&server, &authority).build().unwrap();
    for _ in 0..5 {
        client.users().get("jane").unwrap();
    }
    assert_eq!(server.connections(), 1);
}

/// What must be true of a server that is not to be trusted: the caller hears why, at once, and
/// nothing of the request was sent.
fn refused(client: &Client, reason: &str) {
    let error = client
        .users()
        .merge("jane", &MergeUserRequest::new("ian"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(error.message().contains(reason), "{reason}: {error}");
    assert_eq!(error.attempts(), 0, "{error}");
    assert!(!error.is_retryable() && !error.may_have_been_processed());
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = answering(authority.server("127.0.0.1", |_| {}));
    let url = server.url().replace("http:", "https:");
    let bundled = Client::builder().api_key(KEY).base_url(url);
    refused(&bundled.build().unwrap(), "UnknownIssuer");
    refused(
        &builder(&server, &other).build().unwrap(),
        "invalid peer certificate",
    );
}

#[test]
fn a_certificate_of_another_host_is_refused() {
    let authority = Authority::new();
    let server = answering(authority.server("elsewhere.test", |_| {}));
    let client = builder(&server, &authority).build().unwrap();
    refused(&client, "not valid for name");
}

#[test]
fn a_certificate_out_of_its_time_is_refused() {
    let authority = Authority::new();
    let past = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    };
    let server = answering(authority.server("127.0.0.1", past));
    refused(&builder(&server, &authority).build().unwrap(), "expired");
    let future = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2090, 1, 1);
        params.not_after = date_time_ymd(2091, 1, 1);
    };
    let server = answering(authority.server("127.0.0.1", future));
    refused(
        &builder(&server, &authority).build().unwrap(),
        "not valid yet",
    );
}

#[test]
fn a_self_signed_certificate_is_refused() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let server = answering(config(certificate.der().clone(), &key));
    refused(
        &builder(&server, &authority).build().unwrap(),
        "invalid peer certificate",
    );
}

#[test]
fn a_server_that_does_not_speak_tls_is_refused() {
    let authority = Authority::new();
    let server = RawServer::start(|connection| {
        connection.send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        connection.wait_for_close();
    });
    refused(
        &builder(&server, &authority).build().unwrap(),
        "no connection",
    );
}

#[test]
fn a_ca_file_that_is_of_no_use_is_an_error_of_the_settings() {
    let with = |path: &str| Client::builder().api_key(KEY).ca_file(path).build();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let empty = folder.join(format!("empty-{}.pem", std::process::id()));
    std::fs::write(&empty, "").unwrap();
    for (path, reason) in [
        (folder.join("nowhere.pem"), "No such file"),
        (empty.clone(), "no certificate"),
    ] {
        let error = with(path.to_str().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(reason), "{error}");
    }
    std::fs::remove_file(empty).unwrap();
}

#[test]
fn a_reset_before_an_answer_is_repeated_where_that_is_safe() {
    let authority = Authority::new();
    let server = serve(authority.server("127.0.0.1", |_| {}), |tls, connection| {
        while read_request(tls) {
            if connection.number % 2 == 0 {
                return connection.reset();
            }
            tls.write_all(&answer(USER)).unwrap();
        }
    });
    let client = builder(&server, &authority).build().unwrap();
    let user = client.users().identify("jane", &IdentifyUserRequest::new());
    assert_eq!(user.unwrap().meta().attempts(), 2);

    let client = builder(&server, &authority).build().unwrap();
    let merge = client.users().merge("jane", &MergeUserRequest::new("ian"));
    let error = merge.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert!(error.may_have_been_processed() && !error.is_retryable());
}

#[test]
fn an_idle_connection_that_was_closed_costs_no_attempt() {
    let authority = Authority::new();
    let server = serve(authority.server("127.0.0.1", |_| {}), |tls, _| {
        if read_request(tls) {
            tls.write_all(&answer(USER)).unwrap();
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    let client = builder(&server, &authority).max_retries(0).build().unwrap();
    for count in 1..4 {
        client.users().get("jane").unwrap();
        server.wait_until_closed(2 * count - 1);
        client
            .users()
            .merge("jane", &MergeUserRequest::new("ian"))
            .unwrap();
        server.wait_until_closed(2 * count);
    }
}

#[test]
fn an_answer_cut_short_is_an_error() {
    let authority = Authority::new();
    let server = serve(authority.server("127.0.0.1", |_| {}), |tls, _| {
        if read_request(tls) {
            tls.write_all(&answer(USER)[..100]).unwrap();
        }
    });
    let client = builder(&server, &authority).build().unwrap();
    let error = client.users().get("jane").unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Response, Some(200))
    );
}

#[test]
fn silence_over_tls_ends_with_the_deadline() {
    let deadline = Duration::from_millis(400);
    let authority = Authority::new();
    let server = serve(authority.server("127.0.0.1", |_| {}), |tls, connection| {
        read_request(tls);
        connection.wait_for_close();
    });
    let client = builder(&server, &authority)
        .deadline(deadline)
        .build()
        .unwrap();
    let identify = || client.users().identify("jane", &IdentifyUserRequest::new());
    let error = within(deadline, || identify().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.may_have_been_processed());
}
