//! Calls when servers and networks fail: nothing lost, nothing done twice,
//! nothing hangs, nobody over the limit. `docs/resilience.md` has the promises in words.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/raw_server.rs"]
mod raw_server;

mod bombs;
mod clock;
mod closing;
mod connections;
mod deadlines;
mod environment;
mod injection;
mod interrupts;
mod leftovers;
mod lists;
mod matrix;
mod pacing;
mod proxy;
mod raw_faults;
mod resends;
mod retries;
mod sandbox_faults;
mod secrets;
mod shapes;
mod tls;
mod tls_server;
