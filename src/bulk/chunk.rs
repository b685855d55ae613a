//! A chunk: as many records as one call takes, written one after the other into its body.

use std::ops::Range;

use crate::bulk::record::RejectedRecord;
use crate::bulk::record::sealed::{Append, Slot};

/// Stands for a bad record in a checksum; no text holds this byte.
const BAD: &[u8] = &[0xff];

/// The text around the records in a body.
#[derive(Debug)]
pub(super) struct Envelope {
    pub before: Vec<u8>,
    pub after: &'static [u8],
}

impl Envelope {
    /// Tells the preferences that the records get from others.
    pub fn checksum(&self) -> u32 {
        crc32fast::hash(&self.before)
    }
}

/// The limits of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkLimits {
    pub records: usize,
    pub bytes: usize,
}

/// The records that the next call will carry.
pub(super) struct Chunk {
    envelope: Envelope,
    limits: ChunkLimits,
    body: Vec<u8>,
    ids: String,
    items: Vec<Item>,
    /// The positions of the records, bad ones included.
    span: Range<u64>,
}

/// The position of a record.
#[derive(Clone, Debug)]
struct Item {
    position: u64,
    body: Range<usize>,
    id: Range<usize>,
}

/// A record that did not fit any more.
pub(super) struct Carried {
    position: u64,
    body: Vec<u8>,
    id: String,
}

/// Some of a chunk's records, for a call of their own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub items: Vec<usize>,
    pub span: Range<u64>,
}

impl Chunk {
    pub fn new(envelope: Envelope, limits: ChunkLimits) -> Self {
        let body = envelope.before.clone();
        Self {
            envelope,
            limits,
            body,
            ids: String::new(),
            items: Vec::new(),
            span: 0..0,
        }
    }

    /// Writes the record of a position; what was wrong with it, if it cannot be sent.
    pub fn push<Kind>(
        &mut self,
        position: u64,
        record: impl Append<Kind>,
    ) -> Result<(), RejectedRecord> {
        self.span.end = position + 1;
        let (start, id_start) = (self.body.len(), self.ids.len());
        if !self.items.is_empty() {
            self.body.push(b',');
        }
        let begin = self.body.len();
        let slot = Slot {
            body: &mut self.body,
            ids: &mut self.ids,
        };
        let written = record.append_to(slot).and_then(|()| {
            let size = self.body.len() - begin;
            let room = self.limits.bytes.saturating_sub(self.frame());
            if size <= room {
                return Ok(());
            }
            Err(RejectedRecord {
                id: Some(self.ids[id_start..].to_owned()),
                reason: format!("it takes {size} bytes as JSON; a call has room for {room}"),
            })
        });
        if let Err(unfit) = written {
            self.body.truncate(start);
            self.ids.truncate(id_start);
            return Err(unfit);
        }
        self.items.push(Item {
            position,
            body: begin..self.body.len(),
            id: id_start..self.ids.len(),
        });
        Ok(())
    }

    fn frame(&self) -> usize {
        self.envelope.before.len() + self.envelope.after.len()
    }

    /// Takes the last record out again if it made the chunk too large.
    pub fn overflow(&mut self) -> Option<Carried> {
        if self.body.len() + self.envelope.after.len() <= self.limits.bytes {
            return None;
        }
        let last = self.items.pop()?;
        let carried = Carried {
            position: last.position,
            body: self.body[last.body.clone()].to_vec(),
            id: self.ids[last.id.clone()].to_owned(),
        };
        let end = self
            .items
            .last()
            .map_or(self.envelope.before.len(), |item| item.body.end);
        self.body.truncate(end);
        self.ids.truncate(last.id.start);
        self.span.end = last.position;
        Some(carried)
    }

    pub fn is_full(&self) -> bool {
        self.items.len() >= self.limits.records
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Starts the next chunk at this position, with what did not fit into the last one.
    pub fn restart(&mut self, position: u64, carried: Option<Carried>) {
        self.body.truncate(self.envelope.before.len());
        self.ids.clear();
        self.items.clear();
        self.span = position..position;
        if let Some(carried) = carried {
            let begin = self.body.len();
            self.body.extend_from_slice(&carried.body);
            self.ids.push_str(&carried.id);
            self.items.push(Item {
                position: carried.position,
                body: begin..self.body.len(),
                id: 0..self.ids.len(),
            });
            self.span = carried.position..carried.position + 1;
        }
    }

    /// All records.
    pub fn whole(&self) -> Part {
        Part {
            items: (0..self.items.len()).collect(),
            span: self.span.clone(),
        }
    }

    /// The two halves of a part.
    pub fn halves(&self, part: &Part) -> [Part; 2] {
        let (first, second) = part.items.split_at(part.items.len() / 2);
        let middle = second.first().and_then(|index| self.items.get(*index));
        let middle = middle.map_or(part.span.end, |item| item.position);
        let half = |items: &[usize], span| Part {
            items: items.to_vec(),
            span,
        };
        [
            half(first, part.span.start..middle),
            half(second, middle..part.span.end),
        ]
    }

    fn body_of(&self, part: &Part) -> Vec<u8> {
        let mut body = self.envelope.before.clone();
        for (number, item) in self.items_of(part).enumerate() {
            if number > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&self.body[item.body.clone()]);
        }
        body.extend_from_slice(self.envelope.after);
        body
    }

    /// Calls with the body of a part, which is not copied where the part is the whole chunk.
    pub fn with_body<T>(&mut self, part: &Part, call: impl FnOnce(&[u8]) -> T) -> T {
        if part.items.len() < self.items.len() {
            return call(&self.body_of(part));
        }
        let end = self.body.len();
        self.body.extend_from_slice(self.envelope.after);
        let result = call(&self.body);
        self.body.truncate(end);
        result
    }

    /// The ids of a part.
    pub fn ids_of(&self, part: &Part) -> Vec<String> {
        let id = |item: &Item| self.ids[item.id.clone()].to_owned();
        self.items_of(part).map(id).collect()
    }

    /// Position and id of a part's record, by its place in the part.
    pub fn record(&self, part: &Part, place: usize) -> Option<(u64, &str)> {
        let item = self.items.get(*part.items.get(place)?)?;
        Some((item.position, &self.ids[item.id.clone()]))
    }

    /// The checksum of the records that were read at these positions.
    pub fn checksum(&self, span: &Range<u64>) -> Checksum {
        let mut checksum = Checksum::default();
        let mut next = span.start;
        for item in self
            .items
            .iter()
            .filter(|item| span.contains(&item.position))
        {
            (next..item.position).for_each(|_| checksum.add_bad());
            checksum.add(&self.body[item.body.clone()]);
            next = item.position + 1;
        }
        (next..span.end).for_each(|_| checksum.add_bad());
        checksum
    }

    /// The checksum of the last record, and the record forgotten.
    pub fn forget_last(&mut self) -> Checksum {
        let mut checksum = Checksum::default();
        if let Some(item) = self.items.pop() {
            checksum.add(&self.body[item.body.clone()]);
        }
        self.restart(self.span.end, None);
        checksum
    }

    fn items_of(&self, part: &Part) -> impl Iterator<Item = &Item> {
        part.items.iter().filter_map(|index| self.items.get(*index))
    }
}

/// Tells a changed input from the same one. Those of neighbors can be joined.
#[derive(Clone, Default)]
pub(super) struct Checksum(crc32fast::Hasher);

impl Checksum {
    /// A checksum as it was kept.
    pub fn of(value: u32, bytes: u64) -> Self {
        Self(crc32fast::Hasher::new_with_initial_len(value, bytes))
    }

    pub fn add(&mut self, record: &[u8]) {
        self.0.update(record);
    }

    pub fn add_bad(&mut self) {
        self.0.update(BAD);
    }

    pub fn join(&mut self, next: &Self) {
        self.0.combine(&next.0);
    }

    pub fn bytes(&self) -> u64 {
        self.0.total_len()
    }

    pub fn value(&self) -> u32 {
        self.0.clone().finalize()
    }
}
