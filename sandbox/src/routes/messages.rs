//! Messages sent to a user.

use serde::Serialize;

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::paging::{Order, PageInfo, page};
use crate::state::json::Object;
use crate::state::messages::MessageFilter;
use crate::validate::Params;

/// Most ids that one call may ask for.
const MAX_MESSAGE_IDS: usize = 50;

const STATUSES: [&str; 7] = [
    "queued",
    "sent",
    "delivered",
    "delivery_attempted",
    "undelivered",
    "not_sent",
    "bounced",
];

const ENGAGEMENT_STATUSES: [&str; 8] = [
    "seen",
    "unseen",
    "read",
    "unread",
    "archived",
    "unarchived",
    "link_clicked",
    "interacted",
];

/// Messages alone go by the name `items`.
#[derive(Serialize)]
struct Listed<'a> {
    items: Vec<Item<'a>>,
    page_info: PageInfo,
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    message: &'a Object,
    #[serde(rename = "__cursor")]
    cursor: String,
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let query = call.query()?;
    let mut params = Params::new(&query);
    let filter = MessageFilter {
        tenant: params.text("tenant"),
        channel_id: params.text("channel_id"),
        status: params.list_of("status", &STATUSES),
        engagement_status: params.list_of("engagement_status", &ENGAGEMENT_STATUSES),
        message_ids: params.list("message_ids"),
        categories: params.list("workflow_categories"),
        source: params.text("source"),
        workflow_run_id: params.uuid("workflow_run_id").map(|id| id.to_string()),
        workflow_recipient_run_id: params
            .uuid("workflow_recipient_run_id")
            .map(|id| id.to_string()),
        trigger_data: params.scalars("trigger_data"),
        inserted_at: params.time_range("inserted_at"),
    };
    let paging = params.paging();
    params.finish()?;
    if filter
        .message_ids
        .as_ref()
        .is_some_and(|ids| ids.len() > MAX_MESSAGE_IDS)
    {
        let message = format!("must hold at most {MAX_MESSAGE_IDS} ids");
        return Err(ApiError::invalid_field("message_ids", message));
    }
    let messages = call.world.messages_to(call.user_id(), &filter);
    let page = page(&messages, Order::NewestFirst, &paging);
    let items = page.items.iter().map(|(cursor, message)| Item {
        message,
        cursor: cursor.encode(),
    });
    Ok(Answer::ok(&Listed {
        items: items.collect(),
        page_info: page.info,
    }))
}
