//! Opens connections: through a proxy where there is one, encrypted where the address says so.

use std::sync::Arc;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::time::Instant;
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, Transport};

use crate::transport::connector::{SocketConnector, StandingConnector, TunnelConnector};
use crate::transport::pool::Pool;
use crate::transport::resolver::CachingResolver;
use crate::transport::tls::TlsConnector;

type AnyConnector = dyn Connector<Out = Box<dyn Transport>>;

pub(super) struct Opener {
    config: Config,
    connector: Arc<AnyConnector>,
    resolver: CachingResolver,
}

impl Opener {
    pub fn new(config: Config, tls: TlsConnector, resolver: CachingResolver) -> Self {
        let chain =
            ().chain(TunnelConnector::default())
                .chain(SocketConnector::new(resolver.clone()))
                .chain(tls)
                .chain(StandingConnector);
        Self {
            config,
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
