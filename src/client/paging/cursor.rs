//! Where a list stands.

use std::sync::Arc;

use crate::client::Client;
use crate::client::raw_response::UnparsedResponse;
use crate::error::Result;
use crate::operation::Operation;
use crate::request::Request;

/// Fetches a page, moves its cursor, and knows when it is through.
///
/// A page that failed, or that cannot be read, leaves it where it was, so that the same page is
/// asked for again.
pub(crate) struct Cursor<T> {
    client: Client,
    request: Request<'static>,
    read: ReadPage<T>,
    backward: bool,
    done: bool,
}

/// Makes a page of an answer, and says what it is linked to.
pub(crate) type ReadPage<T> =
    Arc<dyn Fn(UnparsedResponse, &'static Operation) -> Result<(T, Links)> + Send + Sync>;

/// The cursors of a page's neighbours.
pub(crate) struct Links {
    pub after: Option<String>,
    pub before: Option<String>,
    /// A page without items is the last one, whatever it is linked to.
    pub is_empty: bool,
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
        let reply = self.client.call(&self.request)?;
        let (page, links) = (self.read)(reply, self.request.operation)?;
        let next = if self.backward {
            links.before
        } else {
            links.after
        };
        match next.filter(|cursor| !cursor.is_empty() && !links.is_empty) {
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

    /// Whether the last page was fetched.
    pub fn is_done(&self) -> bool {
        self.done
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
