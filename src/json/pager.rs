//! The pages of a list as JSON text.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::api::operation;
use crate::client::Client;
use crate::client::paging::cursor::{Cursor, Links};
use crate::client::paging::prefetch::Pages;
use crate::client::raw_response::UnparsedResponse;
use crate::error::{Error, Result};
use crate::json::options::JsonCall;
use crate::json::request::parse;
use crate::json::{check_body, into_text};
use crate::operation::Operation;
use crate::parse::read;
use crate::request::Request;

/// The pages of a list as JSON text.
pub struct JsonPager {
    pages: Pages<String>,
}

impl JsonPager {
    /// The pages of a list operation, by its name.
    pub fn new(client: &Client, name: &str, request: &str) -> Result<Self> {
        let operation = operation(name)?;
        if operation.pagination.is_none() {
            let message = format!(
                "{} is not a paginated list; call it instead",
                operation.name
            );
            return Err(Error::invalid(message).at(operation.name));
        }
        let JsonCall {
            request,
            options,
            metadata,
            prefetch,
        } = parse(operation, request)?;
        // No list has a body, so nothing of the text outlives this function.
        let request = Request {
            operation,
            path: request.path,
            query: request.query,
            body: None,
        };
        let client = options.map_or_else(|| client.clone(), |options| client.with_options(options));
        let read = move |mut response: UnparsedResponse, operation| {
            check_body(&mut response, operation)?;
            let links = links(&response, operation)?;
            into_text(response, operation, metadata).map(|page| (page, links))
        };
        let pages = Pages::from(Cursor::new(client, request, Arc::new(read)));
        Ok(Self {
            pages: if prefetch { pages.prefetch() } else { pages },
        })
    }

    /// The next page, or nothing after the last one. After an error the same page is asked for
    /// again.
    pub fn next_page(&mut self) -> Result<Option<String>> {
        self.pages.next()
    }
}

/// The links of a page, read without its items.
fn links(response: &UnparsedResponse, operation: &'static Operation) -> Result<Links> {
    #[derive(Deserialize)]
    struct Outline {
        page_info: Option<Neighbours>,
        entries: Option<Vec<IgnoredAny>>,
        items: Option<Vec<IgnoredAny>>,
    }

    #[derive(Deserialize, Default)]
    struct Neighbours {
        after: Option<String>,
        before: Option<String>,
    }

    let outline: Outline =
        read(response.json()).map_err(|error| response.unusable(&error, operation))?;
    let Neighbours { after, before } = outline.page_info.unwrap_or_default();
    let items = outline.entries.or(outline.items);
    Ok(Links {
        after,
        before,
        is_empty: items.is_none_or(|items| items.is_empty()),
    })
}
