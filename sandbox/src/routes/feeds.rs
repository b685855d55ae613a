//! In-app feeds and their settings.

use serde::Serialize;
use serde_json::{Value, json};

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::paging::{Order, PageInfo, page};
use crate::query::Query;
use crate::state::feeds::FeedFilter;
use crate::state::json::Object;
use crate::state::recipients::InFull;
use crate::validate::Params;

/// Feeds have larger pages than everything else.
const MAX_PAGE_SIZE: usize = 200;

/// How deep a path to exclude may reach.
const MAX_EXCLUDE_DEPTH: usize = 3;

#[derive(Serialize)]
struct Listed<'a> {
    entries: Vec<InFull<'a>>,
    page_info: PageInfo,
    vars: &'a Object,
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    #[serde(rename = "__typename")]
    typename: &'static str,
    total_count: usize,
    unread_count: usize,
    unseen_count: usize,
}

pub(super) fn list_items(call: &mut Call<'_>) -> Outcome {
    let channel = call.channel("id")?;
    let query = call.query()?;
    let mut params = Params::new(&query);
    let filter = FeedFilter {
        channel,
        status: params
            .one_of("status", &["unread", "read", "unseen", "seen", "all"])
            .unwrap_or("all"),
        archived: params
            .one_of("archived", &["exclude", "include", "only"])
            .unwrap_or("exclude"),
        source: params.text("source"),
        tenant: params.text("tenant"),
        has_tenant: params.flag("has_tenant"),
        categories: params.list("workflow_categories"),
        trigger_data: params.scalars("trigger_data"),
        inserted_at: params.time_range("inserted_at"),
    };
    // Items hold no translations: every locale reads the one they were rendered in.
    params.text("locale");
    let mode = params.one_of("mode", &["rich", "compact"]);
    let paging = params.paging_up_to(MAX_PAGE_SIZE);
    params.finish()?;
    let excluded = excluded_paths(&query)?;

    let feed = call.world.feed(call.user_id(), &filter);
    let page = page(&feed.items, Order::NewestFirst, &paging);
    let entries = page.items.iter().map(|(cursor, item)| InFull {
        world: call.world,
        thing: &item.shown,
        cursor: Some(*cursor),
        preferences: false,
        compact: mode == Some("compact"),
    });
    let listed = Listed {
        entries: entries.collect(),
        page_info: page.info,
        vars: &call.world.environment.vars,
        meta: Meta {
            typename: "FeedMetadata",
            total_count: feed.total,
            unread_count: feed.unread,
            unseen_count: feed.unseen,
        },
    };
    if excluded.is_empty() {
        return Ok(Answer::ok(&listed));
    }
    let mut answer = json!(listed);
    for path in excluded {
        exclude(&mut answer, &path);
    }
    Ok(Answer::ok(&answer))
}

pub(super) fn get_settings(call: &mut Call<'_>) -> Outcome {
    let channel = call.channel("id")?;
    let features = call.world.environment.feed_features.get(&channel);
    let default = || json!({"branding_required": false});
    Ok(Answer::ok(
        &json!({"features": features.map_or_else(default, |features| json!(features))}),
    ))
}

fn excluded_paths(query: &Query) -> Result<Vec<Vec<&str>>, ApiError> {
    let mut params = Params::new(query);
    let list = params.text("exclude").unwrap_or_default();
    params.finish()?;
    let paths = list
        .split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty());
    let paths: Vec<Vec<&str>> = paths.map(|path| path.split('.').collect()).collect();
    match paths.iter().find(|path| path.len() > MAX_EXCLUDE_DEPTH) {
        Some(path) => {
            let message = format!(
                "{} is more than {MAX_EXCLUDE_DEPTH} levels deep",
                path.join(".")
            );
            Err(ApiError::invalid_field("exclude", message))
        }
        None => Ok(paths),
    }
}

/// Removes what a path leads to, in every element of the lists on the way.
fn exclude(value: &mut Value, path: &[&str]) {
    match (value, path) {
        (Value::Array(items), path) => items.iter_mut().for_each(|item| exclude(item, path)),
        (Value::Object(map), [last]) => {
            map.remove(*last);
        }
        (Value::Object(map), [first, rest @ ..]) => {
            if let Some(inner) = map.get_mut(*first) {
                exclude(inner, rest);
            }
        }
        _ => {}
    }
}
