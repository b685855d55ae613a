//! Things that belong to users, each user's in the order of their time.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::paging::Cursor;

/// One user's things, oldest first.
pub(crate) type Timeline<T> = BTreeMap<Cursor, T>;

/// Everyone's things of one kind.
#[derive(Debug)]
pub(crate) struct Timelines<T> {
    made: u64,
    by_user: HashMap<String, Timeline<T>>,
}

impl<T> Default for Timelines<T> {
    fn default() -> Self {
        Self {
            made: 0,
            by_user: HashMap::new(),
        }
    }
}

impl<T> Timelines<T> {
    /// Adds a thing at its time, behind others of the same time.
    pub fn add(&mut self, user_id: &str, time: DateTime<Utc>, thing: T) -> Cursor {
        self.made += 1;
        let cursor = Cursor {
            time: time.timestamp_micros(),
            sequence: self.made,
        };
        self.by_user
            .entry(user_id.to_owned())
            .or_default()
            .insert(cursor, thing);
        cursor
    }

    /// A user's things that pass, oldest first.
    pub fn listing(&self, user_id: &str, passes: impl Fn(&T) -> bool) -> Vec<(Cursor, &T)> {
        let all = self.by_user.get(user_id).into_iter().flatten();
        all.filter(|(_, thing)| passes(thing))
            .map(|(cursor, thing)| (*cursor, thing))
            .collect()
    }

    pub fn get(&self, user_id: &str, cursor: Cursor) -> Option<&T> {
        self.by_user.get(user_id)?.get(&cursor)
    }

    pub fn get_mut(&mut self, user_id: &str, cursor: Cursor) -> Option<&mut T> {
        self.by_user.get_mut(user_id)?.get_mut(&cursor)
    }

    /// Takes away everything of a user.
    pub fn remove(&mut self, user_id: &str) -> Timeline<T> {
        self.by_user.remove(user_id).unwrap_or_default()
    }

    /// Gives a user what was another's, as far as it passes; the test sees what the user had before.
    pub fn absorb(
        &mut self,
        user_id: &str,
        other: Timeline<T>,
        passes: impl Fn(&Timeline<T>, Cursor, &T) -> bool,
    ) {
        let own = self.by_user.entry(user_id.to_owned()).or_default();
        let accepted: Vec<_> = other
            .into_iter()
            .filter(|(cursor, thing)| passes(own, *cursor, thing))
            .collect();
        own.extend(accepted);
    }
}
