//! `threads BASE_URL`: how many calls 16 threads make on one client, for each that they make on a
//! client of their own. The better of some rounds of each, in turns.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use knock::Client;
use knock_benches::client;

const THREADS: usize = 16;
const CALLS: usize = 1_000;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let base_url = std::env::args().nth(1).ok_or("usage: threads BASE_URL")?;
    let shared = vec![client(&base_url)?; THREADS];
    let own = (0..THREADS)
        .map(|_| client(&base_url))
        .collect::<Result<Vec<_>, _>>()?;
    // The first round opens the connections.
    time(&shared)?;
    time(&own)?;
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        best[0] = best[0].min(time(&shared)?);
        best[1] = best[1].min(time(&own)?);
    }
    println!("{:.3}", best[1].as_secs_f64() / best[0].as_secs_f64());
    Ok(())
}

fn time(clients: &[Client]) -> knock::Result<Duration> {
    let start = Instant::now();
    thread::scope(|scope| {
        let work =
            |client: &Client| (0..CALLS).try_for_each(|_| client.users().get("jane").map(drop));
        let threads: Vec<_> = clients
            .iter()
            .map(|client| scope.spawn(move || work(client)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread that does not panic"))
            .collect::<knock::Result<Vec<()>>>()
    })?;
    Ok(start.elapsed())
}
