//! Schedules that a user is the recipient of.

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::paging::{Entries, Order, page};
use crate::state::recipients::InFull;
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
    let entries = page.items.iter().map(|(cursor, thing)| InFull {
        world: call.world,
        thing,
        cursor: Some(*cursor),
        preferences: false,
        compact: false,
    });
    Ok(Answer::ok(&Entries {
        entries: entries.collect(),
        page_info: page.info,
    }))
}
