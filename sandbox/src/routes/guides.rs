//! Guides: which a user gets, and what the user does with them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::state::engagement::{Action, Archiving};
use crate::state::json::Object;
use crate::validate::{Params, Shape, bodies};

pub(super) fn get_channel(call: &mut Call<'_>) -> Outcome {
    let channel = call.channel("channel_id")?;
    let query = call.query()?;
    let mut params = Params::new(&query);
    let (tenant, kind) = (params.text("tenant"), params.text("type"));
    let data = params.json_object("data");
    params.finish()?;
    let (entries, ineligible) =
        call.world
            .guides_for(call.user_id(), channel, tenant, kind, data.as_ref());
    Ok(Answer::ok(&json!({
        "entries": entries,
        "guide_groups": call.world.guides.groups_shown(call.now),
        "guide_group_display_logs": call.world.guide_group_logs(call.user_id()),
        "ineligible_guides": ineligible,
    })))
}

pub(super) fn mark_seen(call: &mut Call<'_>) -> Outcome {
    let body = body(call, &bodies::GUIDE_SEEN)?;
    mark(call, body, &["seen_at"])
}

pub(super) fn mark_interacted(call: &mut Call<'_>) -> Outcome {
    let body = body(call, &bodies::GUIDE_INTERACTED)?;
    mark(call, body, &["interacted_at", "read_at"])
}

pub(super) fn mark_archived(call: &mut Call<'_>) -> Outcome {
    let body = body(call, &bodies::GUIDE_ARCHIVED)?;
    mark(call, body, &["archived_at"])
}

pub(super) fn unarchive(call: &mut Call<'_>) -> Outcome {
    let body = body(call, &bodies::GUIDE_ALONE)?;
    let guide = find(call, &body)?;
    call.world
        .unarchive_guide(call.params.user_id(), guide, tenant(&body), call.now);
    done()
}

pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    let body = body(call, &bodies::GUIDE_ALONE)?;
    let guide = find(call, &body)?;
    call.world
        .reset_guide(call.params.user_id(), guide, tenant(&body));
    done()
}

/// The body, in the shape that the newer or, if so configured, the older description gives it.
fn body(call: &Call<'_>, newer: &Shape) -> Result<Object, ApiError> {
    match call.config.strict_guide_ids {
        true => call.object(&bodies::GUIDE_ACTION),
        false => call.object(newer),
    }
}

/// The guide that the body names: by its key, and by its channel and id where they are given.
fn find(call: &Call<'_>, body: &Object) -> Result<usize, ApiError> {
    let text = |key| body.get(key).and_then(Value::as_str);
    let channel = text("channel_id").and_then(|channel| Uuid::try_parse(channel).ok());
    let guides = &call.world.guides;
    let position = guides.position(text("guide_key").unwrap_or_default(), channel);
    let same_id = |position: &usize| {
        text("guide_id").is_none_or(|id| {
            guides.all[*position]
                .id()
                .is_some_and(|own| own.eq_ignore_ascii_case(id))
        })
    };
    position
        .filter(same_id)
        .ok_or_else(|| ApiError::missing("The guide"))
}

fn tenant(body: &Object) -> Option<&str> {
    body.get("tenant").and_then(Value::as_str)
}

fn mark(call: &mut Call<'_>, mut body: Object, times: &'static [&'static str]) -> Outcome {
    let guide = find(call, &body)?;
    let (data, metadata) = (body.remove("data"), body.remove("metadata"));
    let flag = |key| body.get(key).and_then(Value::as_bool);
    let step = body
        .get("guide_step_ref")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let found = &call.world.guides.all[guide];
    if !found.has_step(step) {
        return Err(ApiError::missing("The guide step"));
    }
    let bypasses = found.shown.get("bypass_global_group_limit") == Some(&Value::Bool(true));
    let action = Action {
        guide,
        step,
        tenant: tenant(&body),
        times,
        data,
        metadata,
        message_id: call
            .params
            .has("message_id")
            .then(|| call.params.get("message_id")),
        archives: times.contains(&"archived_at").then(|| Archiving {
            closes_guide: flag("is_final") != Some(false),
            throttles: !bypasses && flag("unthrottled") != Some(true),
        }),
    };
    match call.world.engage(call.params.user_id(), &action, call.now) {
        true => done(),
        false => Err(ApiError::missing("The guide message")),
    }
}

fn done() -> Outcome {
    Ok(Answer::ok(&json!({"status": "ok"})))
}
