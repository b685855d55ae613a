//! Channel data: get, set, unset.

use super::call::{Call, Outcome};
use super::users::check_id;
use crate::answer::Answer;
use crate::errors::ApiError;
use crate::validate::bodies;

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let channel = call.channel("channel_id")?;
    let data = call.world.channel_data(call.user_id(), &channel);
    let data = data.ok_or_else(|| ApiError::missing("The channel data"))?;
    Ok(Answer::ok(&data))
}

pub(super) fn set(call: &mut Call<'_>) -> Outcome {
    let channel = call.channel("channel_id")?;
    check_id(call.user_id(), "user_id")?;
    let mut body = call.object(&bodies::CHANNEL_DATA_BODY)?;
    let data = body.remove("data").unwrap_or_default();
    let user = call.world.users.entry(call.params.user_id(), call.now);
    user.channel_data.insert(channel, data);
    get(call)
}

pub(super) fn unset(call: &mut Call<'_>) -> Outcome {
    let channel = call.channel("channel_id")?;
    if call.world.users.contains(call.user_id()) {
        let user = call.world.users.entry(call.params.user_id(), call.now);
        user.channel_data.remove(&channel);
    }
    Ok(Answer::no_content())
}
