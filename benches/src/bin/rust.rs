//! `rust BASE_URL get|put|feed CALLS`: the typed calls of this library.

use std::error::Error;

use knock::types::IdentifyUserRequest;
use knock::{Client, ListFeedItems, Pacing};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, base_url, work, calls] = arguments.as_slice() else {
        return Err("usage: rust BASE_URL get|put|feed CALLS".into());
    };
    let pacing = (1..=5).try_fold(Pacing::on(), |pacing, tier| pacing.limit(tier, 1e9))?;
    let client = Client::builder()
        .api_key("sk_test_12345")
        .base_url(base_url)
        .pacing(pacing)
        .build()?;
    let users = client.users();
    for _ in 0..calls.parse()? {
        let id = match work.as_str() {
            "get" => users.get("jane")?.into_inner().id,
            "put" => {
                let jane = IdentifyUserRequest::new()
                    .name("Jane Doe")
                    .email("jane@ingen.net")
                    .set("plan", "pro");
                users.identify("jane", &jane)?.into_inner().id
            }
            "feed" => {
                let page =
                    users
                        .feeds()
                        .list_items("jane", "feed", ListFeedItems::new().page_size(50))?;
                assert_eq!(page.entries.as_slice().len(), 50);
                "jane".into()
            }
            other => return Err(format!("there is no work {other:?}").into()),
        };
        assert_eq!(id, "jane");
    }
    Ok(())
}
