//! What the client reads of the environment.

use std::process::Command;

use knock::Client;

use crate::support::KEY;

/// What must not come from whoever runs the tests.
const READ: [&str; 7] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "REQUEST_METHOD",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// Builds a client in a process of its own, since an environment is a whole process's, and makes a
/// call where there is a server for it; returns the error that there was.
pub fn in_environment(test: &str, url: &str, variables: &[(&str, &str)]) -> Option<String> {
    const URL: &str = "KNOCK_TEST_URL";
    const ERROR: &str = "the error: ";
    if let Ok(url) = std::env::var(URL) {
        let builder = Client::builder().api_key(KEY).base_url(url);
        let builder = builder.allow_http(true).max_retries(0);
        let call = builder
            .build()
            .and_then(|client| client.users().get("jane"));
        if let Err(error) = call {
            println!("{ERROR}{error}");
        }
        std::process::exit(0);
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    for name in READ {
        again.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = again
        .args(["--exact", test, "--nocapture"])
        .env(URL, url)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    let error = text.split_once(ERROR)?.1;
    Some(error.lines().next().unwrap().to_owned())
}
