//! Opens connections within the time that the attempt leaves: through a proxy where there is one,
//! encrypted where the address says so.

use std::fmt;
use std::sync::Arc;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::time::Instant;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};

use crate::transport::attempt::Attempt;
use crate::transport::dial::dial;
use crate::transport::pool::Pool;
use crate::transport::proxy::Proxy;
use crate::transport::resolver::CachingResolver;
use crate::transport::socket::Socket;
use crate::transport::tls::TlsConnector;
use crate::transport::tunnel::TunnelConnector;

type AnyConnector = dyn Connector<Out = Box<dyn Transport>>;

pub(super) struct Opener {
    config: Config,
    connector: Arc<AnyConnector>,
    resolver: CachingResolver,
}

impl Opener {
    pub fn new(proxy: Option<Proxy>, tls: TlsConnector, resolver: CachingResolver) -> Self {
        let chain =
            ().chain(TunnelConnector(proxy))
                .chain(SocketConnector::new(resolver.clone()))
                .chain(tls)
                .chain(StandingConnector);
        Self {
            config: Config::default(),
            connector: Arc::new(chain),
            resolver,
        }
    }

    /// A new connection to the host of an address, which the pool can close while it is in use.
    pub fn open(&self, uri: &Uri, pool: &Pool) -> Result<Box<dyn Transport>, Error> {
        let (connector, pool) = (self.connector.clone(), pool.clone());
        let run = move |details: &ConnectionDetails| connect(&*connector, details);
        let details = ConnectionDetails {
            uri,
            addrs: self.resolver.empty(),
            config: &self.config,
            request_level: false,
            resolver: &self.resolver,
            now: Instant::now(),
            // The sockets know the deadlines.
            timeout: NextTimeout::default(),
            current_time: Arc::new(Instant::now),
            run_connector: Arc::new(run),
            register_shutdown: Arc::new(move |handle| pool.register(handle)),
        };
        let connection = connect(&*self.connector, &details)?;
        if details.needs_tls() && !connection.is_tls() {
            return Err(Error::TlsRequired);
        }
        Ok(connection)
    }
}

fn connect(
    connector: &AnyConnector,
    details: &ConnectionDetails,
) -> Result<Box<dyn Transport>, Error> {
    let connection = connector.connect(details, None)?;
    connection.ok_or(Error::ConnectionFailed)
}

/// Second: a TCP connection, where there is no tunnel.
pub(super) struct SocketConnector {
    resolver: CachingResolver,
}

impl SocketConnector {
    pub fn new(resolver: CachingResolver) -> Self {
        Self { resolver }
    }
}

impl fmt::Debug for SocketConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketConnector")
    }
}

impl<In: Transport> Connector<In> for SocketConnector {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let known = self
            .resolver
            .resolve(details.uri, details.config, details.timeout)?;
        let register = &*details.register_shutdown;
        let (stream, address) = dial(&known, register).or_else(|error| {
            // The host may have moved since it was last asked for.
            let moved = self.resolver.refresh(details.uri)?;
            let other = |address| !known.contains(address);
            if moved.iter().any(other) {
                dial(&moved, register)
            } else {
                Err(error)
            }
        })?;
        self.resolver.reached(details.uri, address);
        Ok(Some(Either::B(Socket::new(stream)?)))
    }
}

/// Last: the connection stands, with its tunnel and its encryption.
#[derive(Debug)]
pub(super) struct StandingConnector;

impl<In: Transport> Connector<In> for StandingConnector {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        // To the proxy only: what comes over it is no response yet.
        if Attempt::is_tunnelling() {
            return Ok(chained.map(|connection| connection.boxed()));
        }
        Attempt::connected(false);
        Ok(chained.map(|connection| Standing(connection).boxed()))
    }
}

/// A connection that notes when a response begins. What comes over TLS need not be one.
#[derive(Debug)]
struct Standing<T>(T);

impl<T: Transport> Transport for Standing<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let came = self.0.await_input(timeout)?;
        if came {
            Attempt::receiving();
        }
        Ok(came)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
