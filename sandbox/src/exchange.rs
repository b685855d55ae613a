//! One request from arrival to answer: faults, the API, the journal.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use chrono::Utc;
use hyper::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::auth::{self, Caller};
use crate::config::Config;
use crate::errors::ApiError;
use crate::faults::{BulkOutcome, Delivery, FaultQueue};
use crate::journal::{Entry, Journal};
use crate::rate_limits::Limiter;
use crate::routes::{self, Call, Operation, Outcome};
use crate::state::World;

/// State shared by all connections.
pub(crate) struct Service {
    pub config: Config,
    state: Mutex<State>,
    pub connections_opened: AtomicU64,
    pub connections_open: AtomicU64,
}

/// Everything a request may read or change.
pub(crate) struct State {
    pub world: World,
    pub journal: Journal,
    pub faults: FaultQueue,
    pub limiter: Limiter,
    answered: u64,
}

/// Counts since the start or the last reset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Connections accepted.
    pub connections_opened: u64,
    /// Connections open now.
    pub connections_open: u64,
    /// Requests that arrived in full, whether the journal keeps them or not.
    pub requests: u64,
    /// Requests that a rate limit refused (429), by operation.
    pub rate_limited: BTreeMap<String, u64>,
}

/// A response and how to deliver it.
pub(crate) struct Reply {
    pub answer: Answer,
    pub delay: Duration,
    /// None: by the ordinary way.
    pub delivery: Option<Delivery>,
}

impl Service {
    pub fn new(config: Config) -> Self {
        let state = State {
            world: config.seed.world(),
            journal: config.journal(),
            faults: FaultQueue::default(),
            limiter: Limiter::new(config.rate_limits.clone()),
            answered: 0,
        };
        Self {
            config,
            state: Mutex::new(state),
            connections_opened: AtomicU64::new(0),
            connections_open: AtomicU64::new(0),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to the world what only the service makes.
    pub fn seed(&self, seed: Value) -> Result<Value, ApiError> {
        self.state().world.seed(seed, Utc::now())
    }

    /// Starts over: the world as configured, no journal, no faults, full buckets, counts at zero.
    pub fn reset(&self) {
        let mut state = self.state();
        state.world = self.config.seed.world();
        state.journal = self.config.journal();
        state.faults.clear();
        state.limiter.clear();
        self.connections_opened.store(0, Ordering::Relaxed);
    }

    pub fn stats(&self) -> Stats {
        let state = self.state();
        let refused = state.limiter.refused().iter();
        Stats {
            connections_opened: self.connections_opened.load(Ordering::Relaxed),
            connections_open: self.connections_open.load(Ordering::Relaxed),
            requests: state.journal.arrived(),
            rate_limited: refused
                .map(|(id, count)| ((*id).to_owned(), *count))
                .collect(),
        }
    }

    /// Answers a request that has arrived in full.
    pub fn exchange(&self, parts: Parts, body: Bytes, connection: u64) -> Reply {
        let state = &mut *self.state();
        state.answered += 1;
        let request_id = format!("sandbox-{:012x}", state.answered);
        let fault = state.faults.take(parts.method.as_str(), parts.uri.path());
        let processed = fault.as_ref().is_none_or(|fault| fault.lets_through());
        let bulk = fault.as_ref().and_then(|fault| fault.bulk.clone());
        let real = processed.then(|| {
            self.process(state, &parts, &body, bulk)
                .unwrap_or_else(ApiError::into_answer)
        });
        let api_status = real.as_ref().map(|answer| answer.status);
        let mut answer = match (&fault, real) {
            (None, Some(answer)) => answer,
            (Some(fault), real) => fault.answer(real),
            (None, None) => ApiError::injected(503).into_answer(),
        };
        if let Ok(value) = HeaderValue::try_from(&request_id) {
            answer.headers.entry("x-request-id").or_insert(value);
        }
        if accepts_gzip(&parts.headers) {
            answer = answer.gzip();
        }
        let status = match &fault {
            Some(fault) => fault.visible_status(&answer),
            None => Some(answer.status),
        };
        state.journal.record(|| Entry {
            method: parts.method,
            target: parts.uri,
            headers: parts.headers,
            body,
            api_status,
            status,
            fault: fault.is_some(),
            request_id,
            connection,
            at: SystemTime::now(),
        });
        Reply {
            answer,
            delay: Duration::from_millis(fault.as_ref().map_or(0, |fault| fault.delay_ms)),
            delivery: fault.and_then(|fault| fault.delivery()),
        }
    }

    /// Response of the API to a request.
    fn process(
        &self,
        state: &mut State,
        parts: &Parts,
        body: &[u8],
        bulk: Option<BulkOutcome>,
    ) -> Outcome {
        let (operation, params) = routes::find(parts.method.as_str(), parts.uri.path())?;
        let caller = auth::authenticate(&parts.headers, &self.config)?;
        let user = params.has("user_id").then(|| params.user_id());
        caller.may_call(operation.public, user)?;
        admit(&mut state.limiter, operation, &caller, user)?;
        check_media_type(&parts.headers, body)?;
        let now = Utc::now();
        let world = &mut state.world;
        world.settle_bulk(
            self.config.bulk_settles_after,
            now,
            self.config.max_properties_bytes,
        );
        operation.handle(&mut Call {
            world,
            config: &self.config,
            params,
            raw_query: parts.uri.query().unwrap_or_default(),
            body,
            bulk,
            now,
        })
    }
}

/// The bucket is the environment's, or the user's for a signed user and for feeds.
fn admit(
    limiter: &mut Limiter,
    operation: &Operation,
    caller: &Caller,
    user: Option<&str>,
) -> Result<(), ApiError> {
    let bucket = || match caller {
        Caller::User(user) => Some(user.clone()),
        Caller::Secret => user
            .filter(|_| operation.limited_per_user)
            .map(str::to_owned),
    };
    limiter
        .admit(operation.id, operation.tier, bucket, Instant::now())
        .map_err(|seconds| {
            let tier = operation.tier.number();
            ApiError::rate_limited(
                seconds,
                format!(
                    "the rate limit of tier {tier} is used up for {}",
                    operation.id
                ),
            )
        })
}

fn check_media_type(headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    let Some(given) = headers.get(CONTENT_TYPE).filter(|_| !body.is_empty()) else {
        return Ok(());
    };
    let given = given.to_str().unwrap_or("unreadable");
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(ApiError::unsupported_media_type(given)),
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
    })
}
