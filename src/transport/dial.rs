//! Connecting to the first of a host's addresses that can be reached, as RFC 8305 has it.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockRef, Type};
use ureq::Error;
use ureq::unversioned::transport::ShutdownHandle;

use crate::interrupt;
use crate::transport::attempt::{pause, remaining};
use crate::transport::socket::Stream;

/// The time that an address has before the next one is tried as well.
const HEAD_START: Duration = Duration::from_millis(250);
/// The time between two looks at connections that are on their way.
const GLANCE: Duration = Duration::from_millis(10);

/// Takes what the closing of a client has to end.
type RegisterShutdown = dyn Fn(Weak<dyn ShutdownHandle>) -> Result<(), Error> + Send + Sync;

/// Connects to the first address that can be reached, each 250 ms after the one before, or as soon
/// as that one has failed. `register` is told of what the closing of a client has to end.
pub(super) fn dial(
    addresses: &[SocketAddr],
    register: &RegisterShutdown,
) -> Result<(Arc<Stream>, SocketAddr), Error> {
    let closed = Arc::new(Closed::default());
    register(Arc::downgrade(&closed) as _)?;
    let mut race = Race {
        register,
        closed: &closed,
        asked: Instant::now(),
        running: Vec::new(),
        failure: None,
    };
    for (index, address) in addresses.iter().enumerate() {
        let next = (index + 1 < addresses.len()).then(|| Instant::now() + HEAD_START);
        if let Some(winner) = race.start(*address, next)? {
            return Ok(winner);
        }
    }
    Err(race.failure.unwrap_or(Error::HostNotFound))
}

/// Raised when the client is closed.
#[derive(Default)]
struct Closed(AtomicBool);

impl ShutdownHandle for Closed {
    fn shutdown(&self) {
        self.0.store(true, Ordering::Release);
    }
}

type Winner = (Arc<Stream>, SocketAddr);

struct Race<'a> {
    register: &'a RegisterShutdown,
    closed: &'a Closed,
    /// Time the interrupt hook was last asked.
    asked: Instant,
    running: Vec<Winner>,
    /// The last failure.
    failure: Option<Error>,
}

impl Race<'_> {
    /// Starts connecting to an address, and watches until there is a winner, until one has failed
    /// and another can be started, or until the next is due. The last one has none after it.
    fn start(
        &mut self,
        address: SocketAddr,
        next: Option<Instant>,
    ) -> Result<Option<Winner>, Error> {
        let socket = socket2::Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        );
        let stream = Arc::new(Stream(TcpStream::from(socket?)));
        (self.register)(stream.shutdown_handle())?;
        // Most connections stand within this, and are noticed at once.
        let patience = remaining()?.min(interrupt::slice(HEAD_START));
        match SockRef::from(&stream.0).connect_timeout(&address.into(), patience) {
            Ok(()) => return Ok(Some((stream, address))),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.running.push((stream, address));
            }
            Err(error) => {
                self.fail(address, error);
                if next.is_some() {
                    return Ok(None);
                }
            }
        }
        self.watch(next)
    }

    fn watch(&mut self, next: Option<Instant>) -> Result<Option<Winner>, Error> {
        loop {
            let before = self.running.len();
            if let Some(winner) = self.winner() {
                return Ok(Some(winner));
            }
            let failed = self.running.len() < before;
            if self.running.is_empty() || (failed && next.is_some()) {
                return Ok(None);
            }
            let left = remaining()?;
            let left = next.map_or(left, |next| {
                left.min(next.saturating_duration_since(Instant::now()))
            });
            if left.is_zero() {
                return Ok(None);
            }
            if self.closed.0.load(Ordering::Acquire) {
                return Err(io::Error::from(io::ErrorKind::NotConnected).into());
            }
            if self.asked.elapsed() >= interrupt::slice(Duration::MAX) {
                pause()?;
                self.asked = Instant::now();
            }
            thread::sleep(left.min(GLANCE));
        }
    }

    /// A connection that stands, if there is one. Those that have failed are given up.
    fn winner(&mut self) -> Option<Winner> {
        let mut index = 0;
        while let Some((stream, address)) = self.running.get(index) {
            match stream.0.take_error() {
                Ok(None) if stream.0.peer_addr().is_ok() => {
                    return Some(self.running.swap_remove(index));
                }
                Ok(None) => index += 1,
                Ok(Some(error)) | Err(error) => {
                    let address = *address;
                    self.running.swap_remove(index);
                    self.fail(address, error);
                }
            }
        }
        None
    }

    fn fail(&mut self, address: SocketAddr, error: io::Error) {
        let error = io::Error::new(error.kind(), format!("{address}: {error}"));
        self.failure = Some(error.into());
    }
}

/// The addresses of a host in the order in which to try them: the families in turn, so that one
/// that leads nowhere does not hold up the other, and the one that was reached last before all.
pub(super) fn in_turn(addresses: &[SocketAddr], reached: Option<IpAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .iter()
        .copied()
        .partition(|address| address.is_ipv6() == first);
    let mut ordered = Vec::with_capacity(addresses.len());
    for index in 0..addresses.len() {
        ordered.extend(first.get(index).copied());
        ordered.extend(second.get(index).copied());
    }
    if let Some(index) = ordered.iter().position(|it| Some(it.ip()) == reached) {
        ordered[..=index].rotate_right(1);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::attempt::Attempt;
    use std::net::TcpListener;
    use std::sync::Mutex;

    fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
        let limit = Instant::now() + limit;
        Attempt::new(limit, limit, 1).run(work).0
    }

    fn dial_all(addresses: &[SocketAddr]) -> Result<SocketAddr, Error> {
        dial(addresses, &|_| Ok(())).map(|(stream, address)| {
            assert_eq!(stream.0.peer_addr().unwrap(), address);
            address
        })
    }

    /// An address whose queue of connections is full, so that connecting to it takes for ever.
    struct Dead(SocketAddr, socket2::Socket, Vec<TcpStream>);

    impl Dead {
        fn new() -> Self {
            let socket = socket2::Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            socket.bind(&any.into()).unwrap();
            socket.listen(0).unwrap();
            let address = socket.local_addr().unwrap().as_socket().unwrap();
            let patience = Duration::from_millis(20);
            let connect = |_| TcpStream::connect_timeout(&address, patience).ok();
            let queue = (0..16).map_while(connect).collect();
            Self(address, socket, queue)
        }
    }

    fn live() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    fn refusing() -> SocketAddr {
        live().1
    }

    #[test]
    fn dead_addresses_are_not_waited_for() {
        let (dead, also_dead) = (Dead::new(), Dead::new());
        let (_listener, live) = live();
        let addresses = [dead.0, also_dead.0, live];
        let start = Instant::now();
        let reached = within(Duration::from_secs(60), || dial_all(&addresses));
        assert_eq!(reached.unwrap(), live);
        // An even share of the time would have been 40 seconds.
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn an_address_that_refuses_is_passed_at_once_and_told_of_when_it_is_the_last() {
        let (_listener, live) = live();
        let (dead, refusing) = (Dead::new(), refusing());
        for addresses in [&[refusing, live][..], &[dead.0, refusing, live]] {
            let reached = within(Duration::from_secs(60), || dial_all(addresses));
            assert_eq!(reached.unwrap(), live);
        }
        let error = within(Duration::from_secs(60), || dial_all(&[refusing])).unwrap_err();
        assert!(error.to_string().contains(&refusing.to_string()), "{error}");
    }

    #[test]
    fn an_address_that_is_slow_is_still_waited_for_when_the_others_have_failed() {
        let slow = Dead::new();
        let (address, queue) = (slow.0, Mutex::new(Some(slow.2)));
        let refusing = refusing();
        thread::scope(|scope| {
            let dialing =
                scope.spawn(|| within(Duration::from_secs(60), || dial_all(&[address, refusing])));
            // Its queue has room again: the connections in it are taken, and closed.
            slow.1.set_nonblocking(true).unwrap();
            queue.lock().unwrap().take();
            while !dialing.is_finished() {
                let _ = slow.1.accept();
                thread::yield_now();
            }
            assert_eq!(dialing.join().unwrap().unwrap(), address);
        });
    }

    #[test]
    fn the_time_is_kept_and_closing_ends_the_wait() {
        let dead = Dead::new();
        let error = within(Duration::from_millis(400), || dial_all(&[dead.0]));
        assert!(matches!(error, Err(Error::Timeout(_))));

        let handles = Arc::new(Mutex::new(Vec::<Weak<dyn ShutdownHandle>>::new()));
        let registered = handles.clone();
        let register = move |handle| {
            registered.lock().unwrap().push(handle);
            Ok(())
        };
        thread::scope(|scope| {
            let dialing = scope.spawn(|| {
                within(Duration::from_secs(60), || {
                    dial(&[dead.0], &register).map(|_| ())
                })
            });
            while !dialing.is_finished() {
                let all = handles.lock().unwrap().clone();
                all.iter()
                    .filter_map(Weak::upgrade)
                    .for_each(|it| it.shutdown());
                thread::yield_now();
            }
            assert!(!matches!(
                dialing.join().unwrap(),
                Ok(()) | Err(Error::Timeout(_))
            ));
        });
    }

    #[test]
    fn the_families_take_turns_after_the_address_that_was_reached_last() {
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 443);
        let all = |texts: &[&str]| texts.iter().map(|text| address(text)).collect::<Vec<_>>();
        let known = all(&["::1", "::2", "::3", "192.0.2.1", "192.0.2.2"]);
        let turns = all(&["::1", "192.0.2.1", "::2", "192.0.2.2", "::3"]);
        assert_eq!(in_turn(&known, None), turns);
        assert_eq!(in_turn(&known, Some(address("192.0.2.9").ip())), turns);
        let reached = in_turn(&known, Some(address("192.0.2.2").ip()));
        assert_eq!(
            reached,
            all(&["192.0.2.2", "::1", "192.0.2.1", "::2", "::3"])
        );
        assert!(in_turn(&[], None).is_empty());
    }
}
