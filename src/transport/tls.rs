//! TLS by rustls: whom the client trusts, and a connection that is encrypted.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, IoState, RootCertStore, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport, TransportAdapter,
};

use crate::error::Error as KnockError;
use crate::transport::buffers::SocketBuffers;
use crate::transport::records::Records;
use crate::transport::resolver::host_and_port;

/// Encrypts a connection where the address says so.
///
/// ureq has one as well, whose roots are either the bundled ones or others; with both, the
/// bundled ones would be in the library twice.
pub(super) struct TlsConnector {
    config: Arc<ClientConfig>,
}

impl TlsConnector {
    /// Trusts the bundled roots, and the authorities of a file beside them.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, KnockError> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(path) = ca_file {
            add_authorities(&mut roots, path)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| KnockError::config(format!("TLS cannot be set up: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            config: Arc::new(config),
        })
    }
}

fn add_authorities(roots: &mut RootCertStore, path: &Path) -> Result<(), KnockError> {
    let wrong = |what: &str| KnockError::config(format!("ca_file {}: {what}", path.display()));
    let text = std::fs::read(path).map_err(|error| wrong(&error.to_string()).caused_by(&error))?;
    let certificates: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| wrong(&error.to_string()))?;
    // A bundle may have some that are of no use here.
    let (usable, useless) = roots.add_parsable_certificates(certificates);
    match (usable, useless) {
        (0, 0) => Err(wrong("holds no certificate in PEM form")),
        (0, _) => Err(wrong("holds no certificate that can be used")),
        _ => Ok(()),
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(connection) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            return Ok(Some(Either::A(connection)));
        }
        let (name, _) = host_and_port(details.uri)?;
        let name = ServerName::try_from(name.to_owned()).map_err(unusable)?;
        let mut session = ClientConnection::new(self.config.clone(), name).map_err(unusable)?;
        let clock = details.current_time.clone();
        let mut connection = Records::new(TransportAdapter::new(connection.boxed(), clock));
        session.complete_io(&mut connection)?;
        Ok(Some(Either::B(TlsTransport {
            stream: StreamOwned::new(session, connection),
            buffers: SocketBuffers::default(),
        })))
    }
}

/// As rustls wraps what it finds wrong in a handshake.
fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    io::Error::new(io::ErrorKind::InvalidData, error).into()
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnector")
    }
}

pub(super) struct TlsTransport {
    stream: StreamOwned<ClientConnection, Records<TransportAdapter>>,
    buffers: SocketBuffers,
}

impl TlsTransport {
    fn flush(&mut self) -> Result<(), Error> {
        self.stream.write_all(self.buffers.pending())?;
        self.buffers.sent();
        Ok(())
    }

    /// Whether everything that came was read, and the server has more to say.
    fn is_drained(&mut self) -> bool {
        let all_read = self.buffers.input().is_empty() && self.stream.sock.is_between();
        let state = self.stream.conn.process_new_packets();
        let drained =
            |state: IoState| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed();
        all_read && state.is_ok_and(drained)
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        if self.buffers.keep(amount) {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.flush()?;
        let received = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(received);
        Ok(received > 0)
    }

    fn is_open(&mut self) -> bool {
        self.is_drained() && self.stream.sock.stream.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsTransport({:?})", self.stream.sock.stream.get_ref())
    }
}
