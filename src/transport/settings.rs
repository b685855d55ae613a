//! The settings of a client that concern its connections.

use std::path::Path;
use std::time::Duration;

use crate::transport::BaseUrl;

/// Everything a [`Transport`](super::Transport) is made from.
pub(crate) struct Settings<'a> {
    pub base_url: &'a BaseUrl,
    /// Whether keys may cross the network in the clear.
    pub allow_http: bool,
    /// None takes the proxy of the environment, and an empty text none at all.
    pub proxy: Option<&'a str>,
    pub ca_file: Option<&'a Path>,
    pub max_connections: usize,
    pub idle_timeout: Duration,
    pub max_response_bytes: u64,
}

#[cfg(test)]
impl<'a> Settings<'a> {
    pub fn for_tests(base_url: &'a BaseUrl) -> Self {
        Self {
            base_url,
            allow_http: false,
            proxy: None,
            ca_file: None,
            max_connections: 1,
            idle_timeout: Duration::MAX,
            max_response_bytes: 1 << 20,
        }
    }
}
