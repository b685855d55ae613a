//! How the branch of a union is chosen, as the Rust types choose it.

use knock::model::schema::{self, Kind, Type};
use knock::types::{ChannelData, ChannelDataContent, InAppFeedBlock};
use serde_json::{Value, json};

/// How the branch of a union is told.
pub enum Choice {
    /// By the fields that it has.
    Fields,
    /// By the value of a key, which stands for the branch of this name.
    Tag(&'static str, Vec<(&'static str, &'static str)>),
    /// By the value of a key of the object around it.
    Beside(&'static str, Vec<(&'static str, &'static str)>),
}

pub fn of_union(name: &str) -> Choice {
    match name {
        "Recipient" => Choice::Tag("__typename", vec![("User", "User"), ("Object", "Object")]),
        "InAppFeedBlock" => Choice::Tag("type", by_value("InAppFeedBlockType", block)),
        "ChannelDataContent" => Choice::Beside("provider", by_value("ChannelProvider", content)),
        _ => Choice::Fields,
    }
}

/// Each value of an enum with the type that it leads to.
fn by_value(
    name: &str,
    branch: fn(&str) -> Option<&'static str>,
) -> Vec<(&'static str, &'static str)> {
    let values = match schema::find(name).map(|schema| schema.kind) {
        Some(Kind::Enum { values }) => values,
        _ => &[],
    };
    let pairs = values.iter().map(|value| (value.wire, branch(value.wire)));
    pairs
        .filter_map(|(value, branch)| Some((value, branch?)))
        .collect()
}

fn block(tag: &str) -> Option<&'static str> {
    match serde_json::from_value(json!({"type": tag})).ok()? {
        InAppFeedBlock::Content(_) => Some("MessageInAppFeedContentBlock"),
        InAppFeedBlock::ButtonSet(_) => Some("MessageInAppFeedButtonSetBlock"),
        _ => None,
    }
}

fn content(provider: &str) -> Option<&'static str> {
    // Data that its keys alone do not tell.
    let channel: Value =
        json!({"channel_id": "", "provider": provider, "data": {"connections": []}});
    match serde_json::from_value::<ChannelData>(channel).ok()?.data {
        ChannelDataContent::Push(_) => Some("PushChannelData"),
        ChannelDataContent::AwsSns(_) => Some("AwsSnsPushChannelData"),
        ChannelDataContent::OneSignal(_) => Some("OneSignalChannelData"),
        ChannelDataContent::Slack(_) => Some("SlackChannelData"),
        ChannelDataContent::MsTeams(_) => Some("MsTeamsChannelData"),
        ChannelDataContent::Discord(_) => Some("DiscordChannelData"),
        _ => None,
    }
}

/// The models among the branches of a union.
pub fn models(branches: impl IntoIterator<Item = Type>) -> Vec<&'static str> {
    let names = branches.into_iter().filter_map(|ty| match ty {
        Type::Named(name) => Some(name),
        _ => None,
    });
    names.collect()
}
