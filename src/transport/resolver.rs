//! Name resolution that remembers, so that connections that are made at once ask once.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::interrupt;
use crate::sync::lock;
use crate::transport::attempt::{pause, remaining};
use crate::transport::dial::in_turn;
use crate::transport::hosts::{Host, TABLE, Table, host_in};

/// Lifetime of an answer. A connection that fails asks anew at once.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Further time that it serves while a new one is being looked up.
const STALE_FOR: Duration = Duration::from_secs(600);
/// The capacity of ureq's list.
const MOST_ADDRESSES: usize = 16;

/// The resolver of one client.
#[derive(Clone)]
pub(super) struct CachingResolver {
    table: &'static Table,
    closed: Arc<AtomicBool>,
}

impl Default for CachingResolver {
    fn default() -> Self {
        Self::of(&TABLE)
    }
}

impl CachingResolver {
    fn of(table: &'static Table) -> Self {
        Self {
            table,
            closed: Arc::default(),
        }
    }

    /// Asks anew, whatever is remembered.
    pub fn refresh(&self, uri: &Uri) -> Result<ResolvedSocketAddrs, Error> {
        self.find(uri, Duration::ZERO)
    }

    /// Remembers where a host was reached, to try that first the next time.
    pub fn reached(&self, uri: &Uri, address: SocketAddr) {
        if let Ok((name, _)) = host_and_port(uri) {
            let mut hosts = lock(&self.table.hosts);
            if let Some(host) = hosts.iter_mut().find(|host| host.name == name) {
                host.reached = Some(address.ip());
            }
        }
    }

    /// Ends the waits for a look-up.
    pub fn close(&self) {
        // Under the lock, so that nobody misses it between looking and waiting.
        let _hosts = lock(&self.table.hosts);
        self.closed.store(true, Ordering::Release);
        self.table.changed.notify_all();
    }

    /// The addresses that are remembered where they are young enough, else those that a
    /// look-up finds.
    fn find(&self, uri: &Uri, max_age: Duration) -> Result<ResolvedSocketAddrs, Error> {
        let (name, port) = host_and_port(uri)?;
        if let Ok(address) = name.parse::<IpAddr>() {
            let mut list = self.empty();
            list.push(SocketAddr::new(address, port));
            return Ok(list);
        }
        let mut hosts = lock(&self.table.hosts);
        let host = host_in(&mut hosts, name);
        let age = host.asked.map_or(Duration::MAX, |asked| asked.elapsed());
        // When the name server fails or takes too long, an old response is better than none.
        let fallback = !host.addresses.is_empty();
        if age >= max_age.min(GOOD_FOR) {
            match self.table.start(host) {
                Err(error) if !fallback => return Err(error.into()),
                _ => {}
            }
        }
        if age >= max_age && host.looking {
            let ended = host.ended;
            // Half of the time is for connecting to what is known.
            let left = remaining()?;
            let patience = if fallback { left / 2 } else { left };
            hosts = self.wait(hosts, name, ended, patience)?;
        }
        let host = host_in(&mut hosts, name);
        match &host.failure {
            Some(failure) if !fallback => Err(io::Error::other(failure.clone()).into()),
            _ => {
                let mut list = self.empty();
                let ordered = in_turn(&host.addresses, host.reached);
                for mut address in ordered.into_iter().take(MOST_ADDRESSES) {
                    address.set_port(port);
                    list.push(address);
                }
                Ok(list)
            }
        }
    }

    /// Waits for a look-up to end for so long, and no longer than the attempt may connect.
    fn wait<'a>(
        &'a self,
        mut hosts: MutexGuard<'a, Vec<Host>>,
        name: &str,
        ended: u64,
        patience: Duration,
    ) -> Result<MutexGuard<'a, Vec<Host>>, Error> {
        let start = Instant::now();
        while host_in(&mut hosts, name).ended == ended {
            if self.closed.load(Ordering::Acquire) {
                return Err(io::Error::from(io::ErrorKind::NotConnected).into());
            }
            let left = remaining()?.min(patience.saturating_sub(start.elapsed()));
            if left.is_zero() {
                return Ok(hosts);
            }
            let slice = interrupt::slice(left);
            let waited = self.table.changed.wait_timeout(hosts, slice);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            hosts = guard;
            if timeout.timed_out() {
                drop(hosts);
                pause()?;
                hosts = lock(&self.table.hosts);
            }
        }
        Ok(hosts)
    }
}

impl Resolver for CachingResolver {
    /// A slightly stale answer still serves, so that no connection waits for a name server, nor
    /// fails with it, while the host is where it was.
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.find(uri, GOOD_FOR + STALE_FOR)
    }
}

impl fmt::Debug for CachingResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachingResolver")
    }
}

/// The bare host of an address, and its port.
pub(super) fn host_and_port(uri: &Uri) -> Result<(&str, u16), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::attempt::Attempt;
    use crate::transport::hosts::MOST_HOSTS;
    use std::sync::atomic::AtomicU32;
    use std::sync::{Mutex, mpsc};
    use std::thread;

    fn uri() -> Uri {
        Uri::from_static("https://api.test:4000/v1")
    }

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 4000))
    }

    fn with(
        look_up: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> CachingResolver {
        let table = Table::new(Box::leak(Box::new(look_up)));
        CachingResolver::of(Box::leak(Box::new(table)))
    }

    fn resolve(resolver: &CachingResolver) -> Result<ResolvedSocketAddrs, Error> {
        resolver.find(&uri(), GOOD_FOR)
    }

    #[test]
    fn a_host_is_looked_up_once_until_it_is_asked_for_anew() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        let resolver = with(move |name| {
            assert_eq!(name, "api.test");
            Ok(vec![address(count.fetch_add(1, Ordering::Relaxed) as u8)])
        });
        assert_eq!(resolve(&resolver).unwrap()[..], [address(0)]);
        assert_eq!(resolve(&resolver).unwrap()[..], [address(0)]);
        assert_eq!(resolver.refresh(&uri()).unwrap()[..], [address(1)]);
        assert_eq!(resolve(&resolver).unwrap()[..], [address(1)]);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn an_old_answer_serves_while_the_name_server_is_away() {
        let up = Arc::new(AtomicBool::new(true));
        let state = up.clone();
        let resolver = with(move |_| match state.load(Ordering::Relaxed) {
            true => Ok(vec![address(1)]),
            false => Err(io::Error::other("the name server is away")),
        });
        resolve(&resolver).unwrap();
        up.store(false, Ordering::Relaxed);
        assert_eq!(resolver.refresh(&uri()).unwrap()[..], [address(1)]);
    }

    #[test]
    fn an_old_answer_serves_while_the_name_server_is_silent() {
        let (answer, answers) = mpsc::channel();
        let answers = Mutex::new(answers);
        let resolver = with(move |_| {
            lock(&answers).recv().map_err(io::Error::other)?;
            Ok(vec![address(1)])
        });
        answer.send(()).unwrap();
        resolve(&resolver).unwrap();
        let limit = Instant::now() + Duration::from_millis(600);
        let attempt = Attempt::new(limit, limit, 1);
        let (result, _) = attempt.run(|| resolver.refresh(&uri()));
        assert_eq!(result.unwrap()[..], [address(1)]);
        assert!(Instant::now() < limit, "there is time left to connect");
    }

    #[test]
    fn a_failure_is_told_and_not_remembered() {
        let up = Arc::new(AtomicBool::new(false));
        let state = up.clone();
        let resolver = with(move |_| match state.load(Ordering::Relaxed) {
            true => Ok(vec![address(1)]),
            false => Err(io::Error::other("the name server is away")),
        });
        let error = resolve(&resolver).unwrap_err();
        assert!(error.to_string().contains("the name server is away"));
        up.store(true, Ordering::Relaxed);
        assert!(resolve(&resolver).is_ok());
    }

    #[test]
    fn a_slow_look_up_is_left_behind_in_time_and_used_by_the_next_call() {
        let (answer, answers) = mpsc::channel();
        let answers = Mutex::new(answers);
        let resolver = with(move |_| {
            lock(&answers).recv().map_err(io::Error::other)?;
            Ok(vec![address(1)])
        });
        let start = Instant::now();
        let limit = start + Duration::from_millis(30);
        let attempt = Attempt::new(limit, limit, 1);
        let (result, _) = attempt.run(|| resolve(&resolver));
        assert!(matches!(result, Err(Error::Timeout(_))));
        assert!(start.elapsed() < Duration::from_millis(80));
        answer.send(()).unwrap();
        // No second look-up: the channel has no second answer.
        assert_eq!(resolve(&resolver).unwrap()[..], [address(1)]);
    }

    #[test]
    fn closing_ends_the_wait() {
        let (_never, answers) = mpsc::channel::<()>();
        let answers = Mutex::new(answers);
        let resolver = with(move |_| {
            lock(&answers).recv().map_err(io::Error::other)?;
            Ok(vec![address(1)])
        });
        thread::scope(|scope| {
            let waiting = scope.spawn(|| resolve(&resolver).is_err());
            resolver.close();
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn many_clients_have_a_host_looked_up_once() {
        let (answer, answers) = mpsc::channel();
        let answers = Mutex::new(answers);
        let resolver = with(move |_| {
            lock(&answers).recv().map_err(io::Error::other)?;
            Ok(vec![address(1)])
        });
        for _ in 0..300 {
            let client = CachingResolver::of(resolver.table);
            let limit = Instant::now() + Duration::from_micros(100);
            let attempt = Attempt::new(limit, limit, 1);
            assert!(attempt.run(|| resolve(&client)).0.is_err());
            client.close();
        }
        answer.send(()).unwrap();
        // No second look-up: the channel has no second answer.
        let client = CachingResolver::of(resolver.table);
        assert_eq!(resolve(&client).unwrap()[..], [address(1)]);
    }

    #[test]
    fn the_address_that_was_reached_comes_first_also_for_other_clients() {
        let resolver = with(|_| Ok(vec![address(1), address(2), address(3)]));
        resolve(&resolver).unwrap();
        resolver.reached(&uri(), address(3));
        let other = CachingResolver::of(resolver.table);
        let ordered = [address(3), address(1), address(2)];
        assert_eq!(resolve(&other).unwrap()[..], ordered);
        assert_eq!(other.refresh(&uri()).unwrap()[..], ordered);
    }

    #[test]
    fn a_host_too_many_has_the_others_forgotten() {
        let resolver = with(|_| Ok(vec![address(1)]));
        for number in 0..1000 {
            let uri: Uri = format!("https://host{number}.test:4000").parse().unwrap();
            assert_eq!(resolver.find(&uri, GOOD_FOR).unwrap()[..], [address(1)]);
            assert!(lock(&resolver.table.hosts).len() <= MOST_HOSTS);
        }
    }
}
