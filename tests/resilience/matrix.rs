//! The fault matrix: what each fault comes to for each kind of call.
//!
//! A row is a fault and a call; its columns are the promises. The table of
//! `docs/resilience.md` is this one; `UPDATE_DOCS=1 cargo test --test resilience` writes it.

use std::fmt::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{Client, ErrorKind, Pacing, Result};
use knock_sandbox::{Fault, Sandbox};

use crate::clock::within;
use crate::raw_server::{Connection, FullPort, RawServer, VacantPort};
use crate::support::KEY;
use crate::{raw_faults, sandbox_faults};

/// A call of each kind.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    Get,
    /// Like `Get`, with the response as JSON text.
    GetJson,
    Put,
    /// Like `Put`, with more than the network holds.
    PutLarge,
    Delete,
    /// A `POST` that must not be done twice.
    Merge,
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "`GET`",
            Self::GetJson => "`GET` as text",
            Self::Put => "`PUT`",
            Self::PutLarge => "`PUT`, 8 MB",
            Self::Delete => "`DELETE`",
            Self::Merge => "`POST`",
        }
    }

    fn make(self, client: &Client) -> Result<u32> {
        let users = client.users();
        match self {
            Self::Get => users.get("jane").map(|user| user.meta().attempts()),
            Self::GetJson => {
                let request = r#"{"user_id": "jane", "request_options": {"metadata": true}}"#;
                let text = client.call_json("users.get", request)?;
                let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
                Ok(reply["meta"]["attempts"].as_u64().unwrap() as u32)
            }
            Self::Put => {
                let body = IdentifyUserRequest::new().name("Jane");
                users
                    .identify("jane", &body)
                    .map(|user| user.meta().attempts())
            }
            Self::PutLarge => users
                .identify("jane", &large())
                .map(|user| user.meta().attempts()),
            Self::Delete => users.delete("jane").map(|done| done.meta().attempts()),
            Self::Merge => users
                .merge("jane", &MergeUserRequest::new("ian"))
                .map(|user| user.meta().attempts()),
        }
    }

    /// Time to write the request, before the call begins.
    fn preparation(self) -> Duration {
        let start = Instant::now();
        if matches!(self, Self::PutLarge) {
            serde_json::to_vec(&large()).unwrap();
        }
        start.elapsed()
    }
}

fn large() -> IdentifyUserRequest {
    IdentifyUserRequest::new().name("x".repeat(8 << 20))
}

/// The party that misbehaves.
pub enum Server {
    /// The stand-in service, with these faults queued.
    Sandbox(Vec<Fault>),
    /// A script that every connection runs.
    Raw(Box<dyn Fn(&mut Connection) + Send + Sync>),
    /// Nobody listens on the port.
    Nobody,
    /// The port takes no more connections and says nothing.
    Full,
}

/// Observations of the caller and of the server.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// `ok`, or the kind of the error.
    pub outcome: &'static str,
    pub status: Option<u16>,
    pub attempts: u32,
    pub retryable: bool,
    /// Whether the error says that the server may have done the work.
    pub unsure: bool,
    /// Number of requests that arrived whole.
    pub arrived: usize,
    /// Number of them that the service processed, by its journal.
    pub processed: Option<usize>,
    pub connections: usize,
}

pub struct Row {
    pub fault: &'static str,
    pub call: Call,
    pub server: Server,
    /// The deadline of the call; it must be over by then, whatever happens.
    pub deadline: Duration,
    pub expected: Seen,
}

impl Row {
    /// A row in which the call succeeds at once, to be changed to what happens.
    pub fn new(fault: &'static str, call: Call, server: Server) -> Self {
        Self {
            fault,
            call,
            deadline: Duration::from_secs(10),
            expected: Seen {
                outcome: "ok",
                status: None,
                attempts: 1,
                retryable: false,
                unsure: false,
                arrived: 1,
                processed: matches!(server, Server::Sandbox(_)).then_some(1),
                connections: 1,
            },
            server,
        }
    }

    pub fn deadline(mut self, millis: u64) -> Self {
        self.deadline = Duration::from_millis(millis);
        self
    }

    /// It takes this many attempts, each with a request that arrives.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.expected.attempts = attempts;
        self.expected.arrived = attempts as usize;
        self
    }

    pub fn processed(mut self, times: usize) -> Self {
        self.expected.processed = Some(times);
        self
    }

    pub fn connections(mut self, connections: usize) -> Self {
        self.expected.connections = connections;
        self
    }

    /// No request goes out.
    pub fn unsent(mut self) -> Self {
        self.expected.attempts = 0;
        self.expected.connections = 0;
        self.arrived(0)
    }

    pub fn arrived(mut self, requests: usize) -> Self {
        self.expected.arrived = requests;
        self
    }

    /// It fails.
    pub fn fails(mut self, kind: ErrorKind) -> Self {
        self.expected.outcome = kind.as_str();
        self
    }

    /// … with this status.
    pub fn status(mut self, status: u16) -> Self {
        self.expected.status = Some(status);
        self
    }

    /// … and the same call may be made again.
    pub fn retryable(mut self) -> Self {
        self.expected.retryable = true;
        self
    }

    /// … and may have been processed.
    pub fn unsure(mut self) -> Self {
        self.expected.unsure = true;
        self
    }

    fn run(self) -> (Seen, Seen) {
        let Self {
            call,
            server,
            deadline,
            expected,
            ..
        } = self;
        let client = |url: String| {
            let builder = Client::builder().api_key(KEY).base_url(url);
            builder
                .pacing(Pacing::off())
                .max_response_bytes(1 << 20)
                .deadline(deadline)
                .build()
                .unwrap()
        };
        let seen = match server {
            Server::Sandbox(faults) => {
                let sandbox = Sandbox::start();
                for id in ["jane", "ian"] {
                    let earlier = client(sandbox.url());
                    let users = earlier.users();
                    users.identify(id, &IdentifyUserRequest::new()).unwrap();
                }
                sandbox.clear_requests();
                faults.into_iter().for_each(|fault| sandbox.fault(fault));
                let before = sandbox.connections_opened();
                let mut seen = see(call, &client(sandbox.url()), deadline);
                let requests = sandbox.requests();
                seen.arrived = requests.len();
                seen.processed = Some(requests.iter().filter(|r| r.processed).count());
                seen.connections = (sandbox.connections_opened() - before) as usize;
                assert!(sandbox.pending_faults().is_empty(), "a fault was not met");
                seen
            }
            Server::Raw(script) => {
                let server = RawServer::start(script);
                let mut seen = see(call, &client(server.url()), deadline);
                seen.arrived = server.requests();
                seen.connections = server.connections();
                seen
            }
            Server::Nobody => {
                let port = VacantPort::new();
                see(call, &client(port.url()), deadline)
            }
            Server::Full => {
                let port = FullPort::new();
                see(call, &client(port.url()), deadline)
            }
        };
        (seen, expected)
    }
}

/// Makes the call and notes what the caller sees.
fn see(call: Call, client: &Client, deadline: Duration) -> Seen {
    let result = within(deadline + call.preparation(), || call.make(client));
    let (attempts, error) = match &result {
        Ok(attempts) => (*attempts, None),
        Err(error) => (error.attempts(), Some(error)),
    };
    Seen {
        outcome: error.map_or("ok", |error| error.kind().as_str()),
        status: error.and_then(|error| error.status()),
        attempts,
        retryable: error.is_some_and(|error| error.is_retryable()),
        unsure: error.is_some_and(|error| error.may_have_been_processed()),
        arrived: 0,
        processed: None,
        connections: 0,
    }
}

fn rows() -> Vec<Row> {
    let mut rows = sandbox_faults::rows();
    rows.extend(raw_faults::rows());
    rows
}

/// Number of rows run at a time: enough that their waits overlap, and not so many that they
/// wait for the processor.
const WORKERS: usize = 24;

#[test]
fn every_fault_keeps_every_promise() {
    let waiting = Mutex::new(rows());
    let next = || waiting.lock().unwrap().pop();
    let broken = Mutex::new(String::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(row) = next() {
                    let name = format!("{}, {:?}", row.fault, row.call);
                    let complaint = match panic::catch_unwind(AssertUnwindSafe(|| row.run())) {
                        Ok((seen, expected)) if seen == expected => continue,
                        Ok((seen, expected)) => {
                            format!("expected {expected:?}\n  seen     {seen:?}")
                        }
                        Err(_) => "panicked".to_owned(),
                    };
                    let mut broken = broken.lock().unwrap();
                    let _ = write!(broken, "\n{name}:\n  {complaint}");
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{broken}");
}

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/resilience.md");
const MARKS: [&str; 2] = [
    "<!-- matrix: written by `UPDATE_DOCS=1 cargo test --test resilience` -->",
    "<!-- end of matrix -->",
];

fn table() -> String {
    let yes = |is: bool| if is { "yes" } else { "" };
    let mut table = String::from(
        "| fault | call | outcome | status | attempts | retryable | may be processed \
         | requests | processed | connections | in time |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows() {
        let seen = &row.expected;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | yes |",
            row.fault,
            row.call.name(),
            seen.outcome,
            seen.status
                .map(|status| status.to_string())
                .unwrap_or_default(),
            seen.attempts,
            yes(seen.retryable),
            yes(seen.unsure),
            seen.arrived,
            seen.processed
                .map(|times| times.to_string())
                .unwrap_or_default(),
            seen.connections,
        );
    }
    table
}

#[test]
fn the_document_has_this_matrix() {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let [start, end] = MARKS;
    let (before, rest) = document.split_once(start).expect("the start of the matrix");
    let (committed, after) = rest.split_once(end).expect("the end of the matrix");
    let table = format!("\n\n{}\n", table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(DOCUMENT, format!("{before}{start}{table}{end}{after}")).unwrap();
    } else {
        assert!(
            committed == table,
            "docs/resilience.md is out of date; UPDATE_DOCS=1 cargo test --test resilience"
        );
    }
}
