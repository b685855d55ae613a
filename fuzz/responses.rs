//! Properties of any bytes that a server sends: the call ends with JSON or with an error, and
//! the next call has a response of its own.

#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use flate2::read::GzDecoder;
use knock::{Client, ErrorKind, Pacing};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// A key that no error may repeat.
const SECRET: &str = "sk_fuzz_6b1f";

/// A whole response: its head and its body.
pub fn head(input: &[u8]) {
    static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::start(None));
    let _ = BENCH.whole(input.to_vec());
}

/// The chunks of a body, with a head that is in order. What is read of them is what a simple reader
/// makes of them.
pub fn chunks(input: &[u8]) {
    static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::start(None));
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    if let Some(text) = BENCH.whole([head, input].concat()) {
        let body = joined(input);
        let body = body.unwrap_or_else(|| panic!("not chunks: {}", input.escape_ascii()));
        assert_same_json(&text, &body);
    }
}

/// A body that should be gzip.
pub fn gzip(input: &[u8]) {
    static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::start(None));
    if let Some(text) = BENCH.whole(with_body("content-encoding: gzip\r\n", input)) {
        if input.is_empty() {
            return;
        }
        let mut first = Vec::new();
        let read = GzDecoder::new(input).read_to_end(&mut first);
        read.expect("a first member that can be unpacked");
        assert!(text.len() + 3 >= first.len(), "{text}");
    }
}

/// A body that should be a JSON object. What serde_json reads as one is handed out as it came, and
/// nothing else is.
pub fn json(input: &[u8]) {
    static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::start(None));
    let text = BENCH.whole(with_body("", input));
    match serde_json::from_slice::<Value>(input) {
        Ok(value) if value.is_object() => {
            assert_eq!(text.as_deref().map(str::as_bytes), Some(input));
        }
        Ok(_) => assert_eq!(text, None),
        Err(_) => {}
    }
    BENCH.play(Play::Whole(with_body("", input)));
    let _ = BENCH.client.users().get("typed");
    BENCH.wait();
}

/// Bytes after a response, some of them late. The first two bytes say where they are cut.
pub fn late(input: &[u8]) {
    static PLAIN: LazyLock<Bench> = LazyLock::new(|| Bench::start(None));
    static TLS: LazyLock<Bench> = LazyLock::new(|| Bench::start(Some(Certificate::new())));
    let Some((cut, extra)) = input.split_first_chunk::<2>().filter(|it| !it.1.is_empty()) else {
        return;
    };
    for bench in [&*PLAIN, &*TLS] {
        let cut = u16::from_le_bytes(*cut).into();
        let extra = extra.to_vec();
        bench.play(Play::Late { extra, cut });
        bench.call_for_itself();
        bench.wait();
        bench.call_for_itself();
    }
}

/// A response that gives its length.
fn with_body(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// A body of chunks, read as RFC 9112 has it.
fn joined(mut input: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = input.windows(2).position(|pair| pair == b"\r\n")?;
        let size = input[..end].split(|byte| *byte == b';').next()?;
        let size = std::str::from_utf8(size).ok()?.trim_end();
        let hexadecimal = size.bytes().all(|it| it.is_ascii_hexdigit());
        let size = usize::from_str_radix(size, 16)
            .ok()
            .filter(|_| hexadecimal)?;
        input = &input[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(input.get(..size)?);
        input = input[size..].strip_prefix(b"\r\n")?;
    }
}

/// The text is the body, but for what is read although it is not quite JSON.
fn assert_same_json(text: &str, body: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value);
    }
}

/// Misbehavior of the server, for one request.
enum Play {
    /// Sends these bytes and closes.
    Whole(Vec<u8>),
    /// Sends the response, and more after it: some at once, the rest with the next request.
    Late { extra: Vec<u8>, cut: usize },
}

/// A server and a client for it.
struct Bench {
    client: Client,
    play: Arc<Mutex<Option<Play>>>,
    played: Mutex<Receiver<()>>,
    number: AtomicU64,
}

impl Bench {
    fn start(certificate: Option<Certificate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let builder = Client::builder()
            .api_key(SECRET)
            .pacing(Pacing::off())
            .max_retries(0)
            .max_response_bytes(1 << 20)
            .timeout(Duration::from_secs(10));
        let builder = match &certificate {
            None => builder.base_url(format!("http://{address}")),
            Some(Certificate { file, .. }) => {
                let builder = builder.base_url(format!("https://{address}"));
                builder.ca_file(file)
            }
        };
        let client = builder.build().expect("a client");
        let config = certificate.map(|certificate| certificate.config.clone());
        let play = Arc::new(Mutex::new(None));
        let (sender, played) = channel();
        let waiting = play.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut wire = Wire::new(stream.expect("a connection"), config.clone());
                let (play, sender) = (waiting.clone(), sender.clone());
                thread::spawn(move || wire.serve(&play, &sender));
            }
        });
        Self {
            client,
            play,
            played: Mutex::new(played),
            number: AtomicU64::new(0),
        }
    }

    fn play(&self, play: Play) {
        *self.play.lock().unwrap() = Some(play);
    }

    /// Waits until the server has done what it is to do.
    fn wait(&self) {
        let played = self.played.lock().unwrap();
        let patience = Duration::from_secs(10);
        played.recv_timeout(patience).expect("a request");
    }

    /// Makes a call that meets these bytes, and then one that must not notice them.
    fn whole(&self, bytes: Vec<u8>) -> Option<String> {
        self.play(Play::Whole(bytes));
        let request = r#"{"user_id": "jane"}"#;
        let result = self.client.call_json("users.get", request);
        self.wait();
        let text = match result {
            Ok(text) => {
                let read = serde_json::from_str::<Value>(&text);
                assert!(read.is_ok(), "not JSON: {text}");
                Some(text)
            }
            Err(error) => {
                let kind = error.kind();
                let refused = [ErrorKind::Api, ErrorKind::RateLimited, ErrorKind::Response];
                let broken = kind == ErrorKind::Transport;
                assert!(broken || refused.contains(&kind), "{error}");
                assert_eq!(error.attempts(), 1);
                let shown = format!("{error} {error:?} {}", error.to_json());
                assert!(!shown.contains(SECRET), "{shown}");
                None
            }
        };
        self.call_for_itself();
        text
    }

    /// Makes a call that must have the response that belongs to it.
    fn call_for_itself(&self) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let id = format!("own-{number}");
        let request = format!(r#"{{"user_id": "{id}"}}"#);
        let text = self.client.call_json("users.get", &request);
        assert_eq!(text.expect("a response"), user(&id));
    }
}

fn user(id: &str) -> String {
    format!(r#"{{"id":"{id}","updated_at":"2026-01-01T00:00:00Z"}}"#)
}

/// A certificate for this machine, in a file.
struct Certificate {
    file: std::path::PathBuf,
    config: Arc<ServerConfig>,
}

impl Certificate {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["127.0.0.1".into()]).expect("a name");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = rcgen::CertifiedIssuer::self_signed(params, key).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".into()]).expect("a name");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        let name = format!("knock-fuzz-{}.pem", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, issuer.pem()).expect("a file");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            );
        Self {
            file,
            config: Arc::new(config.expect("a certificate")),
        }
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// One connection, as the server sees it.
enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    fn new(stream: TcpStream, config: Option<Arc<ServerConfig>>) -> Self {
        let _ = stream.set_nodelay(true);
        match config {
            None => Self::Plain(stream),
            Some(config) => {
                let session = ServerConnection::new(config).expect("a session");
                Self::Tls(Box::new(StreamOwned::new(session, stream)))
            }
        }
    }

    fn serve(&mut self, play: &Mutex<Option<Play>>, played: &Sender<()>) -> Option<()> {
        loop {
            let own = with_body("", user(&self.request()?).as_bytes());
            let waiting = play.lock().unwrap().take();
            match waiting {
                None => {
                    let bytes = self.encoded(&own);
                    self.stream().write_all(&bytes).ok()?;
                }
                Some(Play::Whole(bytes)) => {
                    let bytes = self.encoded(&bytes);
                    let _ = self.stream().write_all(&bytes);
                    let _ = self.stream().shutdown(Shutdown::Write);
                    let _ = played.send(());
                    return None;
                }
                Some(Play::Late { extra, cut }) => {
                    let own = self.encoded(&own);
                    let extra = self.encoded(&extra);
                    let (early, late) = extra.split_at(1 + cut % extra.len());
                    let _ = self.stream().write_all(&[&own[..], early].concat());
                    let _ = played.send(());
                    self.request()?;
                    let _ = self.stream().write_all(late);
                }
            }
        }
    }

    /// Reads a request, and returns the id at the end of its path.
    fn request(&mut self) -> Option<String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            let read = match self {
                Self::Plain(stream) => stream.read(&mut byte),
                Self::Tls(stream) => stream.read(&mut byte),
            };
            if read.ok()? == 0 {
                return None;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).ok()?;
        let path = head.split(' ').nth(1)?;
        path.rsplit('/').next().map(str::to_owned)
    }

    /// Bytes as they go over the network.
    fn encoded(&mut self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain(_) => bytes.to_vec(),
            Self::Tls(stream) => {
                let mut records = Vec::new();
                for part in bytes.chunks(16 << 10) {
                    stream.conn.writer().write_all(part).expect("room");
                    while stream.conn.wants_write() {
                        stream.conn.write_tls(&mut records).expect("room");
                    }
                }
                records
            }
        }
    }

    fn stream(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &mut stream.sock,
        }
    }
}
