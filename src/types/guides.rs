//! Guides: what an app shows within itself to lead a user through it.

use std::collections::BTreeMap;

use super::{Field, JsonObject};
use crate::model::object::{model, request};
use crate::model::open_enum::open_enum;

model! {
    /// The guides of a channel, for a user.
    #[derive(Default)]
    pub struct GuidesResponse => {
        /// The guides that the user may see, in the order that they are set up in.
        pub entries: Vec<Guide>,
        /// In which order, and how often, guides are to be shown.
        pub guide_groups: Vec<GuideGroup>,
        /// Time a guide of each group was last shown, RFC 3339, by the key of the group.
        pub guide_group_display_logs: BTreeMap<String, String>,
        /// The guides that the user may not see, and why.
        pub ineligible_guides: Vec<IneligibleGuide>,
    }
}

model! {
    /// A guide.
    #[derive(Default)]
    pub struct Guide => {
        /// The name of this type in the API: `Guide`.
        pub type_name as "__typename": Field<String>,
        /// The id of the guide, a UUID.
        pub id: Field<String>,
        /// The id of the channel, a UUID.
        pub channel_id: Field<String>,
        /// The key of the guide.
        pub key: Field<String>,
        /// The key of the message type that the guide is made of.
        pub kind as "type": Field<String>,
        /// The version of the message type.
        pub semver: Field<String>,
        /// True if the guide is on.
        pub active: Field<bool>,
        /// Shown even where its group says to wait.
        pub bypass_global_group_limit: Field<bool>,
        /// Places in the app to show it at, by rules.
        pub activation_url_rules: Field<Vec<GuideActivationUrlRule>>,
        /// Places in the app to show it at, by patterns.
        pub activation_url_patterns: Field<Vec<GuideActivationUrlPattern>>,
        /// The steps of the guide.
        pub steps: Field<Vec<GuideStep>>,
        /// The URL of the guide in Knock's dashboard.
        pub dashboard_url: Field<String>,
        /// Creation time, RFC 3339.
        pub inserted_at: Field<String>,
        /// Time of the last change, RFC 3339.
        pub updated_at: Field<String>,
    }
}

model! {
    /// A rule about the places of an app where a guide is shown.
    #[derive(Default)]
    pub struct GuideActivationUrlRule => {
        /// The directive where the rule holds: `allow` or `block`.
        pub directive: Field<String>,
        /// The variable: `pathname`.
        pub variable: Field<String>,
        /// The comparison: `contains` or `equal_to`.
        pub operator: Field<String>,
        /// The value to compare with.
        pub argument: Field<String>,
    }
}

model! {
    /// A pattern of the places of an app where a guide is shown.
    #[derive(Default)]
    pub struct GuideActivationUrlPattern => {
        /// The directive where the pattern matches: `allow` or `block`.
        pub directive: Field<String>,
        /// The path to match, in which `*` stands for anything.
        pub pathname: Field<String>,
        /// The query to match.
        pub search: Field<String>,
    }
}

model! {
    /// A step of a guide.
    #[derive(Default)]
    pub struct GuideStep => {
        /// The reference of the step within its guide.
        pub reference as "ref": Field<String>,
        /// The key of the message type.
        pub schema_key: Field<String>,
        /// The version of the message type.
        pub schema_semver: Field<String>,
        /// The variant of the message type.
        pub schema_variant_key: Field<String>,
        /// The content to show.
        pub content: Field<JsonObject>,
        /// The user's engagement with the step so far.
        pub message: Field<GuideStepMessage>,
    }
}

model! {
    /// A user's engagement with a step of a guide.
    #[derive(Default)]
    pub struct GuideStepMessage => {
        /// The id of the message. Null until the user does something.
        pub id: Field<String>,
        /// Time it was last seen, RFC 3339.
        pub seen_at: Field<String>,
        /// Time it was last read, RFC 3339.
        pub read_at: Field<String>,
        /// Time it was last interacted with, RFC 3339.
        pub interacted_at: Field<String>,
        /// Time it was last archived, RFC 3339.
        pub archived_at: Field<String>,
        /// Time a link in it was last followed, RFC 3339.
        pub link_clicked_at: Field<String>,
    }
}

model! {
    /// A group of guides that are shown one after another.
    #[derive(Default)]
    pub struct GuideGroup => {
        /// The name of this type in the API: `GuideGroup`.
        pub type_name as "__typename": Field<String>,
        /// The key of the group.
        pub key: Field<String>,
        /// The keys of its guides, in the order to show them.
        pub display_sequence: Field<Vec<String>>,
        /// Wait between two guides, in seconds.
        pub display_interval: Field<i64>,
        /// Creation time, RFC 3339.
        pub inserted_at: Field<String>,
        /// Time of the last change, RFC 3339.
        pub updated_at: Field<String>,
    }
}

open_enum! {
    /// Reason for which a user may not see a guide.
    pub enum GuideIneligibilityReason {
        /// The guide is off.
        GuideNotActive = "guide_not_active",
        /// The user has archived it.
        MarkedAsArchived = "marked_as_archived",
        /// Its conditions do not hold.
        TargetConditionsNotMet = "target_conditions_not_met",
        /// The user is not in its audience.
        NotInTargetAudience = "not_in_target_audience",
    }
}

model! {
    /// A guide that a user may not see.
    pub struct IneligibleGuide => {
        /// The key of the guide.
        pub key: String,
        /// The reason for which the user may not see it.
        pub reason: GuideIneligibilityReason,
        /// The same in words.
        pub message: String,
    }
}

request! {
    /// A user's engagement with a guide.
    ///
    /// To mark a guide as seen, interacted with or archived takes the ids of the guide, its step and the channel, and
    /// where it was seen the content of the step. To unarchive a guide, or to forget what the user did, takes the key of
    /// the guide alone.
    #[derive(Default)]
    pub struct GuideActionRequest => {
        /// The key of the guide.
        pub guide_key: String,
        /// The id of the guide, a UUID.
        pub guide_id: Field<String>,
        /// The step, as the guide calls it.
        pub guide_step_ref: Field<String>,
        /// The id of the channel, a UUID.
        pub channel_id: Field<String>,
        /// The tenant that the guide was shown for. What users do is kept apart for each.
        pub tenant: Field<String>,
        /// The content that the step showed. Required to mark it as seen.
        pub content: Field<JsonObject>,
        /// The data that the guide was rendered with.
        pub data: Field<JsonObject>,
        /// Data to keep with an interaction.
        pub metadata: Field<JsonObject>,
        /// True if the archived step was the last one of its guide.
        pub is_final: Field<bool>,
        /// Shows the next guide at once after this one was archived, instead of after the interval of its group.
        pub unthrottled: Field<bool>,
    }
}

impl GuideActionRequest {
    /// A whole guide: what it takes to unarchive it, or to forget what the user did.
    ///
    /// ```
    /// use knock::types::GuideActionRequest;
    ///
    /// let reset = GuideActionRequest::guide("tour").tenant("acme");
    /// assert_eq!(serde_json::to_string(&reset)?, r#"{"guide_key":"tour","tenant":"acme"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn guide(guide_key: impl Into<String>) -> Self {
        Self {
            guide_key: guide_key.into(),
            ..Self::default()
        }
    }

    /// A step of a guide: what it takes to mark it as seen, interacted with or archived.
    ///
    /// [`Guide::action`] takes the ids from a guide that was listed.
    ///
    /// ```
    /// use knock::types::GuideActionRequest;
    ///
    /// let channel_id = "51b92f90-1504-4fda-95c1-495a3883bc4d";
    /// let guide_id = "53595157-2fac-4a17-8dd7-e6603e32cb3a";
    /// let seen = GuideActionRequest::step(channel_id, guide_id, "tour", "welcome").content([("title", "Hello")]);
    /// ```
    pub fn step(
        channel_id: impl Into<String>,
        guide_id: impl Into<String>,
        guide_key: impl Into<String>,
        guide_step_ref: impl Into<String>,
    ) -> Self {
        Self::guide(guide_key)
            .channel_id(channel_id.into())
            .guide_id(guide_id.into())
            .guide_step_ref(guide_step_ref.into())
    }
}

impl Guide {
    /// A request about a step of this guide, with its ids and what it showed.
    pub fn action(&self, step: &GuideStep) -> GuideActionRequest {
        GuideActionRequest {
            guide_key: self.key.clone().unwrap_or_default(),
            guide_id: self.id.clone(),
            guide_step_ref: step.reference.clone(),
            channel_id: self.channel_id.clone(),
            content: step.content.clone(),
            ..GuideActionRequest::default()
        }
    }
}

model! {
    /// That an action on a guide was noted.
    #[derive(Default)]
    pub struct GuideActionResponse => {
        /// The result: `ok`.
        pub status: String,
    }
}
