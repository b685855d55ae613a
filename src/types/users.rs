//! Users: who receives notifications.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::page::page;
use super::{Field, InlineChannelDataRequest, InlinePreferenceSetRequest, PageInfo};
use crate::model::object::{model, request};

model! {
    /// A user as Knock knows them.
    ///
    /// Custom properties stand beside the known fields.
    #[derive(Default)]
    pub struct User => {
        /// The name of this type in the API: `User`.
        pub type_name as "__typename": Field<String>,
        /// The id that your system gave the user. It never changes.
        pub id: String,
        /// The address that email goes to.
        pub email: Field<String>,
        /// The name to show for the user.
        pub name: Field<String>,
        /// The URL of a picture of the user.
        pub avatar: Field<String>,
        /// The phone number that SMS goes to, in E.164 form, such as `+14155550123`.
        pub phone_number: Field<String>,
        /// The time zone that schedules run in, a name of the tz database, such as `America/Costa_Rica`.
        pub timezone: Field<String>,
        /// The language of the user's messages, such as `en-US`.
        pub locale: Field<String>,
        /// Time the user was created in your system, RFC 3339. Null unless your system said so.
        pub created_at: Field<String>,
        /// Time of the last change, RFC 3339.
        pub updated_at: Field<String>,
        ..properties = "The custom properties, and whatever else the service adds, such as `preferences` where a call includes them."
    }
}

impl User {
    /// A custom property.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }

    /// Reads the custom properties into a type of yours.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Account {
    ///     plan: String,
    /// }
    ///
    /// let user: knock::types::User = serde_json::from_str(r#"{"id": "jane", "plan": "pro"}"#)?;
    /// assert_eq!(user.properties_as::<Account>()?.plan, "pro");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a property that the type requires is missing or of another type.
    pub fn properties_as<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(&self.properties)
    }
}

request! {
    /// Properties to set on a user, who is created if there is none yet.
    ///
    /// What is absent stays as it is, null clears a property, and nested objects are merged key by key.
    /// Custom properties may be any JSON; all of them together are limited to 256 kB.
    #[derive(Default)]
    pub struct IdentifyUserRequest => {
        /// The address that email goes to.
        pub email: Field<String>,
        /// The name to show for the user.
        pub name: Field<String>,
        /// The URL of a picture of the user.
        pub avatar: Field<String>,
        /// The phone number that SMS goes to, in E.164 form, such as `+14155550123`.
        pub phone_number: Field<String>,
        /// The time zone that schedules run in, a name of the tz database, such as `America/Costa_Rica`.
        pub timezone: Field<String>,
        /// The language of the user's messages, such as `en-US`.
        pub locale: Field<String>,
        /// Time the user was created in your system, RFC 3339.
        pub created_at: Field<String>,
        /// Channel data to set, by channel id. It replaces what those channels had.
        pub channel_data: Field<InlineChannelDataRequest>,
        /// Preferences to merge, by the id of the preference set; `default` is the one that is always there.
        pub preferences: Field<InlinePreferenceSetRequest>,
        ..properties = "The custom properties."
    }
}

impl IdentifyUserRequest {
    /// A request that changes nothing yet.
    ///
    /// ```
    /// use knock::types::{Field, IdentifyUserRequest};
    ///
    /// let jane = IdentifyUserRequest::new()
    ///     .email("jane@ingen.net")
    ///     .phone_number(Field::Null)
    ///     .set("plan", "pro");
    /// assert_eq!(
    ///     serde_json::to_string(&jane)?,
    ///     r#"{"email":"jane@ingen.net","phone_number":null,"plan":"pro"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }
}

request! {
    /// A user to identify among others: an id, and what to set as in `IdentifyUserRequest`.
    #[derive(Default)]
    pub struct InlineIdentifyUserRequest => {
        /// The id that your system gave the user. It never changes.
        pub id: String,
        /// The address that email goes to.
        pub email: Field<String>,
        /// The name to show for the user.
        pub name: Field<String>,
        /// The URL of a picture of the user.
        pub avatar: Field<String>,
        /// The phone number that SMS goes to, in E.164 form, such as `+14155550123`.
        pub phone_number: Field<String>,
        /// The time zone that schedules run in, a name of the tz database, such as `America/Costa_Rica`.
        pub timezone: Field<String>,
        /// The language of the user's messages, such as `en-US`.
        pub locale: Field<String>,
        /// Time the user was created in your system, RFC 3339.
        pub created_at: Field<String>,
        /// Channel data to set, by channel id. It replaces what those channels had.
        pub channel_data: Field<InlineChannelDataRequest>,
        /// Preferences to merge, by the id of the preference set; `default` is the one that is always there.
        pub preferences: Field<InlinePreferenceSetRequest>,
        ..properties = "The custom properties."
    }
}

impl InlineIdentifyUserRequest {
    /// Identifies the user of this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

request! {
    /// Which user to fold into another.
    #[derive(Default)]
    pub struct MergeUserRequest => {
        /// The user to merge from, who is deleted. This cannot be undone.
        pub from_user_id: String,
    }
}

impl MergeUserRequest {
    /// Merges from the user of this id.
    pub fn new(from_user_id: impl Into<String>) -> Self {
        Self {
            from_user_id: from_user_id.into(),
            ..Self::default()
        }
    }
}

model! {
    /// A page of users.
    #[derive(Default)]
    pub struct ListUsersResponse => {
        /// The users of this page.
        pub entries: Field<Vec<User>>,
        /// Position of this page in the list.
        pub page_info: Field<PageInfo>,
    }
}

page!(ListUsersResponse of User: entries, page_info);
