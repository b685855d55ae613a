//! Addresses of hosts, shared by all clients of the process.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;

use crate::sync::{self, lock};

/// Hosts beyond this many are forgotten when another comes.
pub(super) const MOST_HOSTS: usize = 64;

pub(super) type LookUp = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Looks each host up in a thread of its own, one at a time: the system's resolver cannot be
/// interrupted, so that whoever runs out of time leaves it behind, for the next one to use.
pub(super) struct Table {
    pub hosts: Mutex<Vec<Host>>,
    pub changed: Condvar,
    /// Finds the addresses of a name; their ports say nothing.
    look_up: &'static LookUp,
}

#[derive(Default)]
pub(super) struct Host {
    pub name: String,
    pub addresses: Vec<SocketAddr>,
    /// The address that a connection was last made to.
    pub reached: Option<IpAddr>,
    pub asked: Option<Instant>,
    /// Error of the last look-up, if it failed.
    pub failure: Option<String>,
    pub looking: bool,
    /// Number of look-ups that have ended.
    pub ended: u64,
}

pub(super) static TABLE: Table = Table::new(&|name| Ok((name, 0).to_socket_addrs()?.collect()));

/// Holds the lock of what is known for a fork. In the child, whose look-ups have no thread any
/// more, nothing is known.
pub(crate) fn hold() -> Box<dyn sync::Held> {
    sync::hold(lock(&TABLE.hosts), sync::abandon)
}

impl Table {
    pub const fn new(look_up: &'static LookUp) -> Self {
        Self {
            hosts: Mutex::new(Vec::new()),
            changed: Condvar::new(),
            look_up,
        }
    }

    /// Has the host looked up, unless that is being done.
    pub fn start(&'static self, host: &mut Host) -> io::Result<()> {
        if host.looking {
            return Ok(());
        }
        let name = host.name.clone();
        let look = move || {
            let found = (self.look_up)(&name);
            let mut hosts = lock(&self.hosts);
            let host = host_in(&mut hosts, &name);
            host.failure = match found {
                Ok(addresses) if addresses.is_empty() => Some(format!("{name} has no address")),
                Ok(addresses) => {
                    host.addresses = addresses;
                    host.asked = Some(Instant::now());
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            host.looking = false;
            host.ended += 1;
            self.changed.notify_all();
        };
        let thread = thread::Builder::new().name("knock-resolve".into());
        thread.spawn(look)?;
        host.looking = true;
        Ok(())
    }
}

pub(super) fn host_in<'a>(hosts: &'a mut Vec<Host>, name: &str) -> &'a mut Host {
    let known = hosts.iter().position(|host| host.name == name);
    let index = known.unwrap_or_else(|| {
        if hosts.len() >= MOST_HOSTS {
            hosts.retain(|host| host.looking);
        }
        hosts.push(Host {
            name: name.to_owned(),
            ..Host::default()
        });
        hosts.len() - 1
    });
    &mut hosts[index]
}
