//! Bulk operations on users, and their progress.

use serde_json::Value;
use uuid::Uuid;

use super::call::{Call, Outcome};
use super::users::check_id;
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::state::bulk::{Row, Work};
use crate::state::json::Object;
use crate::state::preferences::DEFAULT_SET;
use crate::validate::bodies;

/// Most users that one call may name.
const MAX_USERS: usize = 1000;

pub(super) fn identify(call: &mut Call<'_>) -> Outcome {
    let mut body = call.object(&bodies::BULK_IDENTIFY)?;
    let users = list(&mut body, "users")?;
    for (index, user) in users.iter().enumerate() {
        if let Value::Object(user) = user {
            call.check_channels_of(user, &format!("users[{index}].channel_data"))?;
        }
    }
    let rows: Vec<Row> = users.into_iter().filter_map(Row::identify).collect();
    for (index, row) in rows.iter().enumerate() {
        check_id(&row.user_id, &format!("users[{index}].id"))?;
    }
    queue(call, "users.identify", rows)
}

pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let mut body = call.object(&bodies::BULK_DELETE)?;
    let rows = user_ids(&mut body)?.map(|user_id| Row {
        user_id,
        work: Work::Delete,
    });
    queue(call, "users.delete", rows.collect())
}

pub(super) fn set_preferences(call: &mut Call<'_>) -> Outcome {
    let mut body = call.object(&bodies::BULK_SET_PREFERENCES)?;
    let set = match body.remove("preferences") {
        Some(Value::Object(set)) => set,
        _ => Object::new(),
    };
    let set_id = set
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or(DEFAULT_SET)
        .to_owned();
    let rows: Vec<Row> = user_ids(&mut body)?
        .map(|user_id| Row {
            user_id,
            work: Work::SetPreferences {
                set_id: set_id.clone(),
                set: set.clone(),
            },
        })
        .collect();
    for (index, row) in rows.iter().enumerate() {
        check_id(&row.user_id, &format!("user_ids[{index}]"))?;
    }
    queue(call, "users.set_preferences", rows)
}

pub(super) fn get_operation(call: &mut Call<'_>) -> Outcome {
    let operation = Uuid::try_parse(call.params.get("id")).ok().and_then(|id| {
        call.world
            .poll_bulk(&id, call.now, call.config.max_properties_bytes)
    });
    match operation {
        Some(operation) => Ok(Answer::ok(operation)),
        None => Err(ApiError::missing("The bulk operation")),
    }
}

fn queue(call: &mut Call<'_>, name: &'static str, rows: Vec<Row>) -> Outcome {
    let outcome = call.bulk.take().unwrap_or_default();
    Ok(Answer::ok(
        call.world.queue_bulk(name, rows, outcome, call.now),
    ))
}

fn user_ids(body: &mut Object) -> Result<impl Iterator<Item = String>, ApiError> {
    let ids = list(body, "user_ids")?.into_iter();
    Ok(ids.filter_map(|id| match id {
        Value::String(id) => Some(id),
        _ => None,
    }))
}

fn list(body: &mut Object, name: &str) -> Result<Vec<Value>, ApiError> {
    match body.remove(name) {
        Some(Value::Array(items)) if items.len() <= MAX_USERS => Ok(items),
        _ => Err(ApiError::invalid_field(
            name,
            format!("must hold at most {MAX_USERS} users"),
        )),
    }
}
