//! Preference sets, with the deprecated ways to set a part of one.

use serde_json::Value;

use super::call::{Call, Outcome};
use super::users::check_id;
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::state::json::Object;
use crate::validate::{Params, Shape, bodies};

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    Ok(Answer::ok(
        &call.world.all_resolved_preferences(call.user_id()),
    ))
}

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let query = call.query()?;
    let mut params = Params::new(&query);
    let tenant = params.text("tenant");
    params.finish()?;
    let set = call
        .world
        .resolved_preferences(call.user_id(), call.params.get("id"), tenant);
    Ok(Answer::ok(&set))
}

pub(super) fn set(call: &mut Call<'_>) -> Outcome {
    let given = call.object(&bodies::PREFERENCE_SET)?;
    let replace = given
        .get("__persistence_strategy__")
        .is_none_or(|s| s == "replace");
    store(call, given, replace)
}

pub(super) fn unset(call: &mut Call<'_>) -> Outcome {
    let set_id = call.params.get("id");
    if call.world.users.contains(call.user_id()) {
        let user = call.world.users.entry(call.params.user_id(), call.now);
        user.preferences.remove(set_id);
    }
    Ok(Answer::no_content())
}

pub(super) fn set_workflows(call: &mut Call<'_>) -> Outcome {
    replace_section(call, "workflows", &bodies::SETTINGS)
}

pub(super) fn set_workflow(call: &mut Call<'_>) -> Outcome {
    let setting = setting(call, &bodies::SETTING_BODY)?;
    replace_entry(call, "workflows", "key", setting)
}

pub(super) fn set_categories(call: &mut Call<'_>) -> Outcome {
    replace_section(call, "categories", &bodies::SETTINGS)
}

pub(super) fn set_category(call: &mut Call<'_>) -> Outcome {
    let setting = setting(call, &bodies::SETTING_BODY)?;
    replace_entry(call, "categories", "key", setting)
}

pub(super) fn set_channel_types(call: &mut Call<'_>) -> Outcome {
    replace_section(call, "channel_types", &bodies::CHANNEL_TYPES)
}

pub(super) fn set_channel_type(call: &mut Call<'_>) -> Outcome {
    let given = call.params.get("type");
    if !bodies::CHANNEL_TYPE_NAMES.contains(&given) {
        let message = format!("must be one of {}", bodies::CHANNEL_TYPE_NAMES.join(", "));
        return Err(ApiError::invalid_field("type", message));
    }
    let setting = setting(call, &bodies::SUBSCRIBED_BODY)?;
    replace_entry(call, "channel_types", "type", setting)
}

/// The setting in a body: `{"subscribed": …}` stands for a plain boolean.
fn setting(call: &Call<'_>, shape: &Shape) -> Result<Value, ApiError> {
    let mut given = call.object(shape)?;
    Ok(given.remove("subscribed").unwrap_or(Value::Object(given)))
}

fn replace_section(call: &mut Call<'_>, section: &str, shape: &Shape) -> Outcome {
    let given = call.object(shape)?;
    change_section(call, section, |current| *current = given)
}

fn replace_entry(call: &mut Call<'_>, section: &str, param: &str, setting: Value) -> Outcome {
    let key = call.params.get(param).to_owned();
    change_section(call, section, |current| {
        current.insert(key, setting);
    })
}

fn change_section(call: &mut Call<'_>, section: &str, change: impl FnOnce(&mut Object)) -> Outcome {
    let own = call.world.users.get(call.user_id());
    let mut set = own
        .and_then(|user| user.preferences.get(call.params.get("id")))
        .cloned()
        .unwrap_or_default();
    let mut current = match set.remove(section) {
        Some(Value::Object(current)) => current,
        _ => Object::new(),
    };
    change(&mut current);
    set.insert(section.to_owned(), current.into());
    store(call, set, true)
}

/// Stores a set for the user, who is created if need be, and answers with it as it now applies.
fn store(call: &mut Call<'_>, set: Object, replace: bool) -> Outcome {
    check_id(call.user_id(), "user_id")?;
    let set_id = call.params.get("id");
    let user = call.world.users.entry(call.params.user_id(), call.now);
    user.set_preferences(set_id, set, replace);
    Ok(Answer::ok(&call.world.resolved_preferences(
        call.user_id(),
        set_id,
        None,
    )))
}
