//! Requests of the methods, with every parameter set, are as the descriptions declare; and what
//! the sandbox answers to it is what they promise.

use std::collections::BTreeSet;

use knock::params::{
    UserFeedListItemsParams, UserGetPreferencesParams, UserGuideGetChannelParams,
    UserListMessagesParams, UserListParams, UserListSchedulesParams, UserListSubscriptionsParams,
};
use knock::types::*;
use knock::{Client, operations};
use knock_sandbox::{Request, Sandbox};
use serde_json::{Value, json};

use super::spec::{Operation, Spec, specs};
use super::support::builder;

const JANE: &str = "jane";
const FEED: &str = "f1000000-0000-4000-8000-000000000001";
const PUSH: &str = "f1000000-0000-4000-8000-000000000003";
const GUIDES: &str = "f1000000-0000-4000-8000-000000000005";

/// Every operation once, with all that its method can be given.
fn call_everything(client: &Client) -> knock::Result<()> {
    let users = client.users();
    let moment = "2020-01-01T00:00:00Z";
    let later = "2040-01-01T00:00:00Z";
    let identify = || {
        IdentifyUserRequest::new()
            .name("Jane")
            .email("jane@ingen.net")
            .phone_number(Field::Null)
            .timezone("America/Costa_Rica")
            .channel_data([(PUSH, ChannelDataContent::push_tokens(["token"]))])
            .preferences([(
                "default",
                PreferenceSetRequest::new().category("news", false),
            )])
            .set("plan", "pro")
    };
    users.identify(JANE, &identify())?;
    users.update("other", &identify())?;
    users.get(JANE)?;
    users.list(
        UserListParams::new()
            .include([Include::Preferences])
            .page_size(2),
    )?;
    users.merge(JANE, &MergeUserRequest::new("other"))?;
    let messages = UserListMessagesParams::new()
        .page_size(5)
        .tenant("acme")
        .channel_id(FEED)
        .status([MessageStatus::Sent, MessageStatus::Delivered])
        .engagement_status([EngagementStatusFilter::Unread])
        .message_ids(["2vVqXUt9SbtlCCuBrwdaHeNLnRA"])
        .workflow_categories(["news"])
        .source("welcome")
        .workflow_run_id(FEED)
        .workflow_recipient_run_id(FEED)
        .trigger_data(json!({"plan": "pro"}))
        .inserted_at_gt(moment)
        .inserted_at_gte(moment)
        .inserted_at_lt(later)
        .inserted_at_lte(later);
    users.list_messages(JANE, messages)?;
    users.list_schedules(
        JANE,
        UserListSchedulesParams::new()
            .workflow("digest")
            .tenant("acme")
            .page_size(5),
    )?;
    let objects = [
        RecipientReference::object("projects", "p1"),
        RecipientReference::object("projects", "p2"),
    ];
    let subscriptions = UserListSubscriptionsParams::new()
        .include([Include::Preferences])
        .objects(objects)
        .page_size(5);
    users.list_subscriptions(JANE, subscriptions)?;
    users.set_channel_data(JANE, PUSH, &ChannelDataRequest::push_tokens(["token"]))?;
    users.get_channel_data(JANE, PUSH)?;
    users.unset_channel_data(JANE, PUSH)?;

    let set = PreferenceSetRequest::new()
        .workflow("digest", false)
        .channel_type(ChannelType::Email, true)
        .merge();
    users.set_preferences(JANE, "default", &set)?;
    users.list_preferences(JANE)?;
    users.get_preferences(
        JANE,
        "default",
        UserGetPreferencesParams::new().tenant("acme"),
    )?;
    call_deprecated_preferences(client)?;
    users.unset_preferences(JANE, "default")?;

    let feed = UserFeedListItemsParams::new()
        .status(FeedStatus::Unread)
        .source("welcome")
        .tenant("acme")
        .has_tenant(true)
        .workflow_categories(["news", "offers"])
        .archived(FeedArchived::Include)
        .trigger_data(json!({"plan": "pro"}))
        .locale("en-US")
        .exclude("entries.archived_at")
        .mode(FeedMode::Compact)
        .page_size(5)
        .inserted_at_gt(moment)
        .inserted_at_gte(moment)
        .inserted_at_lt(later)
        .inserted_at_lte(later);
    users.feeds().list_items(JANE, FEED, feed)?;
    users.feeds().get_settings(JANE, FEED)?;
    call_guides(client)?;

    let inline = [InlineIdentifyUserRequest::new("bulk-1").set("plan", "pro")];
    let bulk = users
        .bulk()
        .identify(&BulkIdentifyUsersRequest::new(inline))?;
    client.bulk_operations().get(&bulk.id)?;
    users
        .bulk()
        .set_preferences(&BulkSetUserPreferencesRequest::new(
            ["bulk-1"],
            PreferenceSetRequest::new().category("news", false),
        ))?;
    users
        .bulk()
        .delete(&BulkDeleteUsersRequest::new(["bulk-1"]))?;
    users.preference_center().get_config(JANE)?;
    users.preference_center().generate_signed_url(JANE)?;
    users.delete(JANE)?;
    Ok(())
}

fn call_deprecated_preferences(client: &Client) -> knock::Result<()> {
    let preferences = client.users().preferences();
    let sections = || PreferenceSetWorkflows::from([("digest".to_owned(), false.into())]);
    let off = PreferenceSettingRequest::from(false);
    preferences.update_workflows(JANE, "default", &sections())?;
    preferences.update_workflow(JANE, "default", "digest", &off)?;
    preferences.update_categories(JANE, "default", &sections())?;
    preferences.update_category(JANE, "default", "news", &off)?;
    preferences.update_channel_types(
        JANE,
        "default",
        &PreferenceSetChannelTypes::new().email(true),
    )?;
    preferences.update_channel_type(JANE, "default", "sms", &off)?;
    Ok(())
}

fn call_guides(client: &Client) -> knock::Result<()> {
    let guides = client.users().guides();
    let filters = UserGuideGetChannelParams::new().data(json!({"plan": "pro"}));
    let eligible = guides.get_channel(JANE, GUIDES, filters.r#type("banner").tenant("acme"))?;
    assert!(
        eligible
            .entries
            .as_slice()
            .iter()
            .all(|guide| guide.key.value().is_some())
    );
    let all = guides.get_channel(JANE, GUIDES, UserGuideGetChannelParams::new())?;
    let (guide, step) = all
        .entries
        .iter()
        .find_map(|guide| Some((guide, guide.steps.as_slice().first()?)))
        .expect("a guide in the demo world");
    let action = || guide.action(step);
    guides.mark_seen(JANE, &action())?;
    guides.mark_interacted(JANE, &action())?;
    guides.mark_archived(JANE, &action())?;
    guides.unarchive(JANE, &action())?;
    let again = guides.get_channel(JANE, GUIDES, UserGuideGetChannelParams::new())?;
    let message = again.entries.iter().find(|known| known.key == guide.key);
    let message =
        message.and_then(|guide| guide.steps.as_slice().first()?.message.value()?.id.value());
    let message = message.expect("a message of the guide").as_str();
    guides.mark_message_as_seen(JANE, message, &action())?;
    guides.mark_message_as_interacted(JANE, message, &action())?;
    guides.mark_message_as_archived(JANE, message, &action())?;
    guides.reset_engagement(JANE, &action())?;
    Ok(())
}

#[test]
fn every_method_sends_what_is_described() {
    let sandbox = Sandbox::builder().seed("demo").start().expect("a sandbox");
    let client = builder(&sandbox).build().expect("a client");
    call_everything(&client).expect("every call succeeds");

    let requests = sandbox.requests();
    for spec in specs() {
        let mut called = BTreeSet::new();
        for request in &requests {
            let Some(described) = find(spec, request) else {
                continue;
            };
            called.insert(described.id);
            check_query(spec, &described, request);
            if let (Some(schema), Some(body)) = (described.request(), &request.json) {
                assert_valid(spec, schema, body, described.id);
            }
        }
        let all = spec.operations().map(|described| described.id);
        assert_eq!(
            called,
            all.collect(),
            "{}: operations that no request reached",
            spec.name
        );
    }
    let paths: BTreeSet<_> = requests
        .iter()
        .map(|request| (&request.method, &request.path))
        .collect();
    assert!(
        paths.len() >= operations().count(),
        "every operation was called"
    );
}

fn find<'a>(spec: &'a Spec, request: &Request) -> Option<Operation<'a>> {
    let matches = |template: &str| {
        let (template, path) = (template.split('/'), request.path.split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    let mut found: Vec<_> = spec
        .operations()
        .filter(|described| described.method == request.method && matches(described.path))
        .collect();
    // `messages/seen` is also `messages/{message_id}`; the template with fewer placeholders wins.
    found.sort_by_key(|described| described.path.matches('{').count());
    found.into_iter().next()
}

/// Names as they are declared, lists in brackets, values that their schemas allow.
fn check_query(spec: &Spec, described: &Operation, request: &Request) {
    let place = format!("{}: {} ?{}", spec.name, described.id, request.query);
    for pair in request.query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').expect("a pair");
        let bare = name.split('[').next().unwrap_or_default();
        let declared = described.query().find(|declared| declared.name == bare);
        let declared = declared.unwrap_or_else(|| panic!("{place}: {name} is not declared"));
        let schema = declared.schema;
        assert_eq!(name != bare, schema["type"] == "array", "{place}: {name}");
        let text = percent_decoded(value);
        let value = match schema["type"].as_str() {
            Some("integer" | "boolean") => {
                serde_json::from_str(&text).expect("a number or boolean")
            }
            _ => Value::from(text),
        };
        let element = schema.get("items").unwrap_or(schema);
        if !name.contains("[0]") && !name.contains("[1]") {
            assert_valid(spec, element, &value, &place);
        }
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut hex = || {
            bytes
                .next()
                .and_then(|digit| char::from(digit).to_digit(16))
        };
        decoded.push(if byte == b'%' {
            (hex().unwrap() * 16 + hex().unwrap()) as u8
        } else {
            byte
        });
    }
    String::from_utf8(decoded).expect("UTF-8")
}

fn assert_valid(spec: &Spec, schema: &Value, value: &Value, place: &str) {
    let errors: Vec<_> = spec
        .validator(schema)
        .iter_errors(value)
        .map(|error| error.to_string())
        .collect();
    assert!(
        errors.is_empty(),
        "{}: {place}: {errors:?} in {value}",
        spec.name
    );
}
