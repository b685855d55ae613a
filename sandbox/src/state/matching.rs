//! The tests that filters of feeds, messages and schedules share.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::json::Object;
use crate::paging::Cursor;
use crate::validate::TimeRange;

/// Text is compared up to here when it is matched against trigger data.
const COMPARED_CHARACTERS: usize = 256;

pub(crate) fn text<'a>(thing: &'a Object, key: &str) -> Option<&'a str> {
    thing.get(key)?.as_str()
}

/// Whether a key holds something other than null.
pub(crate) fn is_set(thing: &Object, key: &str) -> bool {
    thing.get(key).is_some_and(|value| !value.is_null())
}

/// Things without a tenant pass any tenant, unless they must have one.
pub(crate) fn tenant_passes(
    thing: &Object,
    tenant: Option<&str>,
    has_tenant: Option<bool>,
) -> bool {
    let own = text(thing, "tenant");
    has_tenant.is_none_or(|wanted| wanted == own.is_some())
        && tenant.is_none_or(|wanted| own.is_none_or(|own| own == wanted))
}

pub(crate) fn source_passes(thing: &Object, source: Option<&str>) -> bool {
    source.is_none_or(|wanted| {
        thing
            .get("source")
            .is_some_and(|source| source["key"] == wanted)
    })
}

/// Any one of the categories is enough.
pub(crate) fn categories_pass(thing: &Object, wanted: Option<&[&str]>) -> bool {
    let Some(wanted) = wanted else { return true };
    let own = thing
        .get("source")
        .and_then(|source| source["categories"].as_array());
    own.is_some_and(|own| {
        own.iter()
            .any(|c| c.as_str().is_some_and(|c| wanted.contains(&c)))
    })
}

/// Every key given must be in the thing's data with the same value.
pub(crate) fn trigger_data_passes(thing: &Object, wanted: Option<&Object>) -> bool {
    let Some(wanted) = wanted else { return true };
    let data = thing.get("data").and_then(Value::as_object);
    wanted.iter().all(|(key, wanted)| {
        data.and_then(|data| data.get(key))
            .is_some_and(|own| match (own, wanted) {
                (Value::String(own), Value::String(wanted)) => cut(own) == cut(wanted),
                (own, wanted) => own == wanted,
            })
    })
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(COMPARED_CHARACTERS);
    end.map_or(text, |(end, _)| &text[..end])
}

/// Whether the time that a thing is filed under lies within the range.
pub(crate) fn time_passes(cursor: Cursor, range: &TimeRange) -> bool {
    DateTime::<Utc>::from_timestamp_micros(cursor.time).is_none_or(|time| range.holds(time))
}
