//! Results of the callers, compared with the records of the server.

use std::collections::HashMap;
use std::time::Duration;

use knock::Result;
use knock_sandbox::Request;

use crate::{ATTEMPTS, DEADLINE, GRACE};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Identify,
    Get,
    Delete,
    Merge,
}

/// Result of a call, as its caller saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Done,
    Failed,
    /// It failed and may have been done.
    Unsure,
}

#[derive(Default)]
pub struct Ledger {
    entries: HashMap<String, (Call, Told, u32)>,
    pub complaints: Vec<String>,
    pub calls: usize,
    pub requests: usize,
    pub done: usize,
    pub failed: usize,
    pub unsure: usize,
    /// Number of requests that went out and did not arrive.
    pub lost: usize,
    /// The most that a call took over its deadline.
    pub latest: Duration,
}

impl Ledger {
    pub fn note(
        &mut self,
        tag: String,
        call: Call,
        result: &Result<(Option<String>, u32)>,
        took: Duration,
    ) {
        let (told, attempts) = match result {
            Ok((said, attempts)) => {
                if let Some(said) = said {
                    self.check_answer(call, said);
                }
                (Told::Done, *attempts)
            }
            Err(error) if error.may_have_been_processed() => (Told::Unsure, error.attempts()),
            Err(error) => (Told::Failed, error.attempts()),
        };
        self.calls += 1;
        match told {
            Told::Done => self.done += 1,
            Told::Failed => self.failed += 1,
            Told::Unsure => self.unsure += 1,
        }
        self.latest = self.latest.max(took.saturating_sub(DEADLINE));
        self.entries.insert(tag, (call, told, attempts));
    }

    /// A response must be the response to its own request.
    fn check_answer(&mut self, call: Call, said: &str) {
        let words: Vec<_> = said.split(' ').collect();
        let right = match (call, words[..].as_ref()) {
            (Call::Identify, [_, tag, said]) => *said == format!("{tag:?}"),
            (_, [user, _, said]) => user == said,
            _ => false,
        };
        if !right {
            self.complaints
                .push(format!("{call:?} was answered {said}"));
        }
    }

    /// Lateness that the machine is to blame for.
    pub fn forgive(&mut self, machine: Duration) {
        if self.latest > GRACE + 2 * machine {
            let latest = self.latest;
            self.complaints
                .push(format!("a call outlived its deadline by {latest:?}"));
        }
    }

    /// Holds what the callers were told against the server's journal.
    pub fn check(&mut self, journal: &[Request]) {
        self.requests += journal.len();
        let mut sent: HashMap<&str, Vec<&Request>> = HashMap::new();
        for request in journal {
            let tag = request.header("x-call").unwrap_or_default();
            sent.entry(tag).or_default().push(request);
        }
        for (tag, (call, told, attempts)) in &self.entries {
            let requests = sent.remove(tag.as_str()).unwrap_or_default();
            let succeeded = |request: &&&Request| request.api_status.is_some_and(|s| s < 300);
            let times = requests.iter().filter(succeeded).count();
            // Where an earlier attempt may have deleted it, gone is as good as deleted.
            let gone = requests.iter().any(|r| r.api_status == Some(404));
            let right = match (call, told) {
                (Call::Get, _) => true,
                (Call::Merge, Told::Done) => times == 1,
                (Call::Merge, Told::Unsure) => times <= 1,
                (Call::Delete, Told::Done) => times >= 1 || gone,
                (_, Told::Done) => times >= 1,
                (_, Told::Failed) => times == 0,
                (_, Told::Unsure) => true,
            };
            // A request may go out and not arrive; none arrives that was not counted.
            let arrived = requests.len();
            self.lost += (*attempts as usize).saturating_sub(arrived);
            if !right || *attempts > ATTEMPTS || arrived > *attempts as usize {
                self.complaints.push(format!(
                    "{call:?} {tag} was told {told:?} after {attempts} attempts, arrived {arrived} \
                     times and was done {times} times: {requests:?}"
                ));
            }
        }
    }

    /// Adds another ledger's counts and complaints, and its entries for the check.
    pub fn add(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.complaints.extend(other.complaints);
        self.calls += other.calls;
        self.requests += other.requests;
        self.done += other.done;
        self.failed += other.failed;
        self.unsure += other.unsure;
        self.lost += other.lost;
        self.latest = self.latest.max(other.latest);
    }
}
