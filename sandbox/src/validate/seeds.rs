//! The shape of a seed: what only the service makes, put there by hand.

use super::bodies::{CONDITIONAL, INLINE_USER, TEXT_OR_NULL, UUID_OR_NULL};
use super::shape::{Field, Shape, optional, required};
use crate::state::conditions::OPERATORS;

const TIME_OR_NULL: Shape = Shape::OrNull(&Shape::DateTime);

const OBJECT: Shape = Shape::Map(&Shape::Any);

const OBJECT_OR_NULL: Shape = Shape::OrNull(&OBJECT);

/// A user by id, or any recipient in full.
const RECIPIENT: Shape = Shape::Either(&[Shape::Id, Shape::Object(&[required("id", Shape::Id)])]);

const RECIPIENTS: Shape = Shape::List(&RECIPIENT);

/// A workflow by key, or the source in full.
const SOURCE: Shape = Shape::Either(&[
    Shape::Id,
    Shape::Object(&[
        required("key", Shape::Id),
        optional("version_id", Shape::Uuid),
        optional("categories", Shape::List(&Shape::Text)),
        optional("type", Shape::OneOf(&["broadcast", "workflow", "guide"])),
        optional("step_ref", TEXT_OR_NULL),
        optional("workflow_run_id", UUID_OR_NULL),
        optional("workflow_recipient_run_id", UUID_OR_NULL),
    ]),
]);

const USER: Field = required("user_id", Shape::Id);
const ID: Field = optional("id", Shape::Id);
const UUID: Field = optional("id", Shape::Uuid);
const TENANT_NAME: Field = optional("tenant", TEXT_OR_NULL);
const DATA: Field = optional("data", OBJECT_OR_NULL);
const INSERTED: Field = optional("inserted_at", Shape::DateTime);
const UPDATED: Field = optional("updated_at", Shape::DateTime);
const SEEN: Field = optional("seen_at", TIME_OR_NULL);
const READ: Field = optional("read_at", TIME_OR_NULL);
const INTERACTED: Field = optional("interacted_at", TIME_OR_NULL);
const LINK_CLICKED: Field = optional("link_clicked_at", TIME_OR_NULL);
const CLICKED: Field = optional("clicked_at", TIME_OR_NULL);
const ARCHIVED: Field = optional("archived_at", TIME_OR_NULL);

const FEED_ITEM: Shape = Shape::Object(&[
    USER,
    required("channel_id", Shape::Uuid),
    ID,
    optional("source", SOURCE),
    TENANT_NAME,
    DATA,
    optional("actors", RECIPIENTS),
    optional("activities", Shape::List(&OBJECT)),
    optional(
        "blocks",
        Shape::List(&Shape::Object(&[
            required("type", Shape::Id),
            required("name", Shape::Id),
        ])),
    ),
    optional("total_activities", Shape::Integer),
    optional("total_actors", Shape::Integer),
    INSERTED,
    UPDATED,
    SEEN,
    READ,
    INTERACTED,
    LINK_CLICKED,
    CLICKED,
    ARCHIVED,
]);

const ENGAGEMENT: Shape = Shape::OneOf(&["seen", "read", "interacted", "link_clicked", "archived"]);

const MESSAGE: Shape = Shape::Object(&[
    USER,
    required("channel_id", Shape::Uuid),
    ID,
    optional(
        "status",
        Shape::OneOf(&[
            "queued",
            "sent",
            "delivered",
            "delivery_attempted",
            "undelivered",
            "not_sent",
            "bounced",
        ]),
    ),
    optional("engagement_statuses", Shape::List(&ENGAGEMENT)),
    optional("source", SOURCE),
    TENANT_NAME,
    DATA,
    optional("metadata", OBJECT_OR_NULL),
    optional("actors", RECIPIENTS),
    optional("recipient_snapshot", OBJECT_OR_NULL),
    optional("scheduled_at", TIME_OR_NULL),
    INSERTED,
    UPDATED,
    SEEN,
    READ,
    INTERACTED,
    LINK_CLICKED,
    CLICKED,
    ARCHIVED,
]);

const INTEGER_OR_NULL: Shape = Shape::OrNull(&Shape::Integer);

const REPEAT: Shape = Shape::Object(&[
    required(
        "frequency",
        Shape::OneOf(&["daily", "weekly", "monthly", "hourly"]),
    ),
    optional("interval", Shape::Integer),
    optional(
        "days",
        Shape::OrNull(&Shape::List(&Shape::OneOf(&[
            "mon", "tue", "wed", "thu", "fri", "sat", "sun",
        ]))),
    ),
    optional("day_of_month", INTEGER_OR_NULL),
    optional("hours", INTEGER_OR_NULL),
    optional("minutes", INTEGER_OR_NULL),
]);

const SCHEDULE: Shape = Shape::Object(&[
    USER,
    UUID,
    required("workflow", Shape::Id),
    optional("repeats", Shape::List(&REPEAT)),
    TENANT_NAME,
    DATA,
    optional("actor", Shape::OrNull(&RECIPIENT)),
    optional("last_occurrence_at", TIME_OR_NULL),
    optional("next_occurrence_at", TIME_OR_NULL),
    INSERTED,
    UPDATED,
]);

const SUBSCRIPTION: Shape = Shape::Object(&[
    USER,
    required(
        "object",
        Shape::Object(&[
            required("id", Shape::Id),
            required("collection", Shape::Id),
            optional("properties", OBJECT),
            optional("created_at", TIME_OR_NULL),
            optional("updated_at", Shape::DateTime),
        ]),
    ),
    optional("properties", OBJECT_OR_NULL),
    INSERTED,
    UPDATED,
]);

const CONDITION: Shape = Shape::Object(&[
    required("variable", Shape::Id),
    required("operator", Shape::OneOf(OPERATORS)),
    required("argument", Shape::Any),
]);

const GUIDE: Shape = Shape::Object(&[
    required("key", Shape::Id),
    required("channel_id", Shape::Uuid),
    UUID,
    optional("type", Shape::Id),
    optional("semver", Shape::Text),
    optional("active", Shape::Flag),
    optional("bypass_global_group_limit", Shape::Flag),
    optional("dashboard_url", Shape::Text),
    optional("activation_url_rules", Shape::List(&OBJECT)),
    optional("activation_url_patterns", Shape::List(&OBJECT)),
    optional(
        "steps",
        Shape::List(&Shape::Object(&[
            required("ref", Shape::Id),
            optional("schema_key", Shape::Text),
            optional("schema_semver", Shape::Text),
            optional("schema_variant_key", Shape::Text),
            optional("content", OBJECT),
        ])),
    ),
    optional("audience", Shape::OrNull(&Shape::List(&Shape::Id))),
    optional("conditions", Shape::List(&CONDITION)),
    optional("per_tenant", Shape::Flag),
    INSERTED,
    UPDATED,
]);

const GUIDE_GROUP: Shape = Shape::Object(&[
    required("key", Shape::Id),
    optional("display_sequence", Shape::List(&Shape::Id)),
    optional("display_interval", Shape::Integer),
    INSERTED,
    UPDATED,
]);

const CHANNEL: Shape = Shape::Object(&[
    required("id", Shape::Uuid),
    required("provider", Shape::Id),
    required(
        "type",
        Shape::OneOf(&[
            "email",
            "in_app",
            "in_app_feed",
            "in_app_guide",
            "sms",
            "push",
            "chat",
            "http",
        ]),
    ),
    optional("key", TEXT_OR_NULL),
    optional("name", TEXT_OR_NULL),
    optional("branding_required", Shape::Flag),
]);

const ROW: Shape = Shape::Object(&[
    required(
        "type",
        Shape::OneOf(&[
            "workflow",
            "channel",
            "category",
            "channel_types",
            "commercial_subscribed",
        ]),
    ),
    required("name", Shape::Id),
    optional("description", Shape::Text),
    optional("identifier", TEXT_OR_NULL),
    optional("channel_types", Shape::OrNull(&Shape::List(&Shape::Text))),
]);

const PREFERENCE_CENTER: Shape = Shape::Object(&[
    optional("enabled", Shape::Flag),
    optional("title", Shape::Text),
    optional("body", Shape::Text),
    optional("show_account_name", Shape::Flag),
    optional("rows", Shape::List(&ROW)),
    optional("branding", OBJECT),
    optional("account_name", TEXT_OR_NULL),
    optional("knock_branding_required", Shape::Flag),
]);

const TENANT: Shape =
    Shape::Object(&[required("id", Shape::Id), optional("preferences", DEFAULTS)]);

/// Defaults may carry a `__strategy__` anywhere, which is text.
const DEFAULTS: Shape = Shape::Object(&[
    optional("workflows", OBJECT_OR_NULL),
    optional("categories", OBJECT_OR_NULL),
    optional("channel_types", OBJECT_OR_NULL),
    optional("channels", OBJECT_OR_NULL),
    optional("commercial_subscribed", Shape::OrNull(&CONDITIONAL)),
]);

pub(crate) const SEED: Shape = Shape::Closed(&[
    optional("users", Shape::List(&INLINE_USER)),
    optional("channels", Shape::List(&CHANNEL)),
    optional("tenants", Shape::List(&TENANT)),
    optional("preferences", DEFAULTS),
    optional("vars", OBJECT),
    optional("preference_center", PREFERENCE_CENTER),
    optional("feed_items", Shape::List(&FEED_ITEM)),
    optional("messages", Shape::List(&MESSAGE)),
    optional("schedules", Shape::List(&SCHEDULE)),
    optional("subscriptions", Shape::List(&SUBSCRIPTION)),
    optional("guides", Shape::List(&GUIDE)),
    optional("guide_groups", Shape::List(&GUIDE_GROUP)),
]);
