//! Everything the service would remember.

pub(crate) mod bulk;
mod channel_data;
pub(crate) mod conditions;
mod demo;
pub(crate) mod engagement;
pub(crate) mod environment;
pub(crate) mod feeds;
pub(crate) mod guides;
mod ids;
pub(crate) mod json;
mod matching;
pub(crate) mod messages;
pub(crate) mod preferences;
pub(crate) mod recipients;
pub(crate) mod seed;
mod subscriptions;
mod timeline;
pub(crate) mod users;

use chrono::{DateTime, Days, SecondsFormat, Utc};
use serde_json::Value;

use crate::paging::Cursor;
use bulk::BulkOperations;
pub(crate) use demo::demo;
use engagement::Histories;
use environment::Environment;
use feeds::FeedItem;
use guides::Guides;
use json::Object;
use subscriptions::{same_object, same_schedule};
use timeline::Timelines;
use users::Users;

/// A merge moves messages and feed items that are younger than this.
const MERGED_DAYS: Days = Days::new(30);

/// The environment that the sandbox's key opens.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub environment: Environment,
    pub users: Users,
    pub feed_items: Timelines<FeedItem>,
    pub messages: Timelines<Object>,
    pub schedules: Timelines<Object>,
    pub subscriptions: Timelines<Object>,
    pub guides: Guides,
    histories: Histories,
    bulk: BulkOperations,
}

impl World {
    /// Removes a user with everything that belongs to them; false when there is no such user.
    pub fn delete_user(&mut self, id: &str) -> bool {
        if self.users.remove(id).is_none() {
            return false;
        }
        self.feed_items.remove(id);
        self.messages.remove(id);
        self.schedules.remove(id);
        self.subscriptions.remove(id);
        self.histories.remove_user(id);
        true
    }

    /// Folds one user into another, which keeps what it has, and removes the first. Both must exist.
    pub fn merge_users(&mut self, primary: &str, secondary: &str, now: DateTime<Utc>) {
        let Some(folded) = self.users.remove(secondary) else {
            return;
        };
        self.users.entry(primary, now).absorb(folded, now);

        let oldest = now
            .checked_sub_days(MERGED_DAYS)
            .map_or(i64::MIN, |time| time.timestamp_micros());
        let young = |cursor: Cursor| cursor.time >= oldest;
        let items = self.feed_items.remove(secondary);
        self.feed_items
            .absorb(primary, items, |_, cursor, _| young(cursor));
        let mut messages = self.messages.remove(secondary);
        for message in messages.values_mut() {
            message.insert("recipient".into(), primary.into());
        }
        self.messages
            .absorb(primary, messages, |_, cursor, _| young(cursor));

        let mut schedules = self.schedules.remove(secondary);
        let mut subscriptions = self.subscriptions.remove(secondary);
        for thing in schedules.values_mut().chain(subscriptions.values_mut()) {
            thing.insert("recipient".into(), primary.into());
        }
        self.schedules.absorb(primary, schedules, |own, _, other| {
            !own.values().any(|o| same_schedule(o, other))
        });
        self.subscriptions
            .absorb(primary, subscriptions, |own, _, other| {
                !own.values().any(|o| same_object(o, other))
            });
        self.histories.merge_users(primary, secondary);
    }
}

/// A time as users carry it: RFC 3339 in milliseconds.
pub(crate) fn millis(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Millis, true).into()
}

/// A time as messages and the like carry it: RFC 3339 in microseconds.
pub(crate) fn micros(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Micros, true).into()
}
