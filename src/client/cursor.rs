//! Where a list stands.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::client::Client;
use crate::client::reply::{Reply, read};
use crate::error::Result;
use crate::operation::Operation;
use crate::request::Request;

/// Fetches a page, moves its cursor, and knows when it is through.
///
/// A page that failed, or that cannot be read, leaves it where it was, so that the same page is
/// asked for again.
pub(super) struct Cursor<T> {
    client: Client,
    request: Request<'static>,
    read: ReadPage<T>,
    backward: bool,
    done: bool,
}

/// Makes a page of an answer.
pub(super) type ReadPage<T> = Arc<dyn Fn(Reply, &'static Operation) -> Result<T> + Send + Sync>;

/// What a page says of itself, whatever its items are.
#[derive(Deserialize)]
struct Outline {
    page_info: Option<Neighbours>,
    #[serde(default)]
    entries: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    items: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Neighbours {
    after: Option<String>,
    before: Option<String>,
}

impl<T> Cursor<T> {
    pub fn new(client: Client, request: Request<'static>, read: ReadPage<T>) -> Self {
        let backward = request.query.before.is_some();
        Self {
            client,
            request,
            read,
            backward,
            done: false,
        }
    }

    /// The next page, or nothing after the last one.
    pub fn next(&mut self) -> Result<Option<T>> {
        if self.done {
            return Ok(None);
        }
        let operation = self.request.operation;
        let reply = self.client.call(&self.request)?;
        let outline: Outline =
            read(reply.json()).map_err(|error| reply.unusable(&error, operation))?;
        let items = outline
            .entries
            .or(outline.items)
            .map_or(0, |items| items.len());
        let next = outline.page_info.and_then(|info| {
            if self.backward {
                info.before
            } else {
                info.after
            }
        });
        let page = (self.read)(reply, operation)?;
        match next.filter(|cursor| !cursor.is_empty() && items > 0) {
            Some(cursor) => self.move_to(cursor),
            None => self.done = true,
        }
        Ok(Some(page))
    }

    fn move_to(&mut self, cursor: String) {
        let query = &mut self.request.query;
        let place = if self.backward {
            &mut query.before
        } else {
            &mut query.after
        };
        // A server that answers with the cursor it was asked for would be asked for ever.
        if place.as_ref() == Some(&cursor) {
            self.done = true;
        }
        *place = Some(cursor);
    }

    /// The cursor of the page that comes next; none before the first page and after the last.
    pub fn position(&self) -> Option<&str> {
        let query = &self.request.query;
        let place = if self.backward {
            &query.before
        } else {
            &query.after
        };
        place.as_deref().filter(|_| !self.done)
    }

    pub fn operation(&self) -> &'static Operation {
        self.request.operation
    }
}

impl<T> Clone for Cursor<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            request: self.request.clone(),
            read: self.read.clone(),
            ..*self
        }
    }
}
