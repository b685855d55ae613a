//! `json BASE_URL get|put|feed CALLS`: calls with JSON text in and out, as the C ABI makes them.

use std::error::Error;

use knock::{Client, Pacing};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, base_url, work, calls] = arguments.as_slice() else {
        return Err("usage: json BASE_URL get|put|feed CALLS".into());
    };
    let pacing = (1..=5).try_fold(Pacing::on(), |pacing, tier| pacing.limit(tier, 1e9))?;
    let client = Client::builder()
        .api_key("sk_test_12345")
        .base_url(base_url)
        .pacing(pacing)
        .build()?;
    let (operation, request) = match work.as_str() {
        "get" => ("users.get", r#"{"user_id": "jane"}"#),
        "put" => (
            "users.update",
            r#"{"user_id":"jane","body":{"name":"Jane Doe","email":"jane@ingen.net","plan":"pro"}}"#,
        ),
        "feed" => (
            "users.feeds.list_items",
            r#"{"user_id":"jane","id":"feed","page_size":50}"#,
        ),
        other => return Err(format!("there is no work {other:?}").into()),
    };
    for _ in 0..calls.parse()? {
        client.call_json(operation, request)?;
    }
    Ok(())
}
