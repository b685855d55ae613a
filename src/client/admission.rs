//! Admission of an attempt: a reservation in the rate limit, and a connection.

use std::time::Instant;

use crate::client::failure::{ended_early, no_reservation};
use crate::client::gate::{Gate, Permit};
use crate::client::limits::CallLimits;
use crate::client::pacing::bucket::{Bucket, Reservation};
use crate::error::Result;

/// Everything that an attempt of one call waits for.
pub(super) struct Admission<'a> {
    pub gate: &'a Gate,
    /// None where no rate limit holds.
    pub bucket: Option<&'a Bucket>,
    pub limits: &'a CallLimits,
}

impl<'a> Admission<'a> {
    /// Waits for a reservation in the rate limit and for a connection.
    pub fn admit(&self) -> Result<Permit<'a>> {
        let Some(bucket) = self.bucket else {
            return self.connection();
        };
        let mut reservation = self.reserve(bucket)?;
        loop {
            let permit = self.connection()?;
            if !permit.waited() || !bucket.is_past(reservation) {
                return Ok(permit);
            }
            // The reservation lapsed. Those who waited together must not go together, nor keep a
            // connection from others until they may.
            drop(permit);
            reservation = match self.use_up(bucket, reservation)? {
                Some(reservation) => reservation,
                None => self.reserve(bucket)?,
            };
        }
    }

    /// Waits until a moment, or fails when the client is closed or the host interrupts meanwhile.
    pub fn wait_until(&self, moment: Instant) -> Result<()> {
        let waited = self.gate.wait_until(moment);
        waited.map_err(|ended| ended_early(ended, self.limits))
    }

    fn connection(&self) -> Result<Permit<'a>> {
        let permit = self.gate.connection(self.limits.deadline);
        permit.map_err(|ended| ended_early(ended, self.limits))
    }

    /// Takes a reservation in the rate limit, and waits for its time.
    fn reserve(&self, bucket: &Bucket) -> Result<Reservation> {
        loop {
            let now = Instant::now();
            let reservation = bucket.take(now, self.limits.deadline);
            let reservation = reservation.map_err(|at| no_reservation(at, self.limits))?;
            if reservation.at <= now {
                return Ok(reservation);
            }
            self.wait_until(reservation.at)?;
            if let Some(reservation) = self.use_up(bucket, reservation)? {
                return Ok(reservation);
            }
        }
    }

    /// Uses a reservation whose time has come, as soon as others that went late allow; none where
    /// a 429 to another thread has canceled it.
    fn use_up(&self, bucket: &Bucket, reservation: Reservation) -> Result<Option<Reservation>> {
        let Some(reservation) = bucket.use_up(reservation, Instant::now()) else {
            return Ok(None);
        };
        if reservation.at > self.limits.deadline {
            return Err(no_reservation(reservation.at, self.limits));
        }
        self.wait_until(reservation.at)?;
        Ok(Some(reservation))
    }
}
