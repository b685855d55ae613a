//! Subscriptions: users who are notified along with an object.

use super::page::page;
use super::{Field, JsonObject, Object, PageInfo, Recipient};
use crate::model::object::model;

model! {
    /// A recipient's subscription to an object.
    pub struct Subscription => {
        /// The name of this type in the API: `Subscription`.
        pub type_name as "__typename": Field<String>,
        /// The subscribed recipient.
        pub recipient: Recipient,
        /// The object that it is subscribed to.
        pub object: Object,
        /// The custom properties of the subscription.
        pub properties: Field<JsonObject>,
        /// Creation time, RFC 3339.
        pub inserted_at: String,
        /// Time of the last change, RFC 3339.
        pub updated_at: String,
    }
}

model! {
    /// A page of subscriptions.
    #[derive(Default)]
    pub struct ListSubscriptionsResponse => {
        /// The subscriptions of this page, the newest first.
        pub entries: Vec<Subscription>,
        /// Position of this page in the list.
        pub page_info: PageInfo,
    }
}

page!(ListSubscriptionsResponse of Subscription: entries, page_info);
