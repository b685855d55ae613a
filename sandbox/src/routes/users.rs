//! Users: list, get, identify, delete, merge.

use serde_json::Value;

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::paging::{Entries, Order, page};
use crate::state::recipients::ShownUser;
use crate::validate::{Params, bodies};

/// Longest id a user may have.
const MAX_ID_CHARACTERS: usize = 256;

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let query = call.query()?;
    let mut params = Params::new(&query);
    let include = params
        .list_of("include", &["preferences"])
        .unwrap_or_default();
    let order = match params.one_of("order", &["asc", "desc"]) {
        Some("desc") => Order::NewestFirst,
        _ => Order::OldestFirst,
    };
    let paging = params.paging();
    params.finish()?;
    let all = call.world.users.listing();
    let page = page(&all, order, &paging);
    let entries = page.items.iter().map(|(cursor, user)| ShownUser {
        user,
        cursor: Some(*cursor),
        preferences: include.contains(&"preferences"),
    });
    Ok(Answer::ok(&Entries {
        entries: entries.collect(),
        page_info: page.info,
    }))
}

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let user = call.world.users.get(call.user_id()).ok_or_else(no_user)?;
    Ok(Answer::ok(&user.profile))
}

pub(super) fn identify(call: &mut Call<'_>) -> Outcome {
    check_id(call.user_id(), "user_id")?;
    let given = call.object(&bodies::IDENTIFY)?;
    call.check_channels_of(&given, "channel_data")?;
    let user = call.world.users.identify(
        call.params.user_id(),
        given,
        call.now,
        call.config.max_properties_bytes,
    )?;
    Ok(Answer::ok(&user.profile))
}

pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    match call.world.delete_user(call.params.user_id()) {
        true => Ok(Answer::no_content()),
        false => Err(no_user()),
    }
}

pub(super) fn merge(call: &mut Call<'_>) -> Outcome {
    let body = call.object(&bodies::MERGE)?;
    let from = body
        .get("from_user_id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let into = call.params.user_id();
    if from == into {
        return Err(ApiError::invalid_field(
            "from_user_id",
            "must name another user than the one merged into",
        ));
    }
    if !call.world.users.contains(into) || !call.world.users.contains(from) {
        return Err(no_user());
    }
    call.world.merge_users(into, from, call.now);
    get(call)
}

pub(super) fn no_user() -> ApiError {
    ApiError::missing("The user")
}

/// Refuses an id that the service would not take for a new user.
pub(super) fn check_id(id: &str, field: &str) -> Result<(), ApiError> {
    if id.contains(['/', '#']) {
        return Err(ApiError::invalid_field(field, "must not contain / or #"));
    }
    if id.chars().count() > MAX_ID_CHARACTERS {
        let message = format!("must not be longer than {MAX_ID_CHARACTERS} characters");
        return Err(ApiError::invalid_field(field, message));
    }
    Ok(())
}
