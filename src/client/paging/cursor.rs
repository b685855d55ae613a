//! Cursor of a paginated list.

use std::sync::Arc;

use crate::client::Client;
use crate::client::paging::circle::CircleDetector;
use crate::client::raw_response::UnparsedResponse;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::Operation;
use crate::request::Request;

/// Fetches a page, moves its cursor, and knows when it is through.
///
/// A page that failed, or that cannot be read, leaves it where it was, so that the same page is
/// asked for again. Cursors that go in a circle end the list with an error.
pub(crate) struct Cursor<T> {
    client: Client,
    request: Request<'static>,
    read: ReadPage<T>,
    backward: bool,
    done: bool,
    detector: CircleDetector,
    /// Whether the next cursor has come before.
    circles: bool,
}

/// Makes a page of a response, and says what it is linked to.
pub(crate) type ReadPage<T> =
    Arc<dyn Fn(UnparsedResponse, &'static Operation) -> Result<(T, Links)> + Send + Sync>;

/// The cursors of a page's neighbors.
pub(crate) struct Links {
    pub after: Option<String>,
    pub before: Option<String>,
    /// A page without items is the last one, whatever it is linked to.
    pub is_empty: bool,
}

impl<T> Cursor<T> {
    pub fn new(client: Client, request: Request<'static>, read: ReadPage<T>) -> Self {
        let backward = request.query.before.is_some();
        let start = request.query.before.as_ref();
        let start = start.or(request.query.after.as_ref()).map(String::as_str);
        let detector = CircleDetector::new(start);
        Self {
            client,
            request,
            read,
            backward,
            done: false,
            detector,
            circles: false,
        }
    }

    /// The next page, or nothing after the last one.
    pub fn next(&mut self) -> Result<Option<T>> {
        if self.done {
            return Ok(None);
        }
        if self.circles {
            let message = "the cursors of the list go in a circle, so that it has no end; the \
                           items so far are not known to be all of them";
            let error = Error::new(ErrorKind::Response, message);
            return Err(error.at(self.request.operation.name));
        }
        let response = self.client.call(&self.request)?;
        let (page, links) = (self.read)(response, self.request.operation)?;
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
        self.circles = self.detector.returns_to(&cursor);
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
            detector: self.detector.clone(),
            ..*self
        }
    }
}
