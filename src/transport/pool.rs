//! The connections that wait for the next request. A client has one server, so they are all alike.

use std::io;
use std::mem;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{ShutdownHandle, Transport};

use crate::sync::lock;

#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    connections: Mutex<Connections>,
    most_idle: usize,
    idle_timeout: Duration,
}

#[derive(Default)]
struct Connections {
    /// The last used at the end, which is the next to be used.
    idle: Vec<Idle>,
    /// Every connection there is, be it idle, in use or still connecting.
    handles: Vec<Weak<dyn ShutdownHandle>>,
    closed: bool,
}

struct Idle {
    connection: Box<dyn Transport>,
    since: Instant,
}

impl Pool {
    pub fn new(most_idle: usize, idle_timeout: Duration) -> Self {
        Self(Arc::new(Shared {
            connections: Mutex::default(),
            most_idle,
            idle_timeout,
        }))
    }

    /// A connection that an earlier request left open, if there is one.
    pub fn take(&self) -> Option<Box<dyn Transport>> {
        loop {
            let idle = lock(&self.0.connections).idle.pop()?;
            // Asked without the lock, as it is a system call.
            let mut connection = idle.connection;
            if idle.since.elapsed() < self.0.idle_timeout && connection.is_open() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose response was read to its end.
    pub fn put(&self, mut connection: Box<dyn Transport>) {
        // What follows the response belongs to no request.
        if !connection.is_open() {
            return;
        }
        let since = Instant::now();
        let mut connections = lock(&self.0.connections);
        let old = |idle: &Idle| since - idle.since >= self.0.idle_timeout;
        let outdated = connections.idle.iter().take_while(|idle| old(idle)).count();
        let outdated: Vec<_> = connections.idle.drain(..outdated).collect();
        if !connections.closed && connections.idle.len() < self.0.most_idle {
            connections.idle.push(Idle { connection, since });
        }
        // Closing takes system calls, so it is done without the lock.
        drop(connections);
        drop(outdated);
    }

    /// Remembers a connection that is being made, unless nothing may be connected any more.
    pub fn register(&self, handle: Weak<dyn ShutdownHandle>) -> Result<(), Error> {
        let mut connections = lock(&self.0.connections);
        if connections.closed {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "the client is closed").into());
        }
        connections
            .handles
            .retain(|handle| handle.strong_count() > 0);
        connections.handles.push(handle);
        Ok(())
    }

    pub fn is_closed(&self) -> bool {
        lock(&self.0.connections).closed
    }

    /// Closes every connection, which ends the waits on them, and lets no new one be made.
    pub fn close(&self) {
        let mut connections = lock(&self.0.connections);
        connections.closed = true;
        let all = mem::take(&mut *connections);
        connections.closed = true;
        drop(connections);
        for handle in all.handles.iter().filter_map(Weak::upgrade) {
            handle.shutdown();
        }
    }
}
