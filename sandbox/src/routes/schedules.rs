//! Schedules that a user is the recipient of.

use serde_json::json;

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::paging::{Order, page, with_cursor};
use crate::validate::Params;

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let query = call.query()?;
    let mut params = Params::new(&query);
    let (workflow, tenant) = (params.text("workflow"), params.text("tenant"));
    let paging = params.paging();
    params.finish()?;
    let schedules = call.world.schedules.listing(call.user_id(), |schedule| {
        workflow.is_none_or(|wanted| schedule.get("workflow").is_some_and(|own| own == wanted))
            && tenant.is_none_or(|wanted| schedule.get("tenant").is_some_and(|own| own == wanted))
    });
    let page = page(&schedules, Order::NewestFirst, &paging);
    let entries = page.items.iter().map(|(cursor, schedule)| {
        with_cursor(call.world.with_people_in_full(schedule).into(), *cursor)
    });
    Ok(Answer::ok(
        &json!({"entries": entries.collect::<Vec<_>>(), "page_info": page.info}),
    ))
}
