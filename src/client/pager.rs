//! Lists that are longer than a page.

use std::collections::VecDeque;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::client::Client;
use crate::client::reply::Reply;
use crate::client::response::Response;
use crate::error::Result;
use crate::operation::Operation;
use crate::request::Request;
use crate::request::query::Query;
use crate::types::Page;

/// Where a list stands: fetches a page, moves its cursor, and knows when it is through.
///
/// A page that failed leaves it where it was, so that the same page is asked for again.
pub(crate) struct Cursor {
    client: Client,
    request: Request<'static>,
    backward: bool,
    done: bool,
}

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

impl Cursor {
    pub fn new(client: Client, request: Request<'static>) -> Self {
        let backward = request.query.before.is_some();
        Self {
            client,
            request,
            backward,
            done: false,
        }
    }

    /// The next page as the server sent it, or nothing after the last one.
    pub fn next(&mut self) -> Result<Option<Reply>> {
        if self.done {
            return Ok(None);
        }
        let operation = self.request.operation;
        let reply = self.client.call(&self.request)?;
        let outline: Outline = serde_json::from_slice(reply.json())
            .map_err(|error| reply.unusable(&error, operation))?;
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
        match next.filter(|cursor| !cursor.is_empty() && items > 0) {
            Some(cursor) => self.move_to(cursor),
            None => self.done = true,
        }
        Ok(Some(reply))
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

/// Iterates over all items of a list, fetching a page when the last one is used up.
///
/// Forward from the start or from `after`, backward from `before`. After an error the iterator
/// goes on with the page that failed; a caller that stops instead can resume later from
/// [`cursor`](Self::cursor).
///
/// ```no_run
/// # let client = knock::Client::from_env()?;
/// use knock::ListUsers;
///
/// for user in client.users().list_pager(ListUsers::new().page_size(50))? {
///     println!("{}", user?.id);
/// }
/// # Ok::<(), knock::Error>(())
/// ```
pub struct Pager<P: Page> {
    cursor: Cursor,
    /// The cursor that fetches the page which is being read, to resume from.
    current: Option<String>,
    items: VecDeque<P::Item>,
    page: PhantomData<fn() -> P>,
}

impl<P: Page + DeserializeOwned> Pager<P> {
    pub(crate) fn new(
        client: &Client,
        operation: &'static Operation,
        arguments: &[&str],
        query: Query,
    ) -> Result<Self> {
        let request =
            Request::new(operation, arguments).map_err(|error| error.at(operation.name))?;
        let cursor = Cursor::new(client.clone(), request.query(query));
        let current = cursor.position().map(str::to_owned);
        Ok(Self {
            cursor,
            current,
            items: VecDeque::new(),
            page: PhantomData,
        })
    }

    /// The next whole page, or nothing after the last one. Items of the current page that were
    /// not read yet are passed over.
    ///
    /// # Errors
    ///
    /// As any call; the next call asks for the same page again.
    pub fn next_page(&mut self) -> Result<Option<Response<P>>> {
        let position = self.cursor.position().map(str::to_owned);
        let operation = self.cursor.operation();
        let Some(reply) = self.cursor.next()? else {
            return Ok(None);
        };
        self.items.clear();
        self.current = position;
        reply.parse(operation).map(Some)
    }

    /// Where to resume: pass it as `after` (or `before`, going backward) to a new pager. It is
    /// the cursor of the page that is being read, and of the next one when that is used up;
    /// none stands for the start of the list.
    pub fn cursor(&self) -> Option<&str> {
        if self.items.is_empty() {
            self.cursor.position()
        } else {
            self.current.as_deref()
        }
    }
}

impl<P: Page + DeserializeOwned> Iterator for Pager<P> {
    type Item = Result<P::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.items.is_empty() {
            match self.next_page() {
                Ok(Some(page)) => self.items = page.into_inner().into_items().into(),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        self.items.pop_front().map(Ok)
    }
}
