//! A stream of faults of every kind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use knock_sandbox::{Fault, Sandbox};

use crate::dice::Dice;

/// Interval between faults, if the last one has been met.
const PAUSE: Duration = Duration::from_millis(2);

/// Keeps a few faults waiting until it is over. Returns by how much the machine oversleeps,
/// for which no call is to be blamed.
pub fn inject(sandbox: &Sandbox, round: u64, over: &AtomicBool) -> Duration {
    let mut dice = Dice::new(round + 77);
    let mut late = Duration::ZERO;
    while !over.load(Ordering::Relaxed) {
        if sandbox.pending_faults().len() < 2 {
            sandbox.fault(any(&mut dice));
        }
        if dice.roll(100) == 0 {
            sandbox.close_connections();
        }
        let asleep = Instant::now();
        thread::sleep(PAUSE);
        late = late.max(asleep.elapsed().saturating_sub(PAUSE));
    }
    late
}

fn any(dice: &mut Dice) -> Fault {
    let processed = dice.roll(2) == 0;
    match dice.roll(16) {
        0..5 => {
            let status = [408, 409, 429, 500, 503][dice.roll(5) as usize];
            // Only a 5xx may hide that the work was done.
            let fault = Fault::status(status).processed(processed && status >= 500);
            fault.header("retry-after-ms", &dice.roll(20).to_string())
        }
        5 => Fault::status(400).header("x-should-retry", "true"),
        6..8 => Fault::reset().processed(processed),
        8 => Fault::close().processed(processed),
        9 => Fault::close_after(),
        10 => Fault::reset_mid_answer(),
        11 => Fault::truncate(dice.roll(40) as usize),
        12 => Fault::delay(Duration::from_millis(dice.roll(100))),
        13 => Fault::not_json().processed(processed),
        // The work is done, and one warm connection after the other is reset.
        14 => Fault::reset().processed(true).times(1 + dice.roll(4)),
        _ => Fault::silent().processed(processed),
    }
}
