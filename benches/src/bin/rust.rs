//! `rust BASE_URL get|put|feed|parse|bulk CALLS`: the typed calls of this library. `parse` reads a
//! page of feed items without a call; `bulk` identifies 1,000 users per call.

use std::error::Error;
use std::hint::black_box;

use knock::Result;
use knock::bulk::BulkRun;
use knock::params::UserFeedListItemsParams;
use knock::types::{IdentifyUserRequest, InlineIdentifyUserRequest, UserInAppFeedResponse};
use knock_benches::{client, feed};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, base_url, work, calls] = arguments.as_slice() else {
        return Err("usage: rust BASE_URL get|put|feed|parse|bulk CALLS".into());
    };
    let calls: usize = calls.parse()?;
    let client = client(base_url)?;
    let users = client.users();
    match work.as_str() {
        "get" => repeat(calls, || users.get("jane"))?,
        "put" => repeat(calls, || {
            let jane = IdentifyUserRequest::new()
                .name("Jane Doe")
                .email("jane@ingen.net")
                .set("plan", "pro");
            users.identify("jane", &jane)
        })?,
        "feed" => repeat(calls, || {
            let page = UserFeedListItemsParams::new().page_size(50);
            users.feeds().list_items("jane", "feed", page)
        })?,
        "parse" => {
            let page = serde_json::to_vec(&feed())?;
            for _ in 0..calls {
                black_box(serde_json::from_slice::<UserInAppFeedResponse>(&page)?);
            }
        }
        "bulk" => {
            let user = |n| {
                InlineIdentifyUserRequest::new(format!("user-{n}"))
                    .name("Jane Doe")
                    .email("jane@ingen.net")
                    .set("plan", "pro")
            };
            let summary = BulkRun::identify(&client).run((0..calls * 1000).map(user));
            assert!(summary.is_success(), "{summary}");
        }
        other => return Err(format!("there is no work {other:?}").into()),
    }
    Ok(())
}

fn repeat<T>(calls: usize, call: impl Fn() -> Result<T>) -> Result<()> {
    for _ in 0..calls {
        black_box(call()?);
    }
    Ok(())
}
