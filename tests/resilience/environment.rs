//! Variables of the environment that the client reads.

use std::ffi::OsStr;
use std::process::Command;

use knock::Client;

use crate::raw_server::{RawServer, with_headers};
use crate::support::KEY;

/// Variables that must not come from whoever runs the tests.
const READ: [&str; 9] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KNOCK_API_KEY",
    "KNOCK_BRANCH",
    "NO_PROXY",
    "REQUEST_METHOD",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// Builds a client in a process of its own, since an environment is a whole process's, and makes a
/// call where there is a server for it; returns the error that there was.
pub fn in_environment(
    test: &str,
    url: &str,
    variables: &[(&str, impl AsRef<OsStr>)],
) -> Option<String> {
    const URL: &str = "KNOCK_TEST_URL";
    const ERROR: &str = "the error: ";
    if let Ok(url) = std::env::var(URL) {
        let builder = Client::builder().base_url(url);
        let mut builder = builder.allow_http(true).max_retries(0);
        if std::env::var_os("KNOCK_API_KEY").is_none() {
            builder = builder.api_key(KEY);
        }
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
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    let error = text.split_once(ERROR)?.1;
    Some(error.lines().next().unwrap().to_owned())
}

#[test]
fn a_key_is_trimmed_or_refused() {
    const TEST: &str = "environment::a_key_is_trimmed_or_refused";
    let server = RawServer::answering(with_headers("401 Unauthorized", "", format!("{KEY:?}")));
    let with_key = |key: &str| {
        let error = in_environment(TEST, &server.url(), &[("KNOCK_API_KEY", key)]);
        let error = error.unwrap();
        assert!(!error.contains(KEY), "{error}");
        error
    };
    assert!(with_key(&format!(" {KEY}\r\n")).contains("401"));
    assert!(with_key(&format!("'{KEY}'")).contains("api_key has quotes in it"));
    assert!(with_key(" ").contains("there is no API key"));
    assert_eq!(server.requests(), 1);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;

    const TEST: &str = "environment::a_variable_that_is_not_text_is_not_passed_over";
    for name in ["KNOCK_API_KEY", "KNOCK_BRANCH"] {
        let variables = [(name, OsStr::from_bytes(b"sk_\xff"))];
        let error = in_environment(TEST, "http://127.0.0.1:1", &variables).unwrap();
        assert!(error.ends_with(&format!("{name} is not UTF-8")), "{error}");
    }
}
