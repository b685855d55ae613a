//! Access to the sandbox: programs on this machine, and no web page from anywhere else.
//!
//! A page that a browser on this machine shows can send requests to any local server. Its `Origin` or
//! `Sec-Fetch-Site` gives it away; a page whose name was rebound to a local address (DNS rebinding) gives itself away by
//! its `Host`.

use std::net::IpAddr;

use hyper::header::{HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

use crate::errors::ApiError;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Reads the name of a further host of the sandbox, which has no scheme and no port.
pub(crate) fn host_name(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    let is_bare = authority.port().is_none() && authority.host() == text;
    is_bare.then(|| normal(text))
}

/// Refuses a request whose `Host` names neither this machine nor one of the `allowed` hosts.
///
/// `local` is the address that the connection came in on.
pub(crate) fn check_host(
    parts: &Parts,
    local: Option<IpAddr>,
    allowed: &[String],
) -> Result<(), ApiError> {
    let mut named = parts.headers.get_all(HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else {
        return Err(ApiError::misdirected(
            "the sandbox wants one Host header in a request",
        ));
    };
    let host = host.to_str().ok().and_then(|host| host.parse().ok());
    // Of an absolute request target, both must be right.
    for authority in [host.as_ref(), parts.uri.authority()] {
        let is_first = authority == host.as_ref();
        match authority {
            Some(authority) if is_known(authority, local, allowed) => {}
            None if !is_first => {}
            Some(other) => {
                let name = other.host();
                return Err(ApiError::misdirected(format!(
                    "the Host {name} is not this machine; where the sandbox is known by that name, start it with \
                     --allow-host {name}"
                )));
            }
            None => {
                return Err(ApiError::misdirected(
                    "the Host header is not a host with an optional port",
                ));
            }
        }
    }
    Ok(())
}

/// Refuses a request that a web page of another origin sent.
pub(crate) fn check_origin(parts: &Parts) -> Result<(), ApiError> {
    let foreign = |header: &str, value: &[u8]| {
        Err(ApiError::foreign_origin(format!(
            "{header} is {}: a web page of another origin may not steer the sandbox",
            String::from_utf8_lossy(value)
        )))
    };
    for site in parts.headers.get_all(SEC_FETCH_SITE) {
        if !matches!(site.as_bytes(), b"same-origin" | b"none") {
            return foreign("Sec-Fetch-Site", site.as_bytes());
        }
    }
    let own = parts.headers.get(HOST).map(|host| host.as_bytes());
    for origin in parts.headers.get_all(ORIGIN) {
        let origin = origin.as_bytes();
        if origin.strip_prefix(b"http://") != own {
            return foreign("Origin", origin);
        }
    }
    Ok(())
}

fn is_known(authority: &Authority, local: Option<IpAddr>, allowed: &[String]) -> bool {
    if authority.as_str().contains('@') {
        return false;
    }
    let name = normal(authority.host());
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(&name)
        .parse::<IpAddr>()
        .map(|address| address.to_canonical());
    match address {
        Ok(address) if address.is_loopback() || address.is_unspecified() => true,
        Ok(address) if local.map(|local| local.to_canonical()) == Some(address) => true,
        _ => name == "localhost" || name.ends_with(".localhost") || allowed.contains(&name),
    }
}

/// A host name in lower case, without the dot of the root.
fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
