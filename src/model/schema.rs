//! What the types are made of, as data: bindings are generated from it and tests hold it against the API.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Field;

/// A named type: a model, an open enum or a union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schema {
    /// The name in Rust and in every binding.
    pub name: &'static str,
    /// The documentation, Markdown, one line per line.
    pub doc: &'static str,
    /// What kind of type it is, and its parts.
    pub kind: Kind,
}

/// The kinds of named types.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A JSON object with known fields.
    Model {
        /// The known fields, in the order of declaration.
        fields: &'static [Member],
        /// The Rust field that holds every key that is not a known one.
        rest: &'static str,
    },
    /// A string with known values; others are kept as they are.
    Enum {
        /// The known values, in the order of declaration.
        values: &'static [EnumValue],
    },
    /// A value that is one of several types.
    Union {
        /// The known branches, in the order of declaration; anything else is kept as plain JSON.
        branches: &'static [Branch],
    },
}

/// A known field of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// The field in Rust.
    pub name: &'static str,
    /// The key in JSON.
    pub wire: &'static str,
    /// The documentation.
    pub doc: &'static str,
    /// The type of the value; [`Type::Optional`] where the key may be absent or its value null.
    pub ty: Type,
}

/// A known value of an open enum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnumValue {
    /// The variant in Rust.
    pub name: &'static str,
    /// The string in JSON.
    pub wire: &'static str,
    /// The documentation.
    pub doc: &'static str,
}

/// A known branch of a union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branch {
    /// The variant in Rust.
    pub name: &'static str,
    /// The documentation.
    pub doc: &'static str,
    /// The type it holds.
    pub ty: Type,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    /// A string.
    String,
    /// A boolean.
    Boolean,
    /// A whole number.
    Integer,
    /// Any JSON value.
    Json,
    /// A JSON object with any keys and values.
    JsonObject,
    /// A JSON array of this type.
    List(&'static Type),
    /// A JSON object whose keys are data and whose values are of this type.
    Map(&'static Type),
    /// This type, null, or nothing at all.
    Optional(&'static Type),
    /// A type that has a [`Schema`] of this name.
    Named(&'static str),
    /// One of these types, or any other JSON, which is kept as it is.
    Union(&'static [Type]),
}

/// A Rust type that can stand in a model: says what it is, and what becomes of it when its key is missing.
pub trait Describe: Sized {
    /// What the type is in JSON.
    const TYPE: Type;

    /// The value that stands for a missing key; `None` where the key is required.
    fn absent() -> Option<Self> {
        None
    }

    /// True if the key is to be left out.
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Describe> Describe for Field<T> {
    const TYPE: Type = Type::Optional(&T::TYPE);

    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }

    fn is_absent(&self) -> bool {
        Field::is_absent(self)
    }
}

impl<T: Describe> Describe for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);
}

impl<T: Describe> Describe for BTreeMap<String, T> {
    const TYPE: Type = Type::Map(&T::TYPE);
}

impl Describe for String {
    const TYPE: Type = Type::String;
}

impl Describe for bool {
    const TYPE: Type = Type::Boolean;
}

impl Describe for i64 {
    const TYPE: Type = Type::Integer;
}

impl Describe for Value {
    const TYPE: Type = Type::Json;
}

impl Describe for Map<String, Value> {
    const TYPE: Type = Type::JsonObject;
}

/// Lists types with their schemas.
macro_rules! list {
    ($($name:ident),+ $(,)?) => {
        &[$($crate::types::$name::SCHEMA),+]
    };
}

/// Every model, open enum and union.
pub const SCHEMAS: &[Schema] = list![
    User,
    IdentifyUserRequest,
    InlineIdentifyUserRequest,
    MergeUserRequest,
    ListUsersResponse,
    PageInfo,
    ChannelType,
    PersistenceStrategy,
    PreferenceSetChannelTypes,
    PreferenceSet,
    PreferenceSetRequest,
    PreferenceSettingRequest,
    BulkSetUserPreferencesRequest,
    PreferenceSetChannelTypeSetting,
    PreferenceSetChannelSetting,
    PreferenceSetCommercialSubscribedSetting,
    PreferenceSetWorkflowCategorySettingObject,
    Condition,
    ConditionOperator,
    ChannelProvider,
    ChannelDataContent,
    ChannelData,
    ChannelDataRequest,
    PushDevice,
    PushChannelData,
    AwsSnsPushDevice,
    AwsSnsPushChannelData,
    OneSignalChannelData,
    IncomingWebhook,
    SlackTokenConnection,
    SlackIncomingWebhookConnection,
    SlackConnection,
    SlackToken,
    SlackChannelData,
    MsTeamsTokenConnection,
    MsTeamsIncomingWebhookConnection,
    MsTeamsConnection,
    MsTeamsChannelData,
    DiscordChannelConnection,
    DiscordIncomingWebhookConnection,
    DiscordConnection,
    DiscordChannelData,
    Object,
    Recipient,
    ObjectReference,
    RecipientReference,
    UserInAppFeedResponse,
    InAppFeedMeta,
    InAppFeedItem,
    InAppFeedItemSource,
    Activity,
    InAppFeedBlockType,
    MessageInAppFeedContentBlock,
    MessageInAppFeedButton,
    MessageInAppFeedButtonSetBlock,
    InAppFeedBlock,
    UserInAppFeedSettingsResponse,
    InAppFeedFeatures,
    GuidesResponse,
    Guide,
    GuideActivationUrlRule,
    GuideActivationUrlPattern,
    GuideStep,
    GuideStepMessage,
    GuideGroup,
    GuideIneligibilityReason,
    IneligibleGuide,
    GuideActionRequest,
    GuideActionResponse,
    MessageStatus,
    EngagementStatus,
    MessageSourceType,
    MessageChannelType,
    MessageSource,
    MessageChannel,
    MessageRecipientSnapshot,
    Message,
    ListMessagesResponse,
    ScheduleFrequency,
    Weekday,
    ScheduleRepeatRule,
    Schedule,
    ListSchedulesResponse,
    Subscription,
    ListSubscriptionsResponse,
    BulkIdentifyUsersRequest,
    BulkDeleteUsersRequest,
    BulkOperationStatus,
    BulkOperationErrorItem,
    BulkOperation,
    PreferenceCenterRowType,
    PreferenceCenterChannelType,
    PreferenceCenterConfigRow,
    PreferenceCenterConfigData,
    PreferenceCenterBrandingConfig,
    PreferenceCenterBranding,
    PreferenceCenterConfig,
    PreferenceCenterSignedUrlResponse,
    Include,
    FeedStatus,
    FeedArchived,
    FeedMode,
    EngagementStatusFilter,
];

/// The schema of this name.
pub fn find(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn named(ty: Type, names: &mut BTreeSet<&'static str>) {
        match ty {
            Type::Named(name) => {
                names.insert(name);
            }
            Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => named(*inner, names),
            Type::Union(branches) => branches.iter().for_each(|branch| named(*branch, names)),
            Type::String | Type::Boolean | Type::Integer | Type::Json | Type::JsonObject => {}
        }
    }

    #[test]
    fn every_type_that_is_used_is_listed_once() {
        let mut used = BTreeSet::new();
        for schema in SCHEMAS {
            match schema.kind {
                Kind::Model { fields, .. } => {
                    fields.iter().for_each(|field| named(field.ty, &mut used))
                }
                Kind::Union { branches } => branches
                    .iter()
                    .for_each(|branch| named(branch.ty, &mut used)),
                Kind::Enum { .. } => {}
            }
        }
        let listed: BTreeSet<_> = SCHEMAS.iter().map(|schema| schema.name).collect();
        assert_eq!(listed.len(), SCHEMAS.len());
        assert_eq!(
            used.difference(&listed).collect::<Vec<_>>(),
            Vec::<&&str>::new()
        );
    }

    #[test]
    fn everything_is_documented() {
        for schema in SCHEMAS {
            let parts: Vec<_> = match schema.kind {
                Kind::Model { fields, .. } => {
                    fields.iter().map(|field| (field.wire, field.doc)).collect()
                }
                Kind::Enum { values } => {
                    values.iter().map(|value| (value.wire, value.doc)).collect()
                }
                Kind::Union { branches } => branches
                    .iter()
                    .map(|branch| (branch.name, branch.doc))
                    .collect(),
            };
            for (part, doc) in parts.into_iter().chain([("", schema.doc)]) {
                let (name, doc) = (schema.name, doc.trim_end());
                assert!(doc.ends_with('.'), "{name} {part}: {doc:?}");
                // It is read in other languages too: examples and links belong to the methods.
                assert!(
                    !doc.contains("```") && !doc.contains("]("),
                    "{name} {part}: {doc:?}"
                );
            }
        }
    }
}
