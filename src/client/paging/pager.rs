//! Lists that are longer than a page.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::client::paging::cursor::{Cursor, Links};
use crate::client::paging::prefetch::Pages;
use crate::client::raw_response::UnparsedResponse;
use crate::client::response::Response;
use crate::error::Result;
use crate::operation::Operation;
use crate::request::Request;
use crate::request::query::Query;
use crate::types::{Field, Page, PageInfo};

/// Iterates over all items of a list, fetching a page when the last one is used up.
///
/// Forward from the start or from `after`, backward from `before`. After an error the iterator
/// goes on with the page that failed; a caller that stops instead can resume later from
/// [`cursor`](Self::cursor). A list whose cursors go in a circle ends with an error of kind
/// [`Response`](crate::ErrorKind::Response), each time that it is asked.
///
/// ```no_run
/// # let client = knock::Client::from_env()?;
/// use knock::params::UserListParams;
///
/// for user in client.users().list_pager(UserListParams::new().page_size(50))? {
///     println!("{}", user?.id);
/// }
/// # Ok::<(), knock::Error>(())
/// ```
pub struct Pager<P: Page> {
    pages: Pages<Response<P>>,
    /// The cursor that fetches the page which is being read, to resume from.
    current: Option<String>,
    items: VecDeque<P::Item>,
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
        let request = request.query(query);
        let pages = Pages::from(Cursor::new(client.clone(), request, Arc::new(read)));
        let current = pages.position().map(str::to_owned);
        Ok(Self {
            pages,
            current,
            items: VecDeque::new(),
        })
    }

    /// Fetches one page ahead, on a thread of its own, while the caller works on the last one:
    /// the first page at once, and each further one when the one before it is taken. No more
    /// than that one page is held, and dropping the pager ends the thread with its call.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// # fn slow_work(_: &knock::types::Message) {}
    /// let messages = client.users().list_messages_pager("jane", Default::default())?;
    /// for message in messages.prefetch() {
    ///     slow_work(&message?);
    /// }
    /// # Ok::<(), knock::Error>(())
    /// ```
    #[must_use]
    pub fn prefetch(mut self) -> Self {
        self.pages = self.pages.prefetch();
        self
    }

    /// The next whole page, or nothing after the last one. Items of the current page that were
    /// not read yet are passed over.
    ///
    /// # Errors
    ///
    /// As any call; the next call asks for the same page again.
    pub fn next_page(&mut self) -> Result<Option<Response<P>>> {
        let position = self.pages.position().map(str::to_owned);
        let page = self.pages.next()?;
        if page.is_some() {
            self.items.clear();
            self.current = position;
        }
        Ok(page)
    }

    /// The cursor to resume from: pass it as `after` (or `before`, going backward) to a new pager.
    /// It is the cursor of the page that is being read, and of the next one when that is used up;
    /// none stands for the start of the list, or for its end where [`is_done`](Self::is_done).
    pub fn cursor(&self) -> Option<&str> {
        if self.items.is_empty() {
            self.pages.position()
        } else {
            self.current.as_deref()
        }
    }

    /// Whether every item was read, or passed over.
    pub fn is_done(&self) -> bool {
        self.items.is_empty() && self.pages.is_done()
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

fn read<P: Page + DeserializeOwned>(
    response: UnparsedResponse,
    operation: &'static Operation,
) -> Result<(Response<P>, Links)> {
    let page = response.parse::<P>(operation)?;
    let info = page.page_info();
    let cursor = |field: fn(&PageInfo) -> &Field<String>| {
        let text = info.and_then(|info| field(info).as_deref());
        text.map(str::to_owned)
    };
    let links = Links {
        after: cursor(|info| &info.after),
        before: cursor(|info| &info.before),
        is_empty: page.items().is_empty(),
    };
    Ok((page, links))
}
