//! TLS by rustls: a connection that is encrypted.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use rustls::pki_types::{ServerName, TrustAnchor};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, IoState, RootCertStore, StreamOwned,
};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport, TransportAdapter,
};

use crate::error::Error as KnockError;
use crate::sync::{self, lock};
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
    pub fn new(roots: RootCertStore) -> Result<Self, KnockError> {
        let mut shared = lock(&SHARED);
        let known = shared.iter().position(|known| known.roots == roots.roots);
        let known = match known {
            Some(index) => shared.remove(index),
            None => Shared {
                roots: roots.roots.clone(),
                config: Arc::new(config(roots)?),
            },
        };
        let config = known.config.clone();
        shared.push(known);
        let most = shared.len().saturating_sub(MOST_SHARED);
        shared.drain(..most);
        Ok(Self { config })
    }
}

/// State shared by the clients of a process that trust the same authorities: the tickets by which a new
/// connection resumes an earlier session.
///
/// Resuming asks for no certificate, so that nobody else may share them.
struct Shared {
    roots: Vec<TrustAnchor<'static>>,
    config: Arc<ClientConfig>,
}

/// The last used at the end.
static SHARED: Mutex<Vec<Shared>> = Mutex::new(Vec::new());
const MOST_SHARED: usize = 8;

/// Holds the lock of what is shared for a fork. The child shares nothing with its parent.
pub(crate) fn hold() -> Box<dyn sync::Held> {
    sync::hold(lock(&SHARED), sync::abandon)
}

fn config(roots: RootCertStore) -> Result<ClientConfig, KnockError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // Without early data: an attacker could have a server do again what was sent in it.
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| KnockError::config(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth())
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
        session.complete_io(&mut connection).map_err(explained)?;
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

/// An error of a handshake, with advice where rustls alone would leave its reader puzzled.
fn explained(error: io::Error) -> io::Error {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let Some(cause @ rustls::Error::InvalidCertificate(reason)) = cause else {
        return error;
    };
    let advice = match reason {
        CertificateError::UnknownIssuer => {
            "the authority that signed it is neither one of the bundled ones nor in ca_file, \
             SSL_CERT_FILE or SSL_CERT_DIR"
        }
        // The type of this reason is not rustls' own.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the server shows a self-signed certificate with CA:TRUE, which may sign others and \
             be in ca_file but is not accepted as the server's own; have it sign one for the \
             server, or make the server's with CA:FALSE (openssl req -x509 -addext \
             basicConstraints=critical,CA:FALSE) and put that one into ca_file"
        }
        _ => return error,
    };
    io::Error::new(error.kind(), Explained(cause.clone(), advice))
}

#[derive(Debug)]
struct Explained(rustls::Error, &'static str);

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0, self.1)
    }
}

impl std::error::Error for Explained {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
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
