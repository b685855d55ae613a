//! Opens connections within the time that the attempt leaves.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, Transport};

use crate::transport::attempt::{Attempt, remaining};
use crate::transport::resolver::CachingResolver;
use crate::transport::socket::Socket;

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
        Attempt::update(|attempt| attempt.reused = false);
        let limit = Attempt::current().map_or(Duration::MAX, |attempt| attempt.connect_timeout);
        let deadline = Instant::now() + remaining()?.min(limit).min(Duration::from_secs(3600));
        let stream = first_of(&details.addrs, deadline).or_else(|error| {
            // The host may have moved since it was last asked for.
            let moved = self.resolver.refresh(details.uri)?;
            if *moved == *details.addrs {
                Err(error)
            } else {
                first_of(&moved, deadline)
            }
        })?;
        let socket = Socket::new(stream)?;
        (details.register_shutdown)(socket.shutdown_handle())?;
        Ok(Some(Either::B(socket)))
    }
}

/// Connects to the first address that answers; each gets an even share of the time left.
fn first_of(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, Error> {
    let mut last = None;
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / (addresses.len() - index) as u32;
        if share.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    // Which deadline it was is told by whoever set it.
    remaining()?;
    Err(last
        .unwrap_or_else(|| io::ErrorKind::TimedOut.into())
        .into())
}
