//! The hosted page where a user sets their preferences.

use super::Field;
use crate::model::object::model;
use crate::model::open_enum::open_enum;

open_enum! {
    /// Kind of a row of the preference center.
    pub enum PreferenceCenterRowType {
        /// The preference for a workflow.
        Workflow = "workflow",
        /// The preference for a channel.
        Channel = "channel",
        /// The preference for a category of workflows.
        Category = "category",
        /// The preferences for channel types.
        ChannelTypes = "channel_types",
        /// The preference for commercial notifications.
        CommercialSubscribed = "commercial_subscribed",
    }
}

open_enum! {
    /// A type of channel that a row of the preference center offers.
    pub enum PreferenceCenterChannelType {
        /// Email.
        Email = "email",
        /// An in-app channel of another provider than Knock.
        InApp = "in_app",
        /// The in-app feed.
        InAppFeed = "in_app_feed",
        /// In-app guides.
        InAppGuide = "in_app_guide",
        /// SMS.
        Sms = "sms",
        /// Push notifications.
        Push = "push",
        /// Chat apps.
        Chat = "chat",
        /// Webhooks.
        Http = "http",
        /// The log of the dashboard.
        Log = "log",
        /// The log of the dashboard, written later.
        DeferredLog = "deferred_log",
    }
}

model! {
    /// A row of the preference center.
    pub struct PreferenceCenterConfigRow => {
        /// The kind of the row.
        pub kind as "type": PreferenceCenterRowType,
        /// The name to show.
        pub name: String,
        /// The explanation to show.
        pub description: Field<String>,
        /// The workflow, channel or category that the row is about.
        pub identifier: Field<String>,
        /// The channel types that the row offers.
        pub channel_types: Field<Vec<PreferenceCenterChannelType>>,
    }
}

model! {
    /// Content of the preference center.
    #[derive(Default)]
    pub struct PreferenceCenterConfigData => {
        /// The title of the page.
        pub title: String,
        /// The text above the rows.
        pub body: String,
        /// Shows the name of the account.
        pub show_account_name: Field<bool>,
        /// The rows.
        pub rows: Vec<PreferenceCenterConfigRow>,
    }
}

model! {
    /// The looks of the preference center in dark mode.
    #[derive(Default)]
    pub struct PreferenceCenterBrandingConfig => {
        /// The URL of the icon.
        pub icon_url: Field<String>,
        /// The URL of the logo.
        pub logo_url: Field<String>,
        /// The main color, such as `#1a73e8`.
        pub primary_color: Field<String>,
        /// The color that stands out against the main one.
        pub primary_color_contrast: Field<String>,
    }
}

model! {
    /// The looks of the preference center.
    #[derive(Default)]
    pub struct PreferenceCenterBranding => {
        /// The URL of the icon.
        pub icon_url: Field<String>,
        /// The URL of the logo.
        pub logo_url: Field<String>,
        /// The main color, such as `#1a73e8`.
        pub primary_color: Field<String>,
        /// The color that stands out against the main one.
        pub primary_color_contrast: Field<String>,
        /// Differences in dark mode.
        pub dark: Field<PreferenceCenterBrandingConfig>,
    }
}

model! {
    /// Configuration of the preference center, for a user.
    #[derive(Default)]
    pub struct PreferenceCenterConfig => {
        /// True if the page is on.
        pub enabled: bool,
        /// Content.
        pub config: PreferenceCenterConfigData,
        /// Appearance.
        pub branding: PreferenceCenterBranding,
        /// The name of the account.
        pub account_name: Field<String>,
        /// The user's email address.
        pub user_email: Field<String>,
        /// The page must show Knock's branding.
        pub knock_branding_required: Field<bool>,
    }
}

model! {
    /// A link that opens the preference center for a user.
    ///
    /// Whoever has it can change the user's preferences. It does not expire.
    #[derive(Default)]
    pub struct PreferenceCenterSignedUrlResponse => {
        /// The link.
        pub url (uri, secret): String,
        /// The token that the link ends in.
        pub token (secret): String,
    }
}
