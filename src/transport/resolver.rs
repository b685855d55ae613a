//! Name resolution that remembers.
//!
//! ureq resolves before it looks into its pool, at every request, so that what is remembered
//! here is what makes a call on a warm connection free of it.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::sync::lock;
use crate::transport::attempt::{Attempt, remaining};

/// How long an answer is good for. A connection that fails asks anew at once.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);
/// The host and a proxy; more come only by changes of the environment.
const MOST_HOSTS: usize = 8;
/// The capacity of ureq's list.
const MOST_ADDRESSES: usize = 16;

#[derive(Clone, Debug, Default)]
pub(super) struct CachingResolver(Arc<Mutex<Vec<Entry>>>);

#[derive(Debug)]
struct Entry {
    host: String,
    port: u16,
    addresses: Vec<SocketAddr>,
    good_until: Instant,
}

impl CachingResolver {
    fn known(&self, host: &str, port: u16) -> Option<ResolvedSocketAddrs> {
        let entries = lock(&self.0);
        let entry = entries
            .iter()
            .find(|entry| entry.port == port && entry.host == host)?;
        (entry.good_until > Instant::now()).then(|| self.listed(&entry.addresses))
    }

    fn listed(&self, addresses: &[SocketAddr]) -> ResolvedSocketAddrs {
        let mut list = self.empty();
        addresses
            .iter()
            .take(MOST_ADDRESSES)
            .for_each(|address| list.push(*address));
        list
    }

    /// Asks anew, whatever is remembered.
    pub fn refresh(&self, uri: &Uri) -> Result<ResolvedSocketAddrs, Error> {
        let (host, port) = host_and_port(uri)?;
        let addresses = look_up(host, port)?;
        let list = self.listed(&addresses);
        let mut entries = lock(&self.0);
        entries.retain(|entry| entry.port != port || entry.host != host);
        if entries.len() == MOST_HOSTS {
            entries.remove(0);
        }
        let good_until = Instant::now() + TIME_TO_LIVE;
        entries.push(Entry {
            host: host.to_owned(),
            port,
            addresses,
            good_until,
        });
        Ok(list)
    }
}

impl Resolver for CachingResolver {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let (host, port) = host_and_port(uri)?;
        match self.known(host, port) {
            Some(addresses) => Ok(addresses),
            None => self.refresh(uri),
        }
    }
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), Error> {
    let host = uri.host().ok_or_else(|| Error::BadUri("no host".into()))?;
    let default = if uri.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    Ok((
        host.trim_start_matches('[').trim_end_matches(']'),
        uri.port_u16().unwrap_or(default),
    ))
}

/// Resolves within the time to connect. The system's resolver cannot be interrupted, so it
/// runs in a thread that is left behind when it takes too long.
fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let connect_timeout =
        Attempt::current().map_or(Duration::MAX, |attempt| attempt.connect_timeout);
    let limit = remaining()?.min(connect_timeout);
    let (sender, receiver) = mpsc::sync_channel(1);
    let name = host.to_owned();
    let look = move || {
        let addresses = (name.as_str(), port).to_socket_addrs().map(Vec::from_iter);
        // Nobody listens any more when the time ran out.
        let _ = sender.send(addresses);
    };
    thread::Builder::new()
        .name("knock-resolve".into())
        .spawn(look)?;
    let addresses = receiver.recv_timeout(limit).map_err(|_| {
        let message = "the name of the host could not be resolved in time";
        Error::Io(io::Error::new(io::ErrorKind::TimedOut, message))
    })??;
    if addresses.is_empty() {
        Err(Error::HostNotFound)
    } else {
        Ok(addresses)
    }
}
