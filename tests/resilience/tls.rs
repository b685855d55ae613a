//! TLS: whom the client trusts, and that breaks over it are told as over plain TCP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{Client, ClientBuilder, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::clock::within;
use crate::raw_server::{Connection, RawServer, USER, answer};
use crate::support::KEY;

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A certificate authority of our own, in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("authority-{}-{number}.pem", std::process::id());
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// The settings of a server with a certificate for this host.
    fn server(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        config(certificate.der().clone(), &key)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn config(
    certificate: rustls::pki_types::CertificateDer<'static>,
    key: &KeyPair,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        );
    Arc::new(config.unwrap())
}

/// A server over TLS; the script is run for each connection, and gets its number.
fn serve(
    config: Arc<ServerConfig>,
    script: impl Fn(&mut Tls, &mut Connection) + Send + Sync + 'static,
) -> RawServer {
    RawServer::start(move |connection| {
        let session = ServerConnection::new(config.clone()).unwrap();
        let mut tls = StreamOwned::new(session, connection.stream());
        script(&mut tls, connection);
    })
}

/// Reads a request without a large body; false when the client is gone.
fn read_request(tls: &mut Tls) -> bool {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match tls.read(&mut buffer) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return false,
        }
    }
    true
}

fn answering(config: Arc<ServerConfig>) -> RawServer {
    serve(config, |tls, _| {
        while read_request(tls) {
            tls.write_all(&answer(USER)).unwrap();
        }
    })
}

fn builder(server: &RawServer, authority: &Authority) -> ClientBuilder {
    let url = server.url().replace("http:", "https:");
    Client::builder()
        .api_key(KEY)
        .base_url(url)
        .ca_file(&authority.file)
}

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
    assert_eq!(error.attempts(), 1, "{error}");
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
