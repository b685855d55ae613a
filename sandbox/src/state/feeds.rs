//! In-app feeds.

use uuid::Uuid;

use super::World;
use super::json::Object;
use super::matching::{
    categories_pass, is_set, source_passes, tenant_passes, time_passes, trigger_data_passes,
};
use crate::paging::Cursor;
use crate::validate::TimeRange;

/// An item in a user's feed. Actors and activities are kept as references and shown in full.
#[derive(Debug)]
pub(crate) struct FeedItem {
    pub channel: Uuid,
    pub shown: Object,
}

/// Which items a feed shows.
pub(crate) struct FeedFilter<'a> {
    pub channel: Uuid,
    pub status: &'a str,
    pub archived: &'a str,
    pub source: Option<&'a str>,
    pub tenant: Option<&'a str>,
    pub has_tenant: Option<bool>,
    pub categories: Option<Vec<&'a str>>,
    pub trigger_data: Option<Object>,
    pub inserted_at: TimeRange,
}

/// A feed's items with the counts around them.
pub(crate) struct Feed<'a> {
    /// Those with the wanted status, oldest first.
    pub items: Vec<(Cursor, &'a FeedItem)>,
    /// The counts pass over the wanted status.
    pub total: usize,
    pub unread: usize,
    pub unseen: usize,
}

impl FeedFilter<'_> {
    fn passes_all_but_status(&self, item: &FeedItem) -> bool {
        let shown = &item.shown;
        let archived = match self.archived {
            "only" => is_set(shown, "archived_at"),
            "include" => true,
            _ => !is_set(shown, "archived_at"),
        };
        item.channel == self.channel
            && archived
            && tenant_passes(shown, self.tenant, self.has_tenant)
            && source_passes(shown, self.source)
            && categories_pass(shown, self.categories.as_deref())
            && trigger_data_passes(shown, self.trigger_data.as_ref())
    }

    fn has_status(&self, item: &FeedItem) -> bool {
        let shown = &item.shown;
        match self.status {
            "unread" => !is_set(shown, "read_at"),
            "read" => is_set(shown, "read_at"),
            "unseen" => !is_set(shown, "seen_at"),
            "seen" => is_set(shown, "seen_at"),
            _ => true,
        }
    }
}

impl World {
    pub fn feed(&self, user_id: &str, filter: &FeedFilter<'_>) -> Feed<'_> {
        let mut items = self
            .feed_items
            .listing(user_id, |item| filter.passes_all_but_status(item));
        items.retain(|(cursor, _)| time_passes(*cursor, &filter.inserted_at));
        let lacking = |key| {
            items
                .iter()
                .filter(|(_, item)| !is_set(&item.shown, key))
                .count()
        };
        Feed {
            total: items.len(),
            unread: lacking("read_at"),
            unseen: lacking("seen_at"),
            items: items
                .into_iter()
                .filter(|(_, item)| filter.has_status(item))
                .collect(),
        }
    }
}
