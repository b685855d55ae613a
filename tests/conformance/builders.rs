//! Requests as programs build them satisfy the API's description.

use knock::types::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::spec::specs;

/// Checks a request against every description that has the operation.
fn valid(operation: &str, request: impl Serialize) -> Value {
    let request = serde_json::to_value(request).unwrap();
    for spec in specs() {
        let described = spec
            .operations()
            .find(|described| described.id == operation)
            .unwrap();
        let validator = spec.validator(described.request().unwrap());
        let errors: Vec<_> = validator
            .iter_errors(&request)
            .map(|error| error.to_string())
            .collect();
        assert!(
            errors.is_empty(),
            "{}, {operation}: {errors:?} in {request}",
            spec.name
        );
    }
    request
}

#[test]
fn a_user_with_custom_properties_channel_data_and_preferences() {
    let jane = IdentifyUserRequest::new()
        .email("jane@ingen.net")
        .name("Jane Doe")
        .phone_number(Field::Null)
        .timezone("America/Costa_Rica")
        .created_at("2025-06-01T12:30:00Z")
        .channel_data([(
            "1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d",
            ChannelDataContent::push_tokens(["token"]),
        )])
        .preferences([(
            "default",
            PreferenceSetRequest::new()
                .category("marketing", false)
                .replace(),
        )])
        .set("plan", "pro")
        .set("seats", 12)
        .null("trial_ends_at");
    let json = json!({
        "email": "jane@ingen.net",
        "name": "Jane Doe",
        "phone_number": null,
        "timezone": "America/Costa_Rica",
        "created_at": "2025-06-01T12:30:00Z",
        "channel_data": {"1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d": {"tokens": ["token"]}},
        "preferences": {"default": {"categories": {"marketing": false}, "__persistence_strategy__": "replace"}},
        "plan": "pro",
        "seats": 12,
        "trial_ends_at": null,
    });
    assert_eq!(valid("identifyUser", jane), json);
    assert_eq!(valid("identifyUser", IdentifyUserRequest::new()), json!({}));
}

#[test]
fn users_in_bulk() {
    let users = ["jane", "joe"].map(|id| InlineIdentifyUserRequest::new(id).set("plan", "pro"));
    let json = json!({"users": [{"id": "jane", "plan": "pro"}, {"id": "joe", "plan": "pro"}]});
    assert_eq!(
        valid("bulkIdentifyUsers", BulkIdentifyUsersRequest::new(users)),
        json
    );

    let ids = json!({"user_ids": ["jane", "joe"]});
    assert_eq!(
        valid(
            "bulkDeleteUsers",
            BulkDeleteUsersRequest::new(["jane", "joe"])
        ),
        ids
    );

    let preferences = PreferenceSetRequest::new()
        .id("default")
        .channel_type(ChannelType::Sms, false);
    let json = json!({"user_ids": ["jane"], "preferences": {"id": "default", "channel_types": {"sms": false}}});
    assert_eq!(
        valid(
            "bulkSetUserPreferences",
            BulkSetUserPreferencesRequest::new(["jane"], preferences)
        ),
        json
    );
}

#[test]
fn a_merge() {
    assert_eq!(
        valid("mergeUser", MergeUserRequest::new("old-jane")),
        json!({"from_user_id": "old-jane"})
    );
}

#[test]
fn preferences_with_conditions() {
    let unless_muted = || {
        Condition::new(
            "recipient.muted",
            ConditionOperator::NotContains,
            "$message.thread_id",
        )
    };
    let digest = PreferenceSetWorkflowCategorySettingObject::new()
        .channel_type("email", true)
        .channel(
            "1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d",
            PreferenceSetChannelSetting::new([unless_muted()]),
        )
        .condition(unless_muted());
    let preferences = PreferenceSetRequest::new()
        .workflow("digest", digest)
        .workflow("tips", false)
        .channel_type(
            ChannelType::Push,
            PreferenceSetChannelTypeSetting::new([unless_muted()]),
        )
        .channel("1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d", false)
        .commercial_subscribed(false)
        .merge();
    let condition = json!({"variable": "recipient.muted", "operator": "not_contains", "argument": "$message.thread_id"});
    let json = json!({
        "workflows": {
            "digest": {
                "channel_types": {"email": true},
                "channels": {"1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d": {"conditions": [condition]}},
                "conditions": [condition],
            },
            "tips": false,
        },
        "channel_types": {"push": {"conditions": [condition]}},
        "channels": {"1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d": false},
        "commercial_subscribed": false,
        "__persistence_strategy__": "merge",
    });
    assert_eq!(valid("updateUserPreferenceSet", preferences), json);
    let cleared = PreferenceSetRequest::new().workflows(Field::Null);
    assert_eq!(
        valid("updateUserPreferenceSet", cleared),
        json!({"workflows": null})
    );
}

#[test]
fn single_preferences() {
    let written = |request: PreferenceSettingRequest| serde_json::to_value(request).unwrap();
    assert_eq!(written(false.into()), json!({"subscribed": false}));
    let by_email =
        PreferenceSetWorkflowCategorySettingObject::new().channel_type(ChannelType::Email, true);
    assert_eq!(
        written(by_email.into()),
        json!({"channel_types": {"email": true}})
    );
}

#[test]
fn channel_data_of_every_provider() {
    let url = "https://hooks.example.com/1";
    let uuid = "1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d";
    for (request, json) in [
        (
            ChannelDataRequest::push_tokens(["token"]),
            json!({"tokens": ["token"]}),
        ),
        (
            ChannelDataRequest::push_devices([PushDevice::new("token")
                .locale("en-US")
                .timezone(Field::Null)]),
            json!({"devices": [{"token": "token", "locale": "en-US", "timezone": null}]}),
        ),
        (
            ChannelDataRequest::sns_target_arns(["arn:aws:sns"]),
            json!({"target_arns": ["arn:aws:sns"]}),
        ),
        (
            ChannelDataRequest::new(AwsSnsPushChannelData::devices_only([
                AwsSnsPushDevice::new("arn:aws:sns"),
            ])),
            json!({"devices": [{"target_arn": "arn:aws:sns"}]}),
        ),
        (
            ChannelDataRequest::one_signal([uuid]),
            json!({"player_ids": [uuid]}),
        ),
        (
            ChannelDataRequest::slack([
                SlackTokenConnection::channel("xoxb", "C1"),
                SlackTokenConnection::user("xoxb", "U1"),
            ]),
            json!({"connections": [
                {"access_token": "xoxb", "channel_id": "C1"},
                {"access_token": "xoxb", "user_id": "U1"},
            ]}),
        ),
        (
            ChannelDataRequest::slack([SlackIncomingWebhookConnection::new(url)]),
            json!({"connections": [{"incoming_webhook": {"url": url}}]}),
        ),
        (
            ChannelDataRequest::new(
                SlackChannelData::new([SlackTokenConnection::default().channel_id("C1")])
                    .token(SlackToken::new("xoxb")),
            ),
            json!({"connections": [{"channel_id": "C1"}], "token": {"access_token": "xoxb"}}),
        ),
        (
            ChannelDataRequest::ms_teams([
                MsTeamsConnection::from(MsTeamsTokenConnection::channel(uuid, uuid)),
                MsTeamsIncomingWebhookConnection::new(url).into(),
            ]),
            json!({"connections": [
                {"ms_teams_team_id": uuid, "ms_teams_channel_id": uuid},
                {"incoming_webhook": {"url": url}},
            ]}),
        ),
        (
            ChannelDataRequest::discord([
                DiscordConnection::from(DiscordChannelConnection::new("123456789012345678")),
                DiscordIncomingWebhookConnection::new(url).into(),
            ]),
            json!({"connections": [{"channel_id": "123456789012345678"}, {"incoming_webhook": {"url": url}}]}),
        ),
    ] {
        assert_eq!(valid("setUserChannelData", request), json!({"data": json}));
    }
}

#[test]
fn what_users_do_with_guides() {
    let guide: Guide = serde_json::from_value(json!({
        "__typename": "Guide",
        "key": "tour",
        "id": "1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d",
        "channel_id": "2b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d",
        "steps": [{"ref": "welcome", "content": {"title": "Hello"}}],
    }))
    .unwrap();
    let seen = guide.action(&guide.steps.as_slice()[0]);
    let ids = json!({
        "channel_id": "2b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d",
        "guide_id": "1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d",
        "guide_key": "tour",
        "guide_step_ref": "welcome",
    });
    let with = |key: &str, value: Value| {
        let mut ids = ids.clone();
        ids[key] = value;
        ids
    };
    for suffix in ["", " (2)"] {
        let operation = |name: &str| format!("markUserGuideAs{name}{suffix}");
        assert_eq!(
            valid(&operation("Seen"), &seen),
            with("content", json!({"title": "Hello"}))
        );
        let step = || {
            let id = |key: &str| ids[key].as_str().unwrap_or_default().to_owned();
            GuideActionRequest::step(id("channel_id"), id("guide_id"), "tour", "welcome")
        };
        let interacted = step().metadata([("button", "next")]);
        assert_eq!(
            valid(&operation("Interacted"), interacted),
            with("metadata", json!({"button": "next"}))
        );
        assert_eq!(
            valid(&operation("Archived"), step().unthrottled(true)),
            with("unthrottled", json!(true))
        );
    }
    // The older description wants all ids here too; the service does not.
    let reset = serde_json::to_value(GuideActionRequest::guide("tour").tenant("acme")).unwrap();
    assert_eq!(reset, json!({"guide_key": "tour", "tenant": "acme"}));
    assert_eq!(
        valid("markUserGuideAsUnarchived", seen.clone().tenant("acme"))["tenant"],
        "acme"
    );
    assert_eq!(valid("resetUserGuideEngagement", seen)["guide_key"], "tour");
}
