//! Pages of ordered things, with opaque cursors that lead both ways and survive insertions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::validate::Paging;

/// Counts are exact up to here.
const MOST_COUNTED: usize = 10_000;

/// A place in an order: the thing's own key, so that it stays right whatever is added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    /// Microseconds of its time, or 0 where the order is that of creation.
    pub time: i64,
    /// Breaks ties; unique.
    pub sequence: u64,
}

impl Cursor {
    pub fn encode(self) -> String {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.time.to_be_bytes());
        bytes[8..].copy_from_slice(&self.sequence.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (time, sequence) = bytes.split_at(8);
        Some(Self {
            time: i64::from_be_bytes(time.try_into().ok()?),
            sequence: u64::from_be_bytes(sequence.try_into().ok()?),
        })
    }
}

/// Which way a listing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// `page_info` as the service writes it.
#[derive(Debug, Serialize)]
pub(crate) struct PageInfo {
    #[serde(rename = "__typename")]
    typename: &'static str,
    after: Option<String>,
    before: Option<String>,
    page_size: usize,
    total_count: usize,
}

/// One page, its items in the order of the listing.
pub(crate) struct Page<'a, T> {
    pub items: Vec<(Cursor, &'a T)>,
    pub info: PageInfo,
}

/// Cuts the page that `paging` asks for out of everything listed, given in ascending order of its cursors.
pub(crate) fn page<'a, T>(all: &[(Cursor, &'a T)], order: Order, paging: &Paging) -> Page<'a, T> {
    let below = |cursor: Cursor| all.partition_point(|(key, _)| *key < cursor);
    let up_to = |cursor: Cursor| all.partition_point(|(key, _)| *key <= cursor);
    let (start, end) = match order {
        Order::OldestFirst => match (paging.after, paging.before) {
            (Some(after), _) => (up_to(after), up_to(after).saturating_add(paging.size)),
            (None, Some(before)) => (below(before).saturating_sub(paging.size), below(before)),
            (None, None) => (0, paging.size),
        },
        Order::NewestFirst => match (paging.after, paging.before) {
            (Some(after), _) => (below(after).saturating_sub(paging.size), below(after)),
            (None, Some(before)) => (up_to(before), up_to(before).saturating_add(paging.size)),
            (None, None) => (all.len().saturating_sub(paging.size), all.len()),
        },
    };
    let (start, end) = (start.min(all.len()), end.min(all.len()));
    let mut items = all[start..end].to_vec();
    let (mut more_before, mut more_after) = (start > 0, end < all.len());
    if order == Order::NewestFirst {
        items.reverse();
        (more_before, more_after) = (more_after, more_before);
    }
    let cursor = |item: Option<&(Cursor, &T)>| item.map(|(cursor, _)| cursor.encode());
    let info = PageInfo {
        typename: "PageInfo",
        after: cursor(items.last()).filter(|_| more_after),
        before: cursor(items.first()).filter(|_| more_before),
        page_size: paging.size,
        total_count: all.len().min(MOST_COUNTED),
    };
    Page { items, info }
}

/// A page whose items go by the name `entries`.
#[derive(Serialize)]
pub(crate) struct Entries<T> {
    pub entries: Vec<T>,
    pub page_info: PageInfo,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(order: Order) -> Vec<Vec<u64>> {
        let values: Vec<u64> = (0..7).collect();
        let all: Vec<_> = values
            .iter()
            .map(|v| {
                (
                    Cursor {
                        time: 0,
                        sequence: *v,
                    },
                    v,
                )
            })
            .collect();
        let mut pages = Vec::new();
        let mut paging = Paging {
            after: None,
            before: None,
            size: 3,
        };
        loop {
            let page = page(&all, order, &paging);
            pages.push(page.items.iter().map(|(_, v)| **v).collect::<Vec<_>>());
            let Some(after) = page.info.after else { break };
            paging.after = Cursor::decode(&after);
        }
        let last = pages.len();
        let before = Cursor {
            time: 0,
            sequence: pages[last - 1][0],
        };
        let back = page(
            &all,
            order,
            &Paging {
                after: None,
                before: Some(before),
                size: 3,
            },
        );
        assert_eq!(
            back.items.iter().map(|(_, v)| **v).collect::<Vec<_>>(),
            pages[last - 2]
        );
        assert!(back.info.before.is_some());
        pages
    }

    #[test]
    fn pages_run_both_ways_in_both_orders() {
        assert_eq!(
            walk(Order::OldestFirst),
            [vec![0, 1, 2], vec![3, 4, 5], vec![6]]
        );
        assert_eq!(
            walk(Order::NewestFirst),
            [vec![6, 5, 4], vec![3, 2, 1], vec![0]]
        );
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "x", "AAAA", "!!!"] {
            assert_eq!(Cursor::decode(text), None);
        }
    }
}
