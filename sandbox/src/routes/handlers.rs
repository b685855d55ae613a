//! The handlers by the names of their operations, where the generated [table](super::table) looks for them:
//! that of `users.feeds.list_items` is `users::feeds::list_items`. A handler may serve several operations.

pub(super) mod users {
    pub(in crate::routes) use crate::routes::channel_data::{
        get as get_channel_data, set as set_channel_data, unset as unset_channel_data,
    };
    pub(in crate::routes) use crate::routes::messages::list as list_messages;
    pub(in crate::routes) use crate::routes::preferences::{
        get as get_preferences, list as list_preferences, set as set_preferences,
        unset as unset_preferences,
    };
    pub(in crate::routes) use crate::routes::schedules::list as list_schedules;
    pub(in crate::routes) use crate::routes::subscriptions::list as list_subscriptions;
    pub(in crate::routes) use crate::routes::users::{
        delete, get, identify as update, list, merge,
    };
    pub(in crate::routes) use crate::routes::{bulk, feeds, preference_center};

    pub(in crate::routes) mod preferences {
        pub(in crate::routes) use crate::routes::preferences::{
            set_categories as update_categories, set_category as update_category,
            set_channel_type as update_channel_type, set_channel_types as update_channel_types,
            set_workflow as update_workflow, set_workflows as update_workflows,
        };
    }

    pub(in crate::routes) mod guides {
        pub(in crate::routes) use crate::routes::guides::{
            get_channel, mark_archived, mark_archived as mark_message_as_archived, mark_interacted,
            mark_interacted as mark_message_as_interacted, mark_seen,
            mark_seen as mark_message_as_seen, reset as reset_engagement, unarchive,
        };
    }
}

pub(super) mod bulk_operations {
    pub(in crate::routes) use crate::routes::bulk::get_operation as get;
}
