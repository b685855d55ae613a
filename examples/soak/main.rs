//! Makes calls from many threads while everything goes wrong, and checks by the journal of the
//! server that each write happened exactly as it was reported.
//!
//! ```sh
//! cargo run --release --example soak        # a minute
//! cargo run --release --example soak 10     # ten seconds
//! ```

mod dice;
mod faults;
mod ledger;
mod pacing;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{CallOptions, Client, Pacing, Result};
use knock_sandbox::Sandbox;

use dice::Dice;
use ledger::{Call, Ledger};

const THREADS: usize = 16;
const ROUND: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(2);
/// The most that one call may make.
const ATTEMPTS: u32 = 4;
/// Time that a call may take over its deadline.
const GRACE: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    let seconds = match std::env::args().nth(1).map(|text| text.parse::<u64>()) {
        None => 60,
        Some(Ok(seconds)) if seconds > 0 => seconds,
        Some(_) => {
            eprintln!("usage: soak [SECONDS]");
            return ExitCode::FAILURE;
        }
    };
    // Two thirds with faults, one third with rate limits.
    let paced = Duration::from_secs((seconds / 3).max(2));
    let faulty = Duration::from_secs(seconds.saturating_sub(paced.as_secs()).max(1));
    let mut complaints = under_faults(faulty);
    complaints.extend(pacing::under_limits(paced));
    if complaints.is_empty() {
        println!("every write happened as reported");
        return ExitCode::SUCCESS;
    }
    for complaint in complaints.iter().take(20) {
        eprintln!("{complaint}");
    }
    eprintln!("{} promises were broken", complaints.len());
    ExitCode::FAILURE
}

/// Rounds of calls, each checked against what the server noted.
fn under_faults(time: Duration) -> Vec<String> {
    let builder = Sandbox::builder().journal_capacity(2_000_000);
    let sandbox = builder.start().expect("a sandbox");
    let client = Client::builder()
        .api_key("sk_test_soak")
        .base_url(sandbox.url())
        .pacing(Pacing::off())
        .timeout(Duration::from_millis(300))
        .deadline(DEADLINE)
        .max_retries(ATTEMPTS - 1)
        .build()
        .expect("a client");
    let end = Instant::now() + time;
    let mut total = Ledger::default();
    for round in 0.. {
        if Instant::now() >= end {
            break;
        }
        sandbox.reset();
        let mut ledger = play(&sandbox, &client, round);
        ledger.check(&sandbox.requests());
        total.add(ledger);
    }
    let (opened, calls) = (sandbox.connections_opened(), total.calls);
    println!(
        "faults: {calls} calls ({:.0}/s) from {THREADS} threads, {} requests, {} more that did not \
         arrive, {} done, {} failed for certain, {} unsure; at most {:?} late; {opened} connections in the last round",
        calls as f64 / time.as_secs_f64(),
        total.requests,
        total.lost,
        total.done,
        total.failed,
        total.unsure,
        total.latest,
    );
    total.complaints
}

fn play(sandbox: &Sandbox, client: &Client, round: u64) -> Ledger {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let misfortune = scope.spawn(|| faults::inject(sandbox, round, &over));
        let callers: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || caller(client, round, thread)))
            .collect();
        let mut ledger = Ledger::default();
        for caller in callers {
            ledger.add(caller.join().expect("a caller that does not panic"));
        }
        over.store(true, Ordering::Relaxed);
        let late = misfortune.join().expect("faults that do not panic");
        ledger.forgive(late);
        ledger
    })
}

/// Calls on users of its own, one after the other, for a round.
fn caller(client: &Client, round: u64, thread: usize) -> Ledger {
    let mut dice = Dice::new(round * 1000 + thread as u64);
    let mut ledger = Ledger::default();
    let start = Instant::now();
    for number in 0.. {
        if start.elapsed() >= ROUND {
            break;
        }
        // Half of them are there to be merged into their namesakes.
        let other = ["", "-other"][dice.roll(2) as usize];
        let user = format!("user-{thread}-{}{other}", dice.roll(4));
        let tag = format!("{round}-{thread}-{number}");
        let options = CallOptions::new().header("x-call", &tag);
        let client = client.with_options(options.expect("a plain header"));
        let call = match dice.roll(10) {
            0..4 => Call::Identify,
            4..7 => Call::Get,
            7..8 => Call::Delete,
            _ => Call::Merge,
        };
        let begun = Instant::now();
        let result = make(&client, call, &user, &tag);
        ledger.note(tag, call, &result, begun.elapsed());
    }
    ledger
}

/// Makes a call; what is read must be what was asked for. With the number of its attempts.
fn make(client: &Client, call: Call, user: &str, tag: &str) -> Result<(Option<String>, u32)> {
    let users = client.users();
    let (said, attempts) = match call {
        Call::Identify => {
            let body = IdentifyUserRequest::new().set("tag", tag);
            let user = users.identify(user, &body)?;
            let tag = user.properties["tag"].to_string();
            (Some(tag), user.meta().attempts())
        }
        Call::Get => {
            let read = users.get(user)?;
            (Some(read.id.clone()), read.meta().attempts())
        }
        Call::Delete => (None, users.delete(user)?.meta().attempts()),
        Call::Merge => {
            let other = format!("{user}-other");
            let merged = users.merge(user, &MergeUserRequest::new(other))?;
            (Some(merged.id.clone()), merged.meta().attempts())
        }
    };
    let said = said.map(|said| format!("{user} {tag} {said}"));
    Ok((said, attempts))
}
