//! The demo world: a small software company, its people and what they were told lately.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{micros, millis};

const FEED: &str = "f1000000-0000-4000-8000-000000000001";
const EMAIL: &str = "f1000000-0000-4000-8000-000000000002";
const PUSH: &str = "f1000000-0000-4000-8000-000000000003";
const SLACK: &str = "f1000000-0000-4000-8000-000000000004";
const GUIDES: &str = "f1000000-0000-4000-8000-000000000005";

/// How many items Jane's feed holds.
const FEED_ITEMS: i64 = 60;

/// The seed of the demo world. Its times count back from `now`; its ids never change.
pub(crate) fn demo(now: DateTime<Utc>) -> Value {
    json!({
        "channels": [
            {"id": FEED, "type": "in_app_feed", "provider": "in_app_feed_knock", "key": "in-app", "name": "In-app feed",
             "branding_required": true},
            {"id": EMAIL, "type": "email", "provider": "email_postmark", "key": "postmark", "name": "Email"},
            {"id": PUSH, "type": "push", "provider": "push_fcm", "key": "fcm", "name": "Push"},
            {"id": SLACK, "type": "chat", "provider": "chat_slack", "key": "slack", "name": "Slack"},
            {"id": GUIDES, "type": "in_app_guide", "provider": "in_app_guide_knock", "key": "guides", "name": "Guides"},
        ],
        "vars": {"app_name": "Paddock", "app_url": "https://paddock.example"},
        "preferences": {"channel_types": {"email": true, "sms": false}},
        "tenants": [
            {"id": "acme", "preferences": {"categories": {"billing": {"channel_types": {"email": true}}}}},
            {"id": "globex"},
        ],
        "preference_center": preference_center(),
        "users": users(now),
        "feed_items": (0..FEED_ITEMS).map(|n| feed_item(n, now)).collect::<Vec<_>>(),
        "messages": (0..12).map(|n| message(n, now)).collect::<Vec<_>>(),
        "schedules": schedules(now),
        "subscriptions": subscriptions(now),
        "guides": guides(now),
    })
}

fn ago(now: DateTime<Utc>, minutes: i64) -> Value {
    micros(now - TimeDelta::minutes(minutes))
}

fn users(now: DateTime<Utc>) -> Value {
    json!([
        {
            "id": "jane", "name": "Jane Doe", "email": "jane@ingen.net", "phone_number": "+15555550100",
            "timezone": "America/New_York", "locale": "en-US", "avatar": "https://paddock.example/avatars/jane.png",
            "created_at": millis(now - TimeDelta::days(400)),
            "plan": "pro", "seats": 12, "address": {"city": "Isla Nublar", "country": "CR"}, "tags": ["beta", "admin"],
            "preferences": {
                "default": {
                    "workflows": {"weekly-digest": {"channel_types": {"email": false}}},
                    "categories": {"marketing": false},
                    "channel_types": {"push": true},
                },
                "acme": {"workflows": {"comment-created": {"channel_types": {"in_app_feed": true, "email": false}}}},
            },
            "channel_data": {
                PUSH: {"tokens": ["fcm-token-jane"]},
                SLACK: {"connections": [{"access_token": "xoxb-jane", "channel_id": "C0000001"}], "token": null},
            },
        },
        {"id": "ian", "name": "Ian Malcolm", "email": "ian@chaos.example", "plan": "free", "timezone": null},
        {"id": "ellie", "name": "Ellie Sattler", "email": "ellie@dig.example", "plan": "pro", "seats": 3},
        {"id": "alan", "name": "Alan Grant", "email": "alan@dig.example", "plan": "pro", "manager_id": "ellie"},
        {"id": "jane-old", "name": "J. Doe", "email": "jane@old.example", "legacy_id": 7, "plan": "free"},
    ])
}

/// Item `n` is `n` quarters of an hour old; which tenant, workflow and state it has follows from `n`.
fn feed_item(n: i64, now: DateTime<Utc>) -> Value {
    let minutes = 15 * n + 5;
    let actor = ["ian", "ellie", "alan"][(n % 3) as usize];
    let tenant = match n % 4 {
        0 | 1 => json!("acme"),
        2 => json!("globex"),
        _ => json!(null),
    };
    let (workflow, category) = match n % 2 {
        0 => ("comment-created", "collaboration"),
        _ => ("invoice-paid", "billing"),
    };
    let text = format!("{actor} did number {n}");
    let since = |done: bool| {
        if done {
            ago(now, minutes - 2)
        } else {
            json!(null)
        }
    };
    json!({
        "user_id": "jane",
        "channel_id": FEED,
        "id": format!("DemoFeedItem{n:015}"),
        "tenant": tenant,
        "source": {
            "key": workflow, "categories": [category], "version_id": "f2000000-0000-4000-8000-000000000001",
        },
        "actors": [actor],
        "data": {"number": n, "page": {"title": format!("Page {n}")}, "kind": workflow},
        "blocks": [
            {"type": "markdown", "name": "body", "content": text, "rendered": format!("<p>{text}</p>")},
            {"type": "button_set", "name": "actions", "buttons": [
                {"name": "open", "label": "Open", "action": format!("https://paddock.example/pages/{n}")},
            ]},
        ],
        "inserted_at": ago(now, minutes),
        "seen_at": since(n >= 10),
        "read_at": since(n >= 20),
        "archived_at": since(n >= 55),
    })
}

fn message(n: i64, now: DateTime<Utc>) -> Value {
    let channel = [EMAIL, PUSH, SLACK][(n % 3) as usize];
    let status = ["delivered", "sent", "bounced", "queued"][(n % 4) as usize];
    json!({
        "user_id": "jane",
        "channel_id": channel,
        "id": format!("DemoMessage{n:016}"),
        "status": status,
        "tenant": if n % 2 == 0 { json!("acme") } else { json!(null) },
        "source": {
            "key": if n % 2 == 0 { "comment-created" } else { "weekly-digest" },
            "categories": [if n % 2 == 0 { "collaboration" } else { "digest" }],
            "version_id": "f2000000-0000-4000-8000-000000000001",
            "workflow_run_id": format!("f3000000-0000-4000-8000-0000000000{n:02}"),
            "workflow_recipient_run_id": format!("f4000000-0000-4000-8000-0000000000{n:02}"),
        },
        "actors": ["ian"],
        "data": {"number": n},
        "inserted_at": ago(now, 60 * n + 30),
        "seen_at": if n >= 4 { ago(now, 60 * n + 10) } else { json!(null) },
        "read_at": if n >= 8 { ago(now, 60 * n) } else { json!(null) },
    })
}

fn schedules(now: DateTime<Utc>) -> Value {
    json!([
        {
            "user_id": "jane", "id": "f5000000-0000-4000-8000-000000000001", "workflow": "weekly-digest",
            "repeats": [{"frequency": "weekly", "days": ["mon"], "hours": 9, "minutes": 30}],
            "inserted_at": ago(now, 3000), "next_occurrence_at": millis(now + TimeDelta::days(3)),
        },
        {
            "user_id": "jane", "id": "f5000000-0000-4000-8000-000000000002", "workflow": "standup", "tenant": "acme",
            "actor": "ellie", "data": {"room": "blue"},
            "repeats": [{"frequency": "daily", "days": ["mon", "tue", "wed", "thu", "fri"], "hours": 10}],
            "inserted_at": ago(now, 2000), "next_occurrence_at": millis(now + TimeDelta::days(1)),
        },
    ])
}

fn subscriptions(now: DateTime<Utc>) -> Value {
    json!([
        {
            "user_id": "jane", "inserted_at": ago(now, 5000), "properties": {"role": "owner"},
            "object": {"collection": "projects", "id": "fences", "properties": {"name": "Fences"}},
        },
        {
            "user_id": "jane", "inserted_at": ago(now, 4000),
            "object": {"collection": "projects", "id": "visitor-center", "properties": {"name": "Visitor Center"}},
        },
        {
            "user_id": "jane", "inserted_at": ago(now, 1000),
            "object": {"collection": "assets", "id": "jeep-12", "properties": {"name": "Jeep 12"}},
        },
    ])
}

fn guides(now: DateTime<Utc>) -> Value {
    json!([
        {
            "key": "welcome-banner", "channel_id": GUIDES, "id": "f6000000-0000-4000-8000-000000000001",
            "type": "banner", "inserted_at": ago(now, 9000),
            "steps": [{"ref": "step_1", "content": {"title": "Welcome", "body": "Good to have you here."}}],
        },
        {
            "key": "pro-tour", "channel_id": GUIDES, "id": "f6000000-0000-4000-8000-000000000002",
            "type": "tour", "inserted_at": ago(now, 8000),
            "conditions": [{"variable": "recipient.plan", "operator": "equal_to", "argument": "pro"}],
            "activation_url_rules": [
                {"directive": "allow", "variable": "pathname", "operator": "contains", "argument": "/projects"},
            ],
            "steps": [
                {"ref": "projects", "content": {"title": "Projects"}},
                {"ref": "people", "content": {"title": "People"}},
            ],
        },
        {
            "key": "admin-card", "channel_id": GUIDES, "id": "f6000000-0000-4000-8000-000000000003",
            "type": "card", "inserted_at": ago(now, 7000), "audience": ["ellie"],
        },
        {
            "key": "old-survey", "channel_id": GUIDES, "id": "f6000000-0000-4000-8000-000000000004",
            "type": "survey", "inserted_at": ago(now, 6000), "active": false,
        },
    ])
}

fn preference_center() -> Value {
    json!({
        "account_name": "Paddock Inc.",
        "title": "Notification preferences",
        "body": "Choose what you want to hear of.",
        "show_account_name": true,
        "rows": [
            {"type": "category", "name": "Comments", "identifier": "collaboration", "channel_types": [],
             "description": "Comments on what you follow"},
            {"type": "workflow", "name": "Weekly digest", "identifier": "weekly-digest", "channel_types": ["email"]},
            {"type": "channel_types", "name": "Channels", "channel_types": ["email", "sms"]},
            {"type": "commercial_subscribed", "name": "News and offers"},
        ],
        "branding": {
            "icon_url": "https://paddock.example/icon.png", "logo_url": null,
            "primary_color": "#0EA5E9", "primary_color_contrast": "#0F172A",
            "dark": {"primary_color": "#C02727"},
        },
    })
}
