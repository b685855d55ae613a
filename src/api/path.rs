//! The path parameters of the operations, each with its documentation and an example.

use crate::operation::PathParameter;

/// Declares path parameters: the open enum that one is of, if it is, the name in the template, the documentation,
/// and the example.
macro_rules! path_parameters {
    ($($(#[doc = $doc:literal])+ $constant:ident $(: $ty:ident)? = $name:literal, $example:literal;)+) => {$(
        $(#[doc = $doc])+
        pub(crate) const $constant: PathParameter = PathParameter {
            name: $name,
            doc: concat!($($doc),+).trim_ascii(),
            ty: $crate::api::path::path_parameters!(@type $($ty)?),
            example: $example,
        };
    )+};
    (@type) => { <String as $crate::model::schema::Describe>::TYPE };
    (@type $ty:ident) => { <$crate::types::$ty as $crate::model::schema::Describe>::TYPE };
}

pub(crate) use path_parameters;

path_parameters! {
    /// The user's id, at most 256 characters without `/` or `#`.
    USER_ID = "user_id", "jane";
    /// The id of the channel, a UUID.
    CHANNEL_ID = "channel_id", "f1000000-0000-4000-8000-000000000003";
    /// The id of the guide channel, a UUID.
    GUIDE_CHANNEL_ID = "channel_id", "f1000000-0000-4000-8000-000000000005";
    /// The id of the in-app feed's channel, a UUID.
    FEED_ID = "id", "f1000000-0000-4000-8000-000000000001";
    /// The id of the preference set, `default` or a tenant's id.
    PREFERENCE_SET_ID = "id", "default";
    /// The id of the bulk operation, a UUID.
    BULK_OPERATION_ID = "id", "8d0e2f3c-64d5-4c9e-8c60-0c2a5f1d7b1e";
    /// The id of the guide's message.
    GUIDE_MESSAGE_ID = "message_id", "2w3YUpTTOxuDvZFji8OMsKrG176";
    /// The key of the workflow.
    WORKFLOW_KEY = "key", "weekly-digest";
    /// The key of the category.
    CATEGORY_KEY = "key", "marketing";
    /// The channel type, such as `email`.
    CHANNEL_TYPE: ChannelType = "type", "email";
}
