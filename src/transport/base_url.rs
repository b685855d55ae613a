//! The API's base URL.

use std::net::IpAddr;

use ureq::http::Uri;

use crate::error::{Error, Result};

pub(crate) const DEFAULT_BASE_URL: &str = "https://api.knock.app";

/// Scheme, host and path prefix of the service, without a slash at the end.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    text: String,
    host: String,
    port: u16,
    local: bool,
    encrypted: bool,
}

impl BaseUrl {
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        // A URL may carry credentials, so only what cannot is repeated.
        let wrong = |what: &str| {
            Error::config(format!(
                "base_url {what}; it must be like {DEFAULT_BASE_URL}"
            ))
        };
        let uri: Uri = text.parse().map_err(|_| wrong("is not a URL"))?;
        let host = uri.host().ok_or_else(|| wrong("has no host"))?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err(wrong("has a user name in it; the key goes into api_key"));
        }
        if has_impossible_port(&uri) {
            return Err(wrong("has a port that is not a number from 1 to 65535"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong("has a query or fragment"));
        }
        let local = is_loopback(host);
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if allow_http || local => false,
            Some("http") => {
                return Err(Error::config(format!(
                    "base_url uses plain http to {host}, which would send the API key in the clear; \
                     use https, or set allow_http"
                )));
            }
            _ => return Err(wrong("has no http or https in front")),
        };
        Ok(Self {
            text: text.trim_end_matches('/').to_owned(),
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 }),
            local,
            encrypted,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn host_and_port(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        self.local
    }

    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}

/// Whether something other than a port stands where one would; the parser lets anything pass.
pub(super) fn has_impossible_port(uri: &Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let (_, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = uri.host().unwrap_or_default();
    address.len() > host.len() && uri.port_u16().is_none_or(|port| port == 0)
}

pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = bare.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        BaseUrl::parse(url, false).unwrap_err().to_string()
    }

    #[test]
    fn refuses_what_would_lose_the_key() {
        assert!(refused("http://api.knock.app").contains("in the clear"));
        assert!(refused("ftp://api.knock.app").contains("http"));
        assert!(refused("nonsense").contains("base_url"));
        let secret = refused("https://user:hunter2@api.knock.app");
        assert!(secret.contains("user name") && !secret.contains("hunter2"));
    }

    #[test]
    fn refuses_ports_that_cannot_be() {
        for port in ["99999", "abc", "", "0"] {
            let message = refused(&format!("https://api.knock.app:{port}/v1"));
            assert!(message.contains("port"), "{port}: {message}");
        }
    }

    #[test]
    fn takes_plain_http_on_this_machine() {
        for local in [
            "http://localhost:1",
            "http://knock.localhost",
            "http://127.0.0.1:1/",
            "http://[::1]:1",
            "http://[::1]",
        ] {
            let url = BaseUrl::parse(local, false).unwrap();
            assert!(url.is_local() && !url.is_encrypted(), "{local}");
        }
        let prefixed = BaseUrl::parse("https://proxy.ingen.net:8443/knock/", false).unwrap();
        assert_eq!(prefixed.as_str(), "https://proxy.ingen.net:8443/knock");
    }
}
