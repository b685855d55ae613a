//! `ureq BASE_URL get|put|feed CALLS`: ureq as it comes, with the headers of this library.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, base_url, work, calls] = arguments.as_slice() else {
        return Err("usage: ureq BASE_URL get|put|feed CALLS".into());
    };
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .user_agent("knock-client/0.1.0")
        .accept("application/json")
        .build()
        .new_agent();
    let url = match work.as_str() {
        "feed" => format!("{base_url}/v1/users/jane/feeds/feed?page_size=50"),
        _ => format!("{base_url}/v1/users/jane"),
    };
    let key = "Bearer sk_test_12345";
    for _ in 0..calls.parse()? {
        let mut answer = if work == "put" {
            let body = r#"{"name":"Jane Doe","email":"jane@ingen.net","plan":"pro"}"#;
            agent
                .put(&url)
                .header("authorization", key)
                .header("content-type", "application/json")
                .send(body)?
        } else {
            agent.get(&url).header("authorization", key).call()?
        };
        assert!(answer.body_mut().read_to_vec()?.starts_with(b"{"));
    }
    Ok(())
}
