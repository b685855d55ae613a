//! In-app feeds.
//!
//! A call may leave any field out of the feed, down to the third level, so all of them but ids are optional.

use super::page::page;
use super::{Field, JsonObject, PageInfo, Recipient};
use crate::model::object::model;
use crate::model::open_enum::open_enum;
use crate::model::union::{union, unknown};

model! {
    /// A page of a user's feed.
    #[derive(Default)]
    pub struct UserInAppFeedResponse => {
        /// The items of this page, the newest first.
        pub entries: Field<Vec<InAppFeedItem>>,
        /// The counts for the badge of the feed.
        pub meta: Field<InAppFeedMeta>,
        /// Where this page lies in the feed.
        pub page_info: Field<PageInfo>,
        /// The public variables of the environment.
        pub vars: Field<JsonObject>,
    }
}

page!(UserInAppFeedResponse of InAppFeedItem: entries, page_info);

impl UserInAppFeedResponse {
    /// How many items of the feed are not read yet; none if the counts were left out.
    pub fn unread_count(&self) -> Option<i64> {
        self.meta.value()?.unread_count.value().copied()
    }

    /// How many items of the feed are not seen yet; none if the counts were left out.
    pub fn unseen_count(&self) -> Option<i64> {
        self.meta.value()?.unseen_count.value().copied()
    }

    /// How many items the feed has; none if the counts were left out.
    pub fn total_count(&self) -> Option<i64> {
        self.meta.value()?.total_count.value().copied()
    }
}

model! {
    /// Counts over the whole feed, as far as the filters of the call let through.
    #[derive(Default)]
    pub struct InAppFeedMeta => {
        /// The name of this type in the API.
        pub type_name as "__typename": Field<String>,
        /// How many items the feed has.
        pub total_count: Field<i64>,
        /// How many items are not read yet.
        pub unread_count: Field<i64>,
        /// How many items are not seen yet.
        pub unseen_count: Field<i64>,
    }
}

model! {
    /// An item of a feed. Its id is that of the message behind it.
    #[derive(Default)]
    pub struct InAppFeedItem => {
        /// The name of this type in the API: `FeedItem`.
        pub type_name as "__typename": Field<String>,
        /// The id of the item.
        pub id: String,
        /// What there is to show.
        pub blocks: Field<Vec<InAppFeedBlock>>,
        /// What led to the item: one activity for each trigger that was batched into it.
        pub activities: Field<Vec<Activity>>,
        /// Who caused the item.
        pub actors: Field<Vec<Recipient>>,
        /// The data that the workflow was triggered with.
        pub data: Field<JsonObject>,
        /// The workflow that made the item.
        pub source: Field<InAppFeedItemSource>,
        /// The tenant that the item belongs to.
        pub tenant: Field<String>,
        /// How many activities there are, those that are not listed included.
        pub total_activities: Field<i64>,
        /// How many actors there are, those that are not listed included.
        pub total_actors: Field<i64>,
        /// When the item was seen, as RFC 3339.
        pub seen_at: Field<String>,
        /// When the item was read, as RFC 3339.
        pub read_at: Field<String>,
        /// When the item was interacted with, as RFC 3339.
        pub interacted_at: Field<String>,
        /// When a link in the item was followed, as RFC 3339.
        pub link_clicked_at: Field<String>,
        /// When the item was clicked, as RFC 3339.
        pub clicked_at: Field<String>,
        /// When the item was archived, as RFC 3339.
        pub archived_at: Field<String>,
        /// When the item was made, as RFC 3339.
        pub inserted_at: Field<String>,
        /// When the item last changed, as RFC 3339.
        pub updated_at: Field<String>,
    }
}

model! {
    /// The workflow that made a feed item.
    #[derive(Default)]
    pub struct InAppFeedItemSource => {
        /// The name of this type in the API.
        pub type_name as "__typename": Field<String>,
        /// The key of the workflow.
        pub key: Field<String>,
        /// The id of the workflow's version, a UUID.
        pub version_id: Field<String>,
        /// The categories of the workflow.
        pub categories: Field<Vec<String>>,
    }
}

model! {
    /// One trigger of a workflow.
    #[derive(Default)]
    pub struct Activity => {
        /// The name of this type in the API: `Activity`.
        pub type_name as "__typename": Field<String>,
        /// The id of the activity.
        pub id: Field<String>,
        /// Who caused it.
        pub actor: Field<Recipient>,
        /// Who was notified.
        pub recipient: Field<Recipient>,
        /// The data that the workflow was triggered with.
        pub data: Field<JsonObject>,
        /// When it happened, as RFC 3339.
        pub inserted_at: Field<String>,
        /// When it last changed, as RFC 3339.
        pub updated_at: Field<String>,
    }
}

open_enum! {
    /// What a block of a feed item is.
    pub enum InAppFeedBlockType {
        /// Markdown, rendered to HTML.
        Markdown = "markdown",
        /// Plain text.
        Text = "text",
        /// A row of buttons.
        ButtonSet = "button_set",
    }
}

model! {
    /// Text to show.
    pub struct MessageInAppFeedContentBlock => {
        /// Whether it is Markdown or plain text.
        pub kind as "type": InAppFeedBlockType,
        /// The name of the block in the template.
        pub name: Field<String>,
        /// The text as HTML.
        pub rendered: Field<String>,
        /// The text as the template has it, before variables were filled in.
        pub content: Field<String>,
    }
}

model! {
    /// A button to show.
    #[derive(Default)]
    pub struct MessageInAppFeedButton => {
        /// The name of the button in the template.
        pub name: String,
        /// What the button says.
        pub label: String,
        /// Where the button leads, usually a URL.
        pub action: String,
    }
}

model! {
    /// Buttons to show.
    pub struct MessageInAppFeedButtonSetBlock => {
        /// That it is a set of buttons.
        pub kind as "type": InAppFeedBlockType,
        /// The name of the block in the template.
        pub name: Field<String>,
        /// The buttons.
        pub buttons: Field<Vec<MessageInAppFeedButton>>,
    }
}

union! {
    /// A part of what a feed item shows, in the order of the template.
    pub enum InAppFeedBlock tagged "type" by unknown => {
        /// Text.
        Content(MessageInAppFeedContentBlock) = "markdown" | "text",
        /// Buttons.
        ButtonSet(MessageInAppFeedButtonSetBlock) = "button_set",
    }
}

model! {
    /// What the account allows a feed to do.
    #[derive(Default)]
    pub struct UserInAppFeedSettingsResponse => {
        /// The features and whether they are on.
        pub features: InAppFeedFeatures,
    }
}

model! {
    /// The features of a feed.
    #[derive(Default)]
    pub struct InAppFeedFeatures => {
        /// Whether the feed must show Knock's branding.
        pub branding_required: bool,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::Page;

    #[test]
    fn a_feed_is_a_page_with_counts() {
        let feed: UserInAppFeedResponse = serde_json::from_value(json!({
            "entries": [{"id": "i1"}, {"id": "i2"}],
            "meta": {"total_count": 9, "unread_count": 2, "unseen_count": 1},
            "page_info": {"page_size": 2, "after": "c2", "before": null},
            "vars": {"app_name": "Park"},
        }))
        .unwrap();
        assert_eq!(
            (feed.total_count(), feed.unread_count(), feed.unseen_count()),
            (Some(9), Some(2), Some(1))
        );
        assert_eq!(
            (feed.next_cursor(), feed.previous_cursor()),
            (Some("c2"), None)
        );
        let ids: Vec<_> = feed.into_items().into_iter().map(|item| item.id).collect();
        assert_eq!(ids, ["i1", "i2"]);
    }

    #[test]
    fn fields_may_be_left_out() {
        let feed: UserInAppFeedResponse =
            serde_json::from_value(json!({"meta": {"unread_count": 2}})).unwrap();
        assert_eq!((feed.unread_count(), feed.total_count()), (Some(2), None));
        assert!(feed.items().is_empty() && feed.page_info().is_none());
        let item = json!({"id": "i1", "source": {}, "blocks": [{"type": "text"}], "actors": [{"id": "jane"}]});
        let read: InAppFeedItem = serde_json::from_value(item.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), item);
    }

    #[test]
    fn blocks_are_told_by_their_type() {
        use InAppFeedBlock::{ButtonSet, Content, Raw};

        let blocks = json!([
            {"type": "markdown", "name": "body", "rendered": "<p>Hi</p>", "content": "Hi"},
            {"buttons": [{"name": "go", "label": "Go", "action": "/"}], "name": "actions", "type": "button_set"},
            {"type": "video", "url": "/v"},
            {"name": "nameless"},
        ]);
        let read: Vec<InAppFeedBlock> = serde_json::from_str(&blocks.to_string()).unwrap();
        let [Content(content), ButtonSet(buttons), Raw(_), Raw(_)] = &read[..] else {
            panic!("{read:?}")
        };
        assert_eq!(content.rendered, "<p>Hi</p>");
        assert_eq!(buttons.buttons.as_slice()[0].label, "Go");
        assert_eq!(serde_json::to_value(&read).unwrap(), blocks);
    }
}
