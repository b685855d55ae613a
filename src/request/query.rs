//! Query strings as the service's decoder reads them.

use std::fmt::Write;

use crate::error::{Error, Result};
use crate::operation::{Pagination, Parameter};
use crate::request::push_encoded;

/// The typed query parameters of one operation.
pub(crate) trait ToQuery {
    const PARAMETERS: &'static [Parameter];

    fn write_to(&self, query: &mut Query) -> Result<()>;
}

/// A query string, with the cursors of a list apart so that a pager can move them.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    encoded: String,
    /// The name of the parameter that `after` is the value of.
    forward: &'static str,
    pub after: Option<String>,
    pub before: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self::of(None)
    }
}

impl Query {
    /// The query of a list of this kind.
    pub fn of(pagination: Option<Pagination>) -> Self {
        Self {
            encoded: String::new(),
            forward: pagination.map_or("after", Pagination::forward_parameter),
            after: None,
            before: None,
        }
    }

    pub fn text(&mut self, name: &str, value: &str) {
        match name {
            name if name == self.forward => self.after = Some(value.to_owned()),
            "before" => self.before = Some(value.to_owned()),
            _ => push_pair(&mut self.encoded, name, value),
        }
    }

    pub fn integer(&mut self, name: &str, value: i64) {
        self.raw(name, &value);
    }

    pub fn boolean(&mut self, name: &str, value: bool) {
        self.raw(name, &value);
    }

    /// `name[]=a&name[]=b`
    pub fn strings<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a str>) {
        for value in values {
            push_pair(&mut self.encoded, &format!("{name}[]"), value);
        }
    }

    /// An id as `name=a`, an object as `name[id]=a&name[collection]=b`.
    pub fn reference(&mut self, name: &str, value: Reference<'_>) {
        match value {
            Reference::Id(id) => push_pair(&mut self.encoded, name, id),
            Reference::Object { id, collection } => {
                push_pair(&mut self.encoded, &format!("{name}[id]"), id);
                push_pair(
                    &mut self.encoded,
                    &format!("{name}[collection]"),
                    collection,
                );
            }
        }
    }

    /// Ids as `name[]=a`, objects indexed as `name[0][id]=a&name[0][collection]=b`: the
    /// service starts a new element at every `[]`, so the keys of a pair would part.
    pub fn references<'a>(&mut self, name: &str, values: &[Reference<'a>]) -> Result<()> {
        for (index, value) in values.iter().enumerate() {
            match *value {
                Reference::Id(id) => push_pair(&mut self.encoded, &format!("{name}[]"), id),
                Reference::Object { id, collection } => {
                    push_pair(&mut self.encoded, &format!("{name}[{index}][id]"), id);
                    push_pair(
                        &mut self.encoded,
                        &format!("{name}[{index}][collection]"),
                        collection,
                    );
                }
            }
        }
        let ids = values
            .iter()
            .filter(|value| matches!(value, Reference::Id(_)))
            .count();
        if ids != 0 && ids != values.len() {
            return Err(Error::invalid(format!(
                "{name} mixes ids and objects, which one query string cannot say; give all as one kind"
            )));
        }
        Ok(())
    }

    fn raw(&mut self, name: &str, value: &dyn std::fmt::Display) {
        separate(&mut self.encoded);
        self.encoded.push_str(name);
        // Writing to a String cannot fail.
        let _ = write!(self.encoded, "={value}");
    }

    /// Appends `?…` to a path, with the cursors and the parameters of this call alone.
    pub fn append_to(&self, target: &mut String, extra: &[(String, String)]) {
        let start = target.len();
        target.push_str(&self.encoded);
        let cursors = [(self.forward, &self.after), ("before", &self.before)];
        let cursors = cursors
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let extra = extra
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in cursors.chain(extra) {
            if target.len() > start {
                target.push('&');
            }
            push_pair_unseparated(target, name, value);
        }
        if target.len() > start {
            target.insert(start, '?');
        }
    }
}

/// A recipient as a query names it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reference<'a> {
    Id(&'a str),
    Object { id: &'a str, collection: &'a str },
}

fn separate(encoded: &mut String) {
    if !encoded.is_empty() {
        encoded.push('&');
    }
}

fn push_pair(encoded: &mut String, name: &str, value: &str) {
    separate(encoded);
    push_pair_unseparated(encoded, name, value);
}

/// Brackets and dots in names are the service's own syntax and go out as they are.
fn push_pair_unseparated(encoded: &mut String, name: &str, value: &str) {
    for part in name.split_inclusive(['[', ']']) {
        let bracket = part.ends_with(['[', ']']);
        push_encoded(
            encoded,
            if bracket {
                &part[..part.len() - 1]
            } else {
                part
            },
        );
        if bracket {
            encoded.push_str(&part[part.len() - 1..]);
        }
    }
    encoded.push('=');
    push_encoded(encoded, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(query: &Query) -> String {
        let mut target = String::from("/v1/users");
        query.append_to(&mut target, &[]);
        target
    }

    #[test]
    fn writes_dotted_names_arrays_and_cursors() {
        let mut query = Query::default();
        query.text("after", "a=b");
        query.text("inserted_at.gte", "2025-01-01T00:00:00Z");
        query.strings("status", ["sent", "not sent"]);
        query.boolean("has_tenant", true);
        query.integer("page_size", 20);
        assert_eq!(
            written(&query),
            "/v1/users?inserted_at.gte=2025-01-01T00%3A00%3A00Z&status[]=sent&status[]=not%20sent\
             &has_tenant=true&page_size=20&after=a%3Db"
        );
    }

    #[test]
    fn indexes_objects_and_refuses_a_mixture() {
        let mut query = Query::default();
        let park = Reference::Object {
            id: "a",
            collection: "parks",
        };
        query.references("objects", &[park]).unwrap();
        assert_eq!(
            written(&query),
            "/v1/users?objects[0][id]=a&objects[0][collection]=parks"
        );
        assert!(
            query
                .references("objects", &[park, Reference::Id("b")])
                .is_err()
        );
    }

    #[test]
    fn a_list_that_only_goes_forward_names_its_cursor() {
        let mut query = Query::of(Some(Pagination::Forward {
            items: "slack_channels",
            next: "next_cursor",
            parameter: "query_options.cursor",
        }));
        query.text("query_options.cursor", "dGVhbTpDMDYx");
        query.reference(
            "recipient",
            Reference::Object {
                id: "a",
                collection: "parks",
            },
        );
        assert_eq!(query.after.as_deref(), Some("dGVhbTpDMDYx"));
        assert_eq!(
            written(&query),
            "/v1/users?recipient[id]=a&recipient[collection]=parks&query_options.cursor=dGVhbTpDMDYx"
        );
    }

    #[test]
    fn an_empty_query_leaves_the_path_alone() {
        assert_eq!(written(&Query::default()), "/v1/users");
    }
}
