//! Handles: numbers that stand for values of the library, so that a wrong one is an error and
//! never a wild pointer.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use knock::json::fork::{Held, abandon, hold};

/// A handle has the kind in bits 48 to 51, the generation in bits 24 to 47 and the slot in bits
/// 0 to 23. It stays below 2^53, so that languages whose numbers are doubles can hold it.
const SLOT_BITS: u32 = 24;
const GENERATION_BITS: u32 = 24;
const MOST: u64 = (1 << SLOT_BITS) - 1;
const LAST_GENERATION: u64 = (1 << GENERATION_BITS) - 1;

/// All values of one kind in this process.
pub(super) struct Table<T> {
    kind: u64,
    slots: RwLock<Slots<T>>,
}

struct Slots<T> {
    slots: Vec<Slot<T>>,
    /// Those without a value, the longest free first, so that numbers come back late.
    free: VecDeque<usize>,
}

struct Slot<T> {
    /// Of the value that is there or comes next; a handle of an earlier one is void.
    generation: u64,
    value: Option<T>,
}

impl<T: Clone> Table<T> {
    /// `kind` tells the handles of this table from those of others; 1 to 15.
    pub const fn new(kind: u64) -> Self {
        let slots = Slots {
            slots: Vec::new(),
            free: VecDeque::new(),
        };
        Self {
            kind,
            slots: RwLock::new(slots),
        }
    }

    /// Keeps a value and returns its handle, or nothing when there are 16 million already.
    pub fn insert(&self, value: T) -> Option<u64> {
        let mut table = self.write();
        let index = match table.free.pop_front() {
            Some(index) => index,
            None if table.slots.len() as u64 <= MOST => {
                table.slots.push(Slot {
                    generation: random_above(0),
                    value: None,
                });
                table.slots.len() - 1
            }
            None => return None,
        };
        let slot = table.slots.get_mut(index)?;
        slot.value = Some(value);
        let kind = self.kind << (GENERATION_BITS + SLOT_BITS);
        Some(kind | slot.generation << SLOT_BITS | index as u64)
    }

    /// The value of a handle. No lock is held once it is returned.
    pub fn get(&self, handle: u64) -> Option<T> {
        let index = self.index(handle)?;
        let table = self.read();
        let slot = table.slots.get(index)?;
        let valid = slot.generation == generation(handle);
        slot.value.as_ref().filter(|_| valid).cloned()
    }

    /// Takes the value of a handle out; the handle is invalid afterwards.
    pub fn remove(&self, handle: u64) -> Option<T> {
        let index = self.index(handle)?;
        let mut table = self.write();
        let slot = table.slots.get_mut(index)?;
        if slot.generation != generation(handle) {
            return None;
        }
        let value = slot.value.take()?;
        // A slot that has had all its generations is never used again.
        if slot.generation < LAST_GENERATION {
            slot.generation += 1;
            table.free.push_back(index);
        }
        Some(value)
    }

    /// Holds the table's lock for a fork. In the child every handle is void, and none is given out
    /// that the parent gives out.
    pub fn hold(&'static self) -> Box<dyn Held> {
        hold(self.write(), |table| {
            table.free.clear();
            for (index, slot) in table.slots.iter_mut().enumerate() {
                abandon(&mut slot.value);
                if slot.generation < LAST_GENERATION {
                    slot.generation = random_above(slot.generation);
                    table.free.push_back(index);
                }
            }
        })
    }

    fn index(&self, handle: u64) -> Option<usize> {
        let kind = handle >> (GENERATION_BITS + SLOT_BITS);
        (kind == self.kind).then_some((handle & MOST) as usize)
    }

    fn read(&self) -> RwLockReadGuard<'_, Slots<T>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Slots<T>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A random generation above another one, which leaves half of the rest. A handle that strayed into
/// another process is void there, and not the number of something else.
fn random_above(generation: u64) -> u64 {
    let rest = LAST_GENERATION - generation;
    // Threads inherit their keys in a fork; the process is another one.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    generation + 1 + hasher.finish() % rest.div_ceil(2)
}

const fn generation(handle: u64) -> u64 {
    (handle >> SLOT_BITS) & LAST_GENERATION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_handle_stays_void_when_its_slot_is_used_again() {
        let table = Table::new(1);
        let first = table.insert("first").unwrap();
        assert_eq!(table.remove(first), Some("first"));
        let second = table.insert("second").unwrap();
        assert_eq!((first & MOST, second & MOST), (0, 0));
        assert_eq!(table.get(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(second), Some("second"));
    }

    #[test]
    fn handles_of_another_kind_and_made_up_ones_are_void() {
        let (clients, pagers) = (Table::new(1), Table::new(2));
        let client = clients.insert(()).unwrap();
        let pager = pagers.insert(()).unwrap();
        for made_up in [0, 1, pager, client + 1, client | 1 << 52, u64::MAX] {
            assert_eq!(clients.get(made_up), None, "{made_up:#x}");
        }
    }

    #[test]
    fn a_slot_is_retired_after_its_last_generation() {
        let table = Table::new(1);
        let handle = table.insert(()).unwrap();
        table.remove(handle);
        table.write().slots[0].generation = LAST_GENERATION;
        let last = table.insert(()).unwrap();
        assert!(table.remove(last).is_some());
        assert_eq!(table.insert(()).unwrap() & MOST, 1);
    }

    #[test]
    fn generations_start_at_random_and_leave_enough() {
        let starts: Vec<u64> = (0..8).map(|_| random_above(0)).collect();
        assert!(starts.iter().any(|start| *start != starts[0]), "{starts:?}");
        for start in starts {
            assert!((1..=LAST_GENERATION.div_ceil(2)).contains(&start));
        }
        assert_eq!(random_above(LAST_GENERATION - 1), LAST_GENERATION);
    }

    #[test]
    fn handles_fit_into_a_double() {
        let table = Table::new(15);
        assert!(table.insert(()).unwrap() < 1 << 53);
    }
}
