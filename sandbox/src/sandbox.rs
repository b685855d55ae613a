//! A running sandbox.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::{oneshot, watch};

use crate::builder::Builder;
use crate::config::Config;
use crate::exchange::{Service, Stats};
use crate::faults::Fault;
use crate::journal::Request;
use crate::matcher::Matcher;
use crate::server;

/// A server on this machine that behaves as the Knock API does. It stops when dropped.
///
/// ```
/// use knock_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::start();
/// sandbox.fault(Fault::status(503).on("GET", "/v1/users/*"));
/// println!("point a client at {}", sandbox.url());
/// ```
pub struct Sandbox {
    addr: SocketAddr,
    service: Arc<Service>,
    recycle: watch::Sender<()>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts an empty sandbox on a free port of 127.0.0.1 that takes any `sk_…` key.
    ///
    /// # Panics
    /// If this machine has no free port or thread left.
    pub fn start() -> Self {
        match Self::builder().start() {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("the sandbox could not start: {error}"),
        }
    }

    /// Sets a sandbox up before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn launch(config: Config, addr: SocketAddr) -> io::Result<Self> {
        let service = Arc::new(Service::new(config));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _context = runtime.enter();
            let listener = TcpListener::bind(addr)?;
            listener.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(listener)?
        };
        let addr = listener.local_addr()?;
        let (recycle, recycled) = watch::channel(());
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, service.clone(), recycled);
        let thread = std::thread::Builder::new()
            .name("knock-sandbox".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = serving => {}
                        _ = stopped => {}
                    }
                });
                // Dropping the runtime drops its tasks, and with them every connection.
                drop(runtime);
            })?;
        Ok(Self {
            addr,
            service,
            recycle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The base URL, such as `http://127.0.0.1:4010`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Adds to the world what only the service makes; the crate's documentation has the form. Responses with the ids of
    /// what was made. Over HTTP: `POST /_sandbox/seed`.
    ///
    /// # Panics
    /// If the seed is wrong, with what is wrong in it.
    #[track_caller]
    pub fn seed(&self, seed: Value) -> Value {
        match self.service.seed(seed) {
            Ok(seeded) => seeded,
            Err(error) => panic!("the seed is wrong: {error}"),
        }
    }

    /// Every user as the API shows them, in the order of creation, without going through its pages.
    pub fn users(&self) -> Vec<Value> {
        let state = self.service.state();
        let users = state.world.users.listing().into_iter();
        users
            .map(|(_, user)| Value::from(user.profile.clone()))
            .collect()
    }

    /// Queues a fault; faults queued earlier strike first. Over HTTP: `POST /_sandbox/faults`.
    pub fn fault(&self, fault: Fault) {
        self.service.state().faults.push(fault);
    }

    /// The faults that still wait for a request. Over HTTP: `GET /_sandbox/faults`.
    pub fn pending_faults(&self) -> Vec<Fault> {
        self.service.state().faults.pending()
    }

    /// The requests that arrived, oldest first, as far back as the journal reaches. Over HTTP:
    /// `GET /_sandbox/requests`.
    pub fn requests(&self) -> Vec<Request> {
        self.service.state().journal.requests(&Matcher::default())
    }

    /// The requests with this method (`*` for any) and path (`*` within a segment, `**` across them). Over HTTP:
    /// `GET /_sandbox/requests?method=…&path=…`.
    pub fn requests_to(&self, method: &str, path: &str) -> Vec<Request> {
        self.service
            .state()
            .journal
            .requests(&Matcher::new(Some(method), Some(path)))
    }

    /// Empties the journal. Over HTTP: `DELETE /_sandbox/requests`.
    pub fn clear_requests(&self) {
        self.service.state().journal.clear();
    }

    /// Number of connections accepted since the start or the last reset.
    pub fn connections_opened(&self) -> u64 {
        self.service.connections_opened.load(Ordering::Relaxed)
    }

    /// Number of connections open now.
    pub fn connections_open(&self) -> u64 {
        self.service.connections_open.load(Ordering::Relaxed)
    }

    /// Counts of requests, connections and refusals. Over HTTP: `GET /_sandbox/stats`.
    pub fn stats(&self) -> Stats {
        self.service.stats()
    }

    /// Has every connection closed as soon as it is idle, as a server does that restarts behind its address.
    ///
    /// It does not wait for that; [`Sandbox::connections_open`] tells when it has happened.
    pub fn close_connections(&self) {
        self.recycle.send_replace(());
    }

    /// Starts over: the world as it was at the start, no journal, no faults, full buckets, counts at zero. Over
    /// HTTP: `POST /_sandbox/reset`.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Runs until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread ends by itself only if it panicked, and then its message is already out.
            let _ = thread.join();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("addr", &self.addr)
            .finish_non_exhaustive()
    }
}
