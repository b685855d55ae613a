//! Subscriptions of a user to objects.

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::errors::{ApiError, FieldError};
use crate::paging::{Entries, Order, page};
use crate::query::Node;
use crate::state::json::Object;
use crate::state::recipients::InFull;
use crate::validate::Params;

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let query = call.query()?;
    let mut params = Params::new(&query);
    let include = params
        .list_of("include", &["preferences"])
        .unwrap_or_default();
    let objects = params.list_of_objects("objects");
    let paging = params.paging();
    params.finish()?;
    let wanted = objects.map(references).transpose()?;

    let subscriptions = call
        .world
        .subscriptions
        .listing(call.user_id(), |subscription| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|reference| reference.is(subscription)))
        });
    let page = page(&subscriptions, Order::NewestFirst, &paging);
    let entries = page.items.iter().map(|(cursor, thing)| InFull {
        world: call.world,
        thing,
        cursor: Some(*cursor),
        preferences: include.contains(&"preferences"),
        compact: false,
    });
    Ok(Answer::ok(&Entries {
        entries: entries.collect(),
        page_info: page.info,
    }))
}

/// What a subscription may be asked to be to.
enum Reference<'a> {
    /// An id alone names a user, whom nobody subscribes to here.
    User,
    Object {
        collection: &'a str,
        id: &'a str,
    },
}

impl Reference<'_> {
    fn is(&self, subscription: &Object) -> bool {
        match self {
            Self::User => false,
            Self::Object { collection, id } => subscription
                .get("object")
                .is_some_and(|object| object["collection"] == *collection && object["id"] == *id),
        }
    }
}

fn references(nodes: Vec<&Node>) -> Result<Vec<Reference<'_>>, ApiError> {
    let mut errors = Vec::new();
    let mut references = Vec::new();
    for (index, node) in nodes.into_iter().enumerate() {
        match node {
            Node::Text(_) => references.push(Reference::User),
            Node::List(_) => {
                errors.push(FieldError::invalid(
                    format!("objects[{index}]"),
                    "must be an id and a collection",
                ));
            }
            Node::Map(keys) => match (keys.get("collection"), keys.get("id")) {
                (Some(Node::Text(collection)), Some(Node::Text(id))) => {
                    references.push(Reference::Object { collection, id });
                }
                (collection, id) => {
                    for (name, node) in [("collection", collection), ("id", id)] {
                        if !matches!(node, Some(Node::Text(_))) {
                            errors.push(FieldError::new(
                                format!("objects[{index}].{name}"),
                                "required",
                                "is required",
                            ));
                        }
                    }
                }
            },
        }
    }
    match errors.is_empty() {
        true => Ok(references),
        false => Err(ApiError::invalid(errors)),
    }
}
