//! The bodies that the operations declare.

use super::shape::{Field, Shape, optional, required};

pub(super) const TEXT_OR_NULL: Shape = Shape::OrNull(&Shape::Text);

const OPERATORS: Shape = Shape::OneOf(&[
    "equal_to",
    "not_equal_to",
    "greater_than",
    "less_than",
    "greater_than_or_equal_to",
    "less_than_or_equal_to",
    "contains",
    "not_contains",
    "empty",
    "not_empty",
    "exists",
    "not_exists",
    "contains_all",
    "not_contains_all",
    "is_timestamp",
    "is_not_timestamp",
    "is_timestamp_on_or_after",
    "is_timestamp_before",
    "is_timestamp_on_or_after_date",
    "is_timestamp_before_date",
    "is_timestamp_on_or_after_now",
    "is_timestamp_before_now",
    "is_timestamp_between",
    "is_between",
    "is_audience_member",
    "is_not_audience_member",
]);

/// `argument` is declared as text; the service takes numbers, booleans and lists too.
const CONDITION: Shape = Shape::Object(&[
    required("variable", Shape::Text),
    required("operator", OPERATORS),
    required("argument", Shape::Any),
]);

const CONDITIONS: Shape = Shape::List(&CONDITION);

/// On, off, or on under conditions.
pub(super) const CONDITIONAL: Shape = Shape::Either(&[
    Shape::Flag,
    Shape::Object(&[required("conditions", CONDITIONS)]),
]);

/// A `__strategy__` among the keys of a section is text.
const SECTION_ENTRY: Shape = Shape::Either(&[
    Shape::Flag,
    Shape::Text,
    Shape::Object(&[required("conditions", CONDITIONS)]),
]);

pub(crate) const CHANNEL_TYPE_NAMES: [&str; 6] =
    ["email", "in_app_feed", "sms", "push", "chat", "http"];

pub(crate) const CHANNEL_TYPES: Shape = Shape::Object(&[
    optional("email", CONDITIONAL),
    optional("in_app_feed", CONDITIONAL),
    optional("sms", CONDITIONAL),
    optional("push", CONDITIONAL),
    optional("chat", CONDITIONAL),
    optional("http", CONDITIONAL),
]);

const CHANNELS: Shape = Shape::Map(&SECTION_ENTRY);

/// A workflow's or a category's setting.
const SETTING: Shape = Shape::Either(&[
    Shape::Flag,
    Shape::Text,
    Shape::Object(&[
        optional("channel_types", Shape::OrNull(&CHANNEL_TYPES)),
        optional("channels", Shape::OrNull(&CHANNELS)),
        optional("conditions", Shape::OrNull(&CONDITIONS)),
    ]),
]);

pub(crate) const SETTINGS: Shape = Shape::Map(&SETTING);

/// The deprecated way to say yes or no.
pub(crate) const SUBSCRIBED_BODY: Shape = Shape::Object(&[required("subscribed", Shape::Flag)]);

/// The deprecated body for one workflow or category.
pub(crate) const SETTING_BODY: Shape = Shape::Object(&[
    optional("subscribed", Shape::Flag),
    optional("channel_types", Shape::OrNull(&CHANNEL_TYPES)),
    optional("channels", Shape::OrNull(&CHANNELS)),
    optional("conditions", Shape::OrNull(&CONDITIONS)),
]);

pub(crate) const PREFERENCE_SET: Shape = Shape::Object(&[
    optional(
        "__persistence_strategy__",
        Shape::OneOf(&["merge", "replace"]),
    ),
    optional("workflows", Shape::OrNull(&SETTINGS)),
    optional("categories", Shape::OrNull(&SETTINGS)),
    optional("channel_types", Shape::OrNull(&CHANNEL_TYPES)),
    optional("channels", Shape::OrNull(&CHANNELS)),
    optional("commercial_subscribed", Shape::OrNull(&CONDITIONAL)),
]);

const DEVICES: Shape = Shape::List(&Shape::Object(&[
    required("token", Shape::Text),
    optional("locale", TEXT_OR_NULL),
    optional("timezone", TEXT_OR_NULL),
]));

const ARN_DEVICES: Shape = Shape::List(&Shape::Object(&[
    required("target_arn", Shape::Text),
    optional("locale", TEXT_OR_NULL),
    optional("timezone", TEXT_OR_NULL),
]));

const INCOMING_WEBHOOK: Field = required(
    "incoming_webhook",
    Shape::Object(&[required("url", Shape::Text)]),
);

const SLACK_TOKEN: Shape = Shape::Object(&[
    optional("access_token", TEXT_OR_NULL),
    optional("channel_id", TEXT_OR_NULL),
    optional("channel_name", TEXT_OR_NULL),
    optional("user_id", TEXT_OR_NULL),
]);

pub(super) const UUID_OR_NULL: Shape = Shape::OrNull(&Shape::Uuid);

const MS_TEAMS_TOKEN: Shape = Shape::Object(&[
    optional("ms_teams_tenant_id", UUID_OR_NULL),
    optional("ms_teams_team_id", UUID_OR_NULL),
    optional("ms_teams_channel_id", UUID_OR_NULL),
    optional("ms_teams_user_id", UUID_OR_NULL),
]);

/// Every provider's connections: what no provider has is refused, who owns an ambiguous one is not decided.
const CONNECTIONS: Shape = Shape::List(&Shape::Either(&[
    Shape::Object(&[INCOMING_WEBHOOK]),
    Shape::Object(&[required("url", Shape::Text)]),
    SLACK_TOKEN,
    MS_TEAMS_TOKEN,
]));

/// The data of any provider, told apart by what must be there; a webhook channel needs nothing.
pub(crate) const CHANNEL_DATA: Shape = Shape::Either(&[
    Shape::Object(&[required("tokens", Shape::List(&Shape::Text))]),
    Shape::Object(&[required("devices", DEVICES)]),
    Shape::Object(&[required("target_arns", Shape::List(&Shape::Text))]),
    Shape::Object(&[required("devices", ARN_DEVICES)]),
    Shape::Object(&[required("player_ids", Shape::List(&Shape::Uuid))]),
    Shape::Object(&[
        required("connections", CONNECTIONS),
        optional(
            "token",
            Shape::OrNull(&Shape::Object(&[required("access_token", TEXT_OR_NULL)])),
        ),
        optional("ms_teams_tenant_id", UUID_OR_NULL),
    ]),
    Shape::Empty,
]);

pub(crate) const CHANNEL_DATA_BODY: Shape = Shape::Object(&[required("data", CHANNEL_DATA)]);

const USER_NAME: Field = optional("name", TEXT_OR_NULL);
const USER_EMAIL: Field = optional("email", TEXT_OR_NULL);
const USER_AVATAR: Field = optional("avatar", TEXT_OR_NULL);
const USER_PHONE: Field = optional("phone_number", TEXT_OR_NULL);
const USER_TIMEZONE: Field = optional("timezone", TEXT_OR_NULL);
const USER_LOCALE: Field = optional("locale", TEXT_OR_NULL);
const USER_CREATED: Field = optional("created_at", Shape::OrNull(&Shape::DateTime));
const USER_CHANNEL_DATA: Field = optional(
    "channel_data",
    Shape::OrNull(&Shape::UuidMap(&CHANNEL_DATA)),
);
const USER_PREFERENCES: Field =
    optional("preferences", Shape::OrNull(&Shape::Map(&PREFERENCE_SET)));

pub(crate) const IDENTIFY: Shape = Shape::Object(&[
    USER_NAME,
    USER_EMAIL,
    USER_AVATAR,
    USER_PHONE,
    USER_TIMEZONE,
    USER_LOCALE,
    USER_CREATED,
    USER_CHANNEL_DATA,
    USER_PREFERENCES,
]);

/// A user with its id, as bulk identification and seeds name them.
pub(crate) const INLINE_USER: Shape = Shape::Object(&[
    required("id", Shape::Id),
    USER_NAME,
    USER_EMAIL,
    USER_AVATAR,
    USER_PHONE,
    USER_TIMEZONE,
    USER_LOCALE,
    USER_CREATED,
    USER_CHANNEL_DATA,
    USER_PREFERENCES,
]);

pub(crate) const MERGE: Shape = Shape::Object(&[required("from_user_id", Shape::Id)]);

pub(crate) const BULK_IDENTIFY: Shape =
    Shape::Object(&[required("users", Shape::List(&INLINE_USER))]);

const USER_IDS: Field = required("user_ids", Shape::List(&Shape::Id));

pub(crate) const BULK_DELETE: Shape = Shape::Object(&[USER_IDS]);

pub(crate) const BULK_SET_PREFERENCES: Shape = Shape::Object(&[
    USER_IDS,
    required(
        "preferences",
        Shape::Object(&[
            optional("id", Shape::OrNull(&Shape::Id)),
            optional("workflows", Shape::OrNull(&SETTINGS)),
            optional("categories", Shape::OrNull(&SETTINGS)),
            optional("channel_types", Shape::OrNull(&CHANNEL_TYPES)),
            optional("channels", Shape::OrNull(&CHANNELS)),
            optional("commercial_subscribed", Shape::OrNull(&CONDITIONAL)),
        ]),
    ),
]);

const OBJECT: Shape = Shape::Map(&Shape::Any);

const CHANNEL_ID: Field = required("channel_id", Shape::Uuid);
const GUIDE_ID: Field = required("guide_id", Shape::Uuid);
const GUIDE_KEY: Field = required("guide_key", Shape::Id);
const STEP_REF: Field = required("guide_step_ref", Shape::Id);
const TENANT: Field = optional("tenant", TEXT_OR_NULL);

pub(crate) const GUIDE_SEEN: Shape = Shape::Object(&[
    CHANNEL_ID,
    GUIDE_ID,
    GUIDE_KEY,
    STEP_REF,
    TENANT,
    required("content", OBJECT),
    optional("data", OBJECT),
]);

pub(crate) const GUIDE_INTERACTED: Shape = Shape::Object(&[
    CHANNEL_ID,
    GUIDE_ID,
    GUIDE_KEY,
    STEP_REF,
    TENANT,
    optional("metadata", OBJECT),
]);

pub(crate) const GUIDE_ARCHIVED: Shape = Shape::Object(&[
    CHANNEL_ID,
    GUIDE_ID,
    GUIDE_KEY,
    STEP_REF,
    TENANT,
    optional("is_final", Shape::Flag),
    optional("unthrottled", Shape::Flag),
]);

/// Taking back and forgetting need only the guide.
pub(crate) const GUIDE_ALONE: Shape = Shape::Object(&[GUIDE_KEY, TENANT]);

/// Every guide action's body as the older API description has it.
pub(crate) const GUIDE_ACTION: Shape = Shape::Object(&[
    CHANNEL_ID,
    GUIDE_ID,
    GUIDE_KEY,
    STEP_REF,
    TENANT,
    optional("content", OBJECT),
    optional("data", OBJECT),
    optional("metadata", OBJECT),
    optional("is_final", Shape::Flag),
]);
