//! Reading typed query parameters, collecting everything that is wrong with them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::errors::{ApiError, FieldError};
use crate::paging::Cursor;
use crate::query::{Node, Query};

/// The default and the usual maximum of `page_size`.
const PAGE_SIZE: usize = 50;

/// Reads parameters one after the other; [`Params::finish`] refuses the request if any was wrong.
pub(crate) struct Params<'q> {
    query: &'q Query,
    errors: Vec<FieldError>,
}

/// `after`, `before` and `page_size`.
#[derive(Debug)]
pub(crate) struct Paging {
    pub after: Option<Cursor>,
    pub before: Option<Cursor>,
    pub size: usize,
}

/// `gt`, `gte`, `lt` and `lte` of a time.
#[derive(Debug, Default)]
pub(crate) struct TimeRange {
    gt: Option<DateTime<Utc>>,
    gte: Option<DateTime<Utc>>,
    lt: Option<DateTime<Utc>>,
    lte: Option<DateTime<Utc>>,
}

impl TimeRange {
    pub fn holds(&self, time: DateTime<Utc>) -> bool {
        self.gt.is_none_or(|limit| time > limit)
            && self.gte.is_none_or(|limit| time >= limit)
            && self.lt.is_none_or(|limit| time < limit)
            && self.lte.is_none_or(|limit| time <= limit)
    }
}

impl<'q> Params<'q> {
    pub fn new(query: &'q Query) -> Self {
        Self {
            query,
            errors: Vec::new(),
        }
    }

    fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::invalid(name, message));
    }

    pub fn text(&mut self, name: &str) -> Option<&'q str> {
        match self.query.get(name)? {
            Node::Text(text) => Some(text),
            Node::List(_) | Node::Map(_) => {
                self.wrong(name, "must be a single value");
                None
            }
        }
    }

    pub fn one_of(&mut self, name: &str, allowed: &[&str]) -> Option<&'q str> {
        let text = self.text(name)?;
        if allowed.contains(&text) {
            return Some(text);
        }
        self.wrong(name, format!("must be one of {}", allowed.join(", ")));
        None
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(self.text(name)?);
        if parsed.is_none() {
            self.wrong(name, format!("must be {what}"));
        }
        parsed
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.parsed(name, "true or false", |text| text.parse().ok())
    }

    pub fn uuid(&mut self, name: &str) -> Option<Uuid> {
        self.parsed(name, "a UUID", |text| Uuid::try_parse(text).ok())
    }

    fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        self.parsed(name, "an ISO 8601 date and time with an offset", read_time)
    }

    /// A list of scalars, `name[]=a&name[]=b`.
    pub fn list(&mut self, name: &str) -> Option<Vec<&'q str>> {
        let node = self.query.get(name)?;
        let texts = match node {
            Node::List(items) => items
                .iter()
                .map(|item| match item {
                    Node::Text(text) => Some(text.as_str()),
                    Node::List(_) | Node::Map(_) => None,
                })
                .collect(),
            Node::Text(_) | Node::Map(_) => None,
        };
        if texts.is_none() {
            self.wrong(name, format!("must be a list: {name}[]=…"));
        }
        texts
    }

    pub fn list_of(&mut self, name: &str, allowed: &[&str]) -> Option<Vec<&'q str>> {
        let values = self.list(name)?;
        for (index, value) in values.iter().enumerate() {
            if !allowed.contains(value) {
                self.wrong(
                    &format!("{name}[{index}]"),
                    format!("must be one of {}", allowed.join(", ")),
                );
            }
        }
        Some(values)
    }

    /// A list of objects, `name[0][id]=…&name[0][collection]=…`, or of strings.
    pub fn list_of_objects(&mut self, name: &str) -> Option<Vec<&'q Node>> {
        match self.query.get(name)? {
            Node::List(items) => Some(items.iter().collect()),
            Node::Map(items) if items.keys().all(|key| key.parse::<u32>().is_ok()) => {
                let mut numbered: Vec<_> = items
                    .iter()
                    .filter_map(|(k, v)| Some((k.parse::<u32>().ok()?, v)))
                    .collect();
                numbered.sort_by_key(|(number, _)| *number);
                Some(numbered.into_iter().map(|(_, item)| item).collect())
            }
            Node::Text(_) | Node::Map(_) => {
                self.wrong(name, format!("must be a list: {name}[0][id]=…"));
                None
            }
        }
    }

    /// JSON text holding an object of scalars.
    pub fn scalars(&mut self, name: &str) -> Option<Map<String, Value>> {
        let map = self.json_object(name)?;
        let nested: Vec<String> = map
            .iter()
            .filter(|(_, value)| value.is_array() || value.is_object())
            .map(|(key, _)| key.clone())
            .collect();
        for key in nested {
            self.wrong(
                &format!("{name}.{key}"),
                "must be a scalar: only top-level scalars can be matched",
            );
        }
        Some(map)
    }

    /// JSON text holding an object.
    pub fn json_object(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.parsed(name, "a JSON object", |text| {
            serde_json::from_str(text).ok()
        })
    }

    /// `name.gt` or `name[gt]` and its siblings.
    pub fn time_range(&mut self, name: &str) -> TimeRange {
        if matches!(self.query.get(name), Some(Node::Text(_) | Node::List(_))) {
            self.wrong(
                name,
                format!("must name a bound: {name}.gt, .gte, .lt or .lte"),
            );
        }
        TimeRange {
            gt: self.bound(name, "gt"),
            gte: self.bound(name, "gte"),
            lt: self.bound(name, "lt"),
            lte: self.bound(name, "lte"),
        }
    }

    fn bound(&mut self, name: &str, bound: &str) -> Option<DateTime<Utc>> {
        let dotted = format!("{name}.{bound}");
        let nested = match self.query.get(name) {
            Some(Node::Map(bounds)) => bounds.get(bound),
            _ => None,
        };
        match nested {
            None => self.time(&dotted),
            Some(Node::Text(text)) if read_time(text).is_some() => read_time(text),
            Some(_) => {
                self.wrong(&dotted, "must be an ISO 8601 date and time with an offset");
                None
            }
        }
    }

    pub fn paging(&mut self) -> Paging {
        self.paging_up_to(PAGE_SIZE)
    }

    /// A `page_size` outside of 1 to `most` is brought into it.
    pub fn paging_up_to(&mut self, most: usize) -> Paging {
        let size = self.parsed("page_size", "an integer", |text| text.parse::<i64>().ok());
        let paging = Paging {
            after: self.cursor("after"),
            before: self.cursor("before"),
            size: size.map_or(PAGE_SIZE, |size| {
                usize::try_from(size).unwrap_or(0).clamp(1, most)
            }),
        };
        if paging.after.is_some() && paging.before.is_some() {
            self.wrong("before", "cannot be combined with after");
        }
        paging
    }

    fn cursor(&mut self, name: &str) -> Option<Cursor> {
        if self.query.get(name) == Some(&Node::Text(String::new())) {
            return None;
        }
        self.parsed(name, "a cursor from page_info", Cursor::decode)
    }

    pub fn finish(self) -> Result<(), ApiError> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(ApiError::invalid(self.errors)),
        }
    }
}

fn read_time(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}
