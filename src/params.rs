//! Query parameters of the operations that take some, named as Knock's SDKs name them.
//!
//! Each starts with `new()`, takes one parameter per method, and is passed to the operation; the
//! cursors of a list go into `after` and `before`.
//!
//! ```no_run
//! # let client = knock::Client::from_env()?;
//! use knock::params::UserListMessagesParams;
//!
//! let unread = UserListMessagesParams::new().status(["unread"]).page_size(20);
//! let page = client.users().list_messages("jane", unread)?;
//! # Ok::<(), knock::Error>(())
//! ```

#[doc(inline)]
pub use crate::api::users::feeds::UserFeedListItemsParams;
#[doc(inline)]
pub use crate::api::users::guides::UserGuideGetChannelParams;
#[doc(inline)]
pub use crate::api::users::{
    UserGetPreferencesParams, UserListMessagesParams, UserListParams, UserListSchedulesParams,
    UserListSubscriptionsParams,
};
