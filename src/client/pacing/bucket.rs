//! One rate limit: which requests may go when.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync::lock;

/// By how much the window is longer than the second that a limit counts in, for what the
/// network does to the spacing.
const MARGIN: Duration = Duration::from_millis(20);
/// The same where there is one request in a window, and no spacing within it to make up for it.
const LONE_MARGIN: Duration = Duration::from_millis(45);
/// The factor by which repeated 429s may slow a bucket.
const MOST_SLOWED: f64 = 8.0;
/// The longest that one 429 holds up the requests of others.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Slots granted within the current window.
pub(crate) struct Bucket {
    slots: Mutex<Slots>,
    /// Slots in a window.
    size: usize,
    /// Length of a window with that many slots.
    window: Duration,
    /// The length that it may grow to after 429s.
    longest_window: Duration,
}

struct Slots {
    /// Times the last requests may go at, in the order in which they asked.
    planned: VecDeque<Instant>,
    /// Times the last requests went at. Some go later than planned: a thread may wake up late, and
    /// a process may be stopped.
    gone: VecDeque<Instant>,
    /// No request goes before this, since the server asked for a pause.
    closed_until: Option<Instant>,
    /// The factor by which 429s have made the window longer than the limit asks for.
    slowed: f64,
    /// Time it last became longer.
    slowed_at: Option<Instant>,
    /// Number of 429s: each cancels the reservations that are still to come.
    era: u64,
}

/// A slot in the flow of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    /// Time the request may go at.
    pub at: Instant,
    era: u64,
}

impl Bucket {
    pub fn new(per_second: f64) -> Self {
        let size = per_second.floor().max(1.0);
        let margin = if size > 1.0 { MARGIN } else { LONE_MARGIN };
        let window = (Duration::from_secs(1) + margin).mul_f64(size / per_second);
        let slots = Slots {
            planned: VecDeque::new(),
            gone: VecDeque::new(),
            closed_until: None,
            slowed: 1.0,
            slowed_at: None,
            era: 0,
        };
        Self {
            slots: Mutex::new(slots),
            size: size as usize,
            window,
            longest_window: window.mul_f64(MOST_SLOWED),
        }
    }

    /// Reserves the next slot, or says when it would have been where that is past the deadline.
    /// One whose time is now is used at once; else [`use_up`](Self::use_up) follows.
    pub fn take(&self, now: Instant, deadline: Instant) -> Result<Reservation, Instant> {
        let slots = &mut *lock(&self.slots);
        let window = self.window.mul_f64(slots.slowed);
        let at = self.next(&slots.planned, window, now);
        let at = self.next(&slots.gone, window, at);
        let at = slots.closed_until.map_or(at, |until| at.max(until));
        if at > deadline {
            return Err(at);
        }
        self.push(&mut slots.planned, at);
        if at <= now {
            self.push(&mut slots.gone, at);
        }
        Ok(Reservation { at, era: slots.era })
    }

    /// Uses a reservation whose time has come, or gives a later one where others went late. None
    /// where a 429 has canceled it.
    pub fn use_up(&self, reservation: Reservation, now: Instant) -> Option<Reservation> {
        let slots = &mut *lock(&self.slots);
        if slots.era != reservation.era {
            return None;
        }
        let window = self.window.mul_f64(slots.slowed);
        let at = self.next(&slots.gone, window, now);
        self.push(&mut slots.gone, at);
        Some(Reservation { at, ..reservation })
    }

    /// Earliest time of the next request after these.
    fn next(&self, times: &VecDeque<Instant>, window: Duration, earliest: Instant) -> Instant {
        let mut at = earliest;
        if let Some(last) = times.back() {
            // Half the spacing of an even flow: a burst after a pause is allowed, yet not so
            // dense that the network can press two windows into one.
            at = at.max(*last + window / (2 * self.size as u32));
        }
        if times.len() >= self.size
            && let Some(first) = times.front()
        {
            at = at.max(*first + window);
        }
        at
    }

    /// Adds to the times of the last window, and forgets those that are out of it.
    fn push(&self, times: &mut VecDeque<Instant>, at: Instant) {
        let old = |first: &Instant| *first + self.longest_window < at;
        while times.len() >= self.size || times.front().is_some_and(old) {
            times.pop_front();
        }
        times.push_back(at);
    }

    /// Whether a reservation is so long ago that other requests have taken the time since.
    pub fn is_past(&self, reservation: Reservation) -> bool {
        reservation.at.elapsed() > self.window / 4
    }

    /// The server responded with 429: every thread that shares the bucket slows down.
    pub fn slow_down(&self, now: Instant, retry_after: Option<Duration>) {
        let mut slots = lock(&self.slots);
        // Requests that were on their way together are refused together, for one reason.
        if slots
            .slowed_at
            .is_none_or(|before| now.saturating_duration_since(before) > self.window)
        {
            slots.slowed = (slots.slowed * 1.5).min(MOST_SLOWED);
            slots.slowed_at = Some(now);
        }
        let spacing = self.window / self.size as u32;
        let until = now + retry_after.unwrap_or(spacing).min(LONGEST_PAUSE);
        slots.closed_until = Some(slots.closed_until.map_or(until, |known| known.max(until)));
        while slots.planned.back().is_some_and(|last| *last > now) {
            slots.planned.pop_back();
        }
        slots.era += 1;
    }

    /// The server accepted a request: what a 429 slowed down recovers, bit by bit.
    pub fn recover(&self) {
        let mut slots = lock(&self.slots);
        if slots.slowed > 1.0 {
            slots.slowed = (slots.slowed * 0.98).max(1.0);
        }
    }

    pub fn is_idle(&self, now: Instant) -> bool {
        let slots = lock(&self.slots);
        let open = slots.closed_until.is_none_or(|until| until < now);
        open && slots
            .planned
            .back()
            .is_none_or(|last| *last + self.window < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As good as no deadline.
    fn some_day() -> Instant {
        Instant::now() + Duration::from_secs(1_000_000)
    }

    /// Places for a caller that always asks at once.
    fn places(bucket: &Bucket, start: Instant, count: usize) -> Vec<Duration> {
        let take = |_| {
            let place = bucket.take(start, some_day()).unwrap();
            if place.at > start {
                assert_eq!(bucket.use_up(place, place.at), Some(place));
            }
            place.at - start
        };
        (0..count).map(take).collect()
    }

    #[test]
    fn no_window_holds_more_than_the_limit() {
        let start = Instant::now();
        for limit in [1.0, 5.0, 60.0, 200.0, 2.5, 0.5, 0.001] {
            let bucket = Bucket::new(limit);
            let times = places(&bucket, start, 700);
            let most = limit.max(1.0) as usize;
            let window = Duration::from_secs_f64(most as f64 / limit);
            for pair in times.windows(most + 1) {
                assert!(pair[most] - pair[0] >= window, "limit {limit}");
            }
        }
    }

    #[test]
    fn a_busy_bucket_reaches_the_limit_within_five_percent() {
        let start = Instant::now();
        for limit in [1.0, 5.0, 60.0, 200.0, 1000.0, 2.5] {
            let bucket = Bucket::new(limit);
            let count = (limit * 100.0) as usize;
            let took = places(&bucket, start, count)[count - 1].as_secs_f64();
            let rate = count as f64 / took;
            assert!(rate >= 0.95 * limit, "limit {limit}: {rate}");
        }
    }

    /// The view of a server that counts tokens, when requests take up to a third of a second
    /// longer or shorter to reach it.
    #[test]
    fn no_429_though_the_network_bunches_requests() {
        for limit in [5.0, 60.0, 200.0, 1000.0] {
            let bucket = Bucket::new(limit);
            let sent = places(&bucket, Instant::now(), limit as usize * 10);
            let mut arrivals: Vec<f64> = sent
                .iter()
                .enumerate()
                .map(|(index, at)| at.as_secs_f64() + 0.33 * ((index * 7919) % 101) as f64 / 100.0)
                .collect();
            arrivals.sort_by(f64::total_cmp);
            let (mut tokens, mut filled_at) = (limit, 0.0);
            for at in arrivals {
                tokens = (tokens + (at - filled_at) * limit).min(limit) - 1.0;
                filled_at = at;
                assert!(tokens >= 0.0, "limit {limit}: refused at {at:.3} s");
            }
        }
    }

    #[test]
    fn a_limit_that_is_not_reached_takes_no_memory() {
        let start = Instant::now();
        let bucket = Bucket::new(1e6);
        for second in 0..1000 {
            let now = start + Duration::from_secs(second);
            assert_eq!(bucket.take(now, some_day()).unwrap().at, now);
        }
        let places = lock(&bucket.slots);
        assert!(places.planned.len() < 20 && places.gone.len() < 20);
    }

    #[test]
    fn a_place_past_the_deadline_is_not_taken() {
        let start = Instant::now();
        let bucket = Bucket::new(1.0);
        let soon = start + Duration::from_millis(10);
        assert_eq!(bucket.take(start, soon).unwrap().at, start);
        let would_be = bucket.take(start, soon).unwrap_err();
        assert_eq!(bucket.take(start, some_day()).unwrap().at, would_be);
    }

    #[test]
    fn a_429_pauses_the_bucket_and_slows_it_until_it_recovers() {
        let start = Instant::now();
        let bucket = Bucket::new(200.0);
        bucket.slow_down(start, Some(Duration::from_secs(2)));
        let place = bucket.take(start, some_day()).unwrap();
        assert!(place.at >= start + Duration::from_secs(2));
        let slowed = lock(&bucket.slots).slowed;
        assert!(slowed > 1.0);
        // Others that were refused at the same time do not slow it further.
        bucket.slow_down(start + Duration::from_millis(5), None);
        assert_eq!(lock(&bucket.slots).slowed, slowed);
        (0..100).for_each(|_| bucket.recover());
        assert_eq!(lock(&bucket.slots).slowed, 1.0);
    }

    #[test]
    fn a_429_makes_void_the_places_that_were_handed_out() {
        let start = Instant::now();
        let bucket = Bucket::new(1.0);
        let gone = bucket.take(start, some_day()).unwrap();
        let waiting = bucket.take(start, some_day()).unwrap();
        assert_eq!(bucket.use_up(waiting, waiting.at), Some(waiting));
        bucket.slow_down(start, Some(Duration::from_secs(3)));
        assert_eq!(bucket.use_up(waiting, waiting.at), None);
        assert_eq!(gone.at, start);
        let anew = bucket.take(start, some_day()).unwrap();
        assert_eq!(anew.at, start + Duration::from_secs(3));
    }

    /// A process that was stopped finds all of its places gone by at once.
    #[test]
    fn places_that_are_used_late_push_back_the_others() {
        let start = Instant::now();
        for limit in [1.0, 5.0] {
            let bucket = Bucket::new(limit);
            let waiting: Vec<_> = (0..20)
                .map(|_| bucket.take(start, some_day()).unwrap())
                .collect();
            let late = start + Duration::from_secs(3600);
            let went: Vec<_> = waiting
                .iter()
                .rev()
                .map(|place| bucket.use_up(*place, late).unwrap().at)
                .collect();
            let most = limit as usize;
            for pair in went.windows(most + 1) {
                assert!(
                    pair[most] - pair[0] >= Duration::from_secs(1),
                    "limit {limit}"
                );
            }
        }
    }
}
