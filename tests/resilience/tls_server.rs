//! Servers that speak TLS, with certificates of an authority of our own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use knock::{Client, ClientBuilder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::raw_server::{Connection, RawServer, USER, answer};
use crate::support::KEY;

pub type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A certificate authority of our own, in a file.
pub struct Authority {
    pub issuer: CertifiedIssuer<'static, KeyPair>,
    pub file: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
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
    pub fn server(
        &self,
        host: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Arc<ServerConfig> {
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

pub fn config(
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
pub fn serve(
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
pub fn read_request(tls: &mut Tls) -> bool {
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

pub fn answering(config: Arc<ServerConfig>) -> RawServer {
    serve(config, |tls, _| {
        while read_request(tls) {
            tls.write_all(&answer(USER)).unwrap();
        }
    })
}

pub fn builder(server: &RawServer, authority: &Authority) -> ClientBuilder {
    let url = server.url().replace("http:", "https:");
    Client::builder()
        .api_key(KEY)
        .base_url(url)
        .ca_file(&authority.file)
}
