//! TLS: whom the client trusts, and that breaks over it are told as over plain TCP.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{Client, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::HandshakeKind;

use crate::clock::within;
use crate::environment::in_environment;
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

/// Expectations of a server that is not to be trusted: the caller hears why, at once, and
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

/// A server that counts the handshakes which took up an earlier session.
fn counting_resumptions(authority: &Authority) -> (RawServer, Arc<AtomicUsize>) {
    let resumed = Arc::new(AtomicUsize::new(0));
    let counted = resumed.clone();
    let server = serve(authority.server("127.0.0.1", |_| {}), move |tls, _| {
        if read_request(tls) {
            let resumed = tls.conn.handshake_kind() == Some(HandshakeKind::Resumed);
            counted.fetch_add(usize::from(resumed), Ordering::SeqCst);
            tls.write_all(&answer(USER)).unwrap();
        }
    });
    (server, resumed)
}

#[test]
fn a_client_resumes_the_tls_sessions_of_an_earlier_one_that_trusts_the_same() {
    let authority = Authority::new();
    let (server, resumed) = counting_resumptions(&authority);
    for earlier in 0..3 {
        let client = builder(&server, &authority).build().unwrap();
        client.users().get("jane").unwrap();
        client.close();
        assert_eq!(resumed.load(Ordering::SeqCst), earlier);
    }
}

#[test]
fn a_client_does_not_resume_a_session_with_a_server_that_it_does_not_trust_itself() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (server, resumed) = counting_resumptions(&authority);
    builder(&server, &authority)
        .build()
        .unwrap()
        .users()
        .get("jane")
        .unwrap();
    refused(
        &builder(&server, &other).build().unwrap(),
        "invalid peer certificate",
    );
    assert_eq!(resumed.load(Ordering::SeqCst), 0);
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
    let (server, _) = self_signed(IsCa::NoCa);
    refused(
        &builder(&server, &authority).build().unwrap(),
        "invalid peer certificate",
    );
}

/// A server that shows a certificate signed by itself, and the file that has it.
fn self_signed(is_ca: IsCa) -> (RawServer, Scratch) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let certificate = params.self_signed(&key).unwrap();
    let file = Scratch::new();
    std::fs::write(&file.0, certificate.pem()).unwrap();
    (answering(config(certificate.der().clone(), &key)), file)
}

#[test]
fn a_self_signed_certificate_in_ca_file_is_the_servers_own_unless_it_signs_others() {
    let client = |server: &RawServer, file: &Scratch| {
        let url = server.url().replace("http:", "https:");
        let builder = Client::builder().api_key(KEY).base_url(url);
        builder.ca_file(&file.0).build().unwrap()
    };
    let (server, file) = self_signed(IsCa::ExplicitNoCa);
    client(&server, &file).users().get("jane").unwrap();
    // As `openssl req -x509` makes it.
    let (server, file) = self_signed(IsCa::Ca(BasicConstraints::Unconstrained));
    let client = client(&server, &file);
    refused(&client, "self-signed certificate with CA:TRUE");
    refused(&client, "basicConstraints=critical,CA:FALSE");
}

/// A path of this test alone, empty before and after.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("scratch-{}-{number}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_environment_adds_authorities() {
    const TEST: &str = "tls::the_environment_adds_authorities";
    let (authority, other) = (Authority::new(), Authority::new());
    let server = answering(authority.server("127.0.0.1", |_| {}));
    let url = server.url().replace("http:", "https:");
    let path = |authority: &Authority| authority.file.to_str().unwrap().to_owned();
    let (own, others) = (path(&authority), path(&other));
    // A directory has the same certificate twice, and files that are none.
    let directory = Scratch::new();
    std::fs::create_dir(&directory.0).unwrap();
    for name in ["authority.pem", "0a1b2c3d.0"] {
        std::fs::copy(&authority.file, directory.0.join(name)).unwrap();
    }
    std::fs::write(directory.0.join("README"), "-----BEGIN nonsense").unwrap();
    std::fs::create_dir(directory.0.join("folder")).unwrap();
    let directory = directory.0.to_str().unwrap();
    let empty = Scratch::new();
    std::fs::create_dir(&empty.0).unwrap();
    let empty = empty.0.to_str().unwrap();
    let two = format!("{directory}:");
    for (variables, outcome) in [
        (&[("SSL_CERT_FILE", &*own)][..], None),
        (&[("SSL_CERT_DIR", directory)], None),
        (&[("SSL_CERT_DIR", &two)], None),
        (
            &[("SSL_CERT_FILE", &others), ("SSL_CERT_DIR", directory)],
            None,
        ),
        (&[("SSL_CERT_FILE", &own), ("SSL_CERT_DIR", "")], None),
        (&[], Some("nor in ca_file, SSL_CERT_FILE or SSL_CERT_DIR")),
        (
            &[("SSL_CERT_FILE", "/nowhere.pem")],
            Some("SSL_CERT_FILE /nowhere.pem: No such file"),
        ),
        (
            &[("SSL_CERT_FILE", directory)],
            Some("is a directory; SSL_CERT_DIR"),
        ),
        (
            &[("SSL_CERT_DIR", "/nowhere")],
            Some("SSL_CERT_DIR /nowhere: No such file"),
        ),
        (&[("SSL_CERT_DIR", empty)], Some("holds no certificate")),
    ] {
        let error = in_environment(TEST, &url, variables);
        match outcome {
            None => assert_eq!(error, None, "{variables:?}"),
            Some(reason) => {
                let error = error.expect(reason);
                assert!(error.contains(reason), "{variables:?}: {error}");
            }
        }
    }
    // It is of no concern to a client that encrypts nothing.
    let plain = RawServer::answering(answer(USER));
    let broken = [("SSL_CERT_FILE", "/nowhere.pem")];
    assert_eq!(in_environment(TEST, &plain.url(), &broken), None);
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
    let (empty, large) = (Scratch::new(), Scratch::new());
    std::fs::write(&empty.0, "").unwrap();
    let file = std::fs::File::create(&large.0).unwrap();
    file.set_len(17 << 20).unwrap();
    for (path, reason) in [
        (Path::new("/nowhere.pem"), "No such file"),
        (&empty.0, "no certificate"),
        (&large.0, "larger than 16 MiB"),
        (Path::new("/dev/zero"), "not a regular file"),
        (Path::new("/"), "is a directory"),
    ] {
        let error = Client::builder().api_key(KEY).ca_file(path).build();
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(reason), "{error}");
        assert!(error.message().starts_with("ca_file "), "{error}");
    }
}

/// Reading a pipe would wait for whoever writes into it.
#[cfg(unix)]
#[test]
fn a_ca_file_that_is_a_pipe_is_not_waited_for() {
    let pipe = Scratch::new();
    let made = Command::new("mkfifo").arg(&pipe.0).status().unwrap();
    assert!(made.success());
    let error = Client::builder().api_key(KEY).ca_file(&pipe.0).build();
    let error = error.unwrap_err();
    assert!(error.message().contains("not a regular file"), "{error}");
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
