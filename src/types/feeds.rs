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
        /// Position of this page in the feed.
        pub page_info: Field<PageInfo>,
        /// The public variables of the environment.
        pub vars: Field<JsonObject>,
    }
}

page!(UserInAppFeedResponse of InAppFeedItem: entries, page_info);

impl UserInAppFeedResponse {
    /// Number of unread items of the feed; none if the counts were left out.
    pub fn unread_count(&self) -> Option<i64> {
        self.meta.value()?.unread_count.value().copied()
    }

    /// Number of unseen items of the feed; none if the counts were left out.
    pub fn unseen_count(&self) -> Option<i64> {
        self.meta.value()?.unseen_count.value().copied()
    }

    /// Number of items of the feed; none if the counts were left out.
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
        /// Number of items of the feed.
        pub total_count: Field<i64>,
        /// Number of unread items.
        pub unread_count: Field<i64>,
        /// Number of unseen items.
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
        /// The content to show.
        pub blocks: Field<Vec<InAppFeedBlock>>,
        /// Activities behind the item: one for each trigger that was batched into it.
        pub activities: Field<Vec<Activity>>,
        /// Actors: the recipients who caused the item.
        pub actors: Field<Vec<Recipient>>,
        /// The data that the workflow was triggered with.
        pub data: Field<JsonObject>,
        /// The workflow that made the item.
        pub source: Field<InAppFeedItemSource>,
        /// The tenant that the item belongs to.
        pub tenant: Field<String>,
        /// Number of activities, those that are not listed included.
        pub total_activities: Field<i64>,
        /// Number of actors, those that are not listed included.
        pub total_actors: Field<i64>,
        /// Time it was last seen, RFC 3339.
        pub seen_at: Field<String>,
        /// Time it was last read, RFC 3339.
        pub read_at: Field<String>,
        /// Time it was last interacted with, RFC 3339.
        pub interacted_at: Field<String>,
        /// Time a link in it was last followed, RFC 3339.
        pub link_clicked_at: Field<String>,
        /// Time it was last clicked, RFC 3339.
        pub clicked_at: Field<String>,
        /// Time it was last archived, RFC 3339.
        pub archived_at: Field<String>,
        /// Creation time, RFC 3339.
        pub inserted_at: Field<String>,
        /// Time of the last change, RFC 3339.
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
        /// The recipient who caused it.
        pub actor: Field<Recipient>,
        /// The recipient who was notified.
        pub recipient: Field<Recipient>,
        /// The data that the workflow was triggered with.
        pub data: Field<JsonObject>,
        /// Time it happened, RFC 3339.
        pub inserted_at: Field<String>,
        /// Time of the last change, RFC 3339.
        pub updated_at: Field<String>,
    }
}

open_enum! {
    /// Kind of a block of a feed item.
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
        /// Markup: Markdown or plain text.
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
        /// The label of the button.
        pub label: String,
        /// The target of the button, usually a URL.
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
    /// Features of a feed that the account allows.
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
        /// The feed must show Knock's branding.
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
