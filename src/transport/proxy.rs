//! The proxy that connections go through, if any: the one that is set, else the environment's.

use std::ffi::OsString;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::ProxyProtocol;
use ureq::http::Uri;

use crate::error::{Error, Result};
use crate::transport::base_url::{has_impossible_port, is_loopback};
use crate::transport::no_proxy;
use crate::transport::settings::Settings;

/// An HTTP proxy, used by way of `CONNECT`.
pub(super) struct Proxy {
    pub uri: Uri,
    /// The value of `Proxy-Authorization`.
    pub credentials: Option<String>,
}

impl Proxy {
    /// Whether the connection to the proxy itself is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }
}

/// The proxy for a client. `variable` reads the environment.
///
/// A proxy of the environment is looked at only where it would be used: not for this machine,
/// nor for a host that `NO_PROXY` covers.
pub(super) fn choose(
    settings: &Settings,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Proxy>> {
    let server = settings.base_url;
    let (name, url) = match settings.proxy {
        Some("") => return Ok(None),
        Some(url) => ("proxy", url.to_owned()),
        None if server.is_local() => return Ok(None),
        None => {
            let own = if server.is_encrypted() {
                first_set(["HTTPS_PROXY", "https_proxy"], &variable)
            } else if variable("REQUEST_METHOD").is_some() {
                // In a CGI program, HTTP_PROXY is the `Proxy` header of whoever sent a request.
                first_set(["http_proxy"], &variable)
            } else {
                first_set(["HTTP_PROXY", "http_proxy"], &variable)
            };
            let found = own.or_else(|| first_set(["ALL_PROXY", "all_proxy"], &variable));
            let Some((name, url)) = found else {
                return Ok(None);
            };
            if let Some((name, list)) = first_set(["NO_PROXY", "no_proxy"], &variable) {
                let (host, port) = server.host_and_port();
                if no_proxy::covers(&text(name, list)?, host, port) {
                    return Ok(None);
                }
            }
            (name, text(name, url)?)
        }
    };
    let proxy = parse(name, url.trim())?;
    if !(server.is_encrypted() || settings.allow_http || proxy.uri.host().is_some_and(is_loopback))
    {
        return Err(Error::config(
            "base_url uses plain http, which would show the API key to the proxy; use https, or \
             set allow_http",
        ));
    }
    Ok(Some(proxy))
}

/// The first variable that is not empty, with its name.
fn first_set<const N: usize>(
    names: [&'static str; N],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<(&'static str, OsString)> {
    names.into_iter().find_map(|name| {
        let value = variable(name).filter(|value| !value.is_empty())?;
        Some((name, value))
    })
}

fn text(name: &str, value: OsString) -> Result<String> {
    value
        .into_string()
        .map_err(|_| Error::config(format!("{name} of the environment is not UTF-8")))
}

/// Reads a proxy's URL. `name` is the setting or variable that it comes from; the URL itself may
/// hold a password and is not repeated.
fn parse(name: &str, url: &str) -> Result<Proxy> {
    let wrong = |what: &str| {
        Error::config(format!(
            "{name} {what}; it must be like http://user:password@host:port"
        ))
    };
    let proxy = ureq::Proxy::new(url).map_err(|_| wrong("is not the URL of a proxy"))?;
    if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(wrong(
            "is a SOCKS proxy, and only HTTP proxies are supported",
        ));
    }
    if proxy.host().is_empty() {
        return Err(wrong("has no host"));
    }
    if has_impossible_port(proxy.uri()) {
        return Err(wrong("has a port that is not a number from 1 to 65535"));
    }
    let credentials = (proxy.username().is_some() || proxy.password().is_some()).then(|| {
        let user = proxy.username().unwrap_or_default();
        let password = proxy.password().unwrap_or_default();
        let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
        format!("Basic {pair}")
    });
    Ok(Proxy {
        uri: proxy.uri().clone(),
        credentials,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::BaseUrl;

    const API: &str = "https://api.knock.app";
    const PLAIN: &str = "http://api.ingen.net:4000";

    fn with(base_url: &str, proxy: Option<&str>, environment: &[(&str, &str)]) -> Result<String> {
        let base_url = BaseUrl::parse(base_url, true).unwrap();
        let settings = Settings {
            allow_http: true,
            proxy,
            ..Settings::for_tests(&base_url)
        };
        let variable = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name)?;
            Some(OsString::from(found.1))
        };
        let proxy = choose(&settings, variable)?;
        let host = |proxy: Proxy| proxy.uri.authority().unwrap().to_string();
        Ok(proxy.map(host).unwrap_or_else(|| "direct".to_owned()))
    }

    #[test]
    fn the_environment_is_read_in_the_usual_order() {
        let all = [
            ("ALL_PROXY", "all:1"),
            ("HTTP_PROXY", "http:1"),
            ("HTTPS_PROXY", "https:1"),
        ];
        for (base_url, environment, expected) in [
            (API, &[][..], "direct"),
            (API, &all, "https:1"),
            (API, &all[..2], "all:1"),
            (API, &all[1..2], "direct"),
            (PLAIN, &all, "http:1"),
            (PLAIN, &all[..1], "all:1"),
            (PLAIN, &all[2..], "direct"),
            ("http://127.0.0.1:4000", &all, "direct"),
            ("https://localhost", &all, "direct"),
            (API, &[("https_proxy", "lower:1")], "lower:1"),
            (
                API,
                &[("HTTPS_PROXY", "upper:1"), ("https_proxy", "lower:1")],
                "upper:1",
            ),
            (
                API,
                &[("HTTPS_PROXY", ""), ("https_proxy", "lower:1")],
                "lower:1",
            ),
            (API, &[("HTTPS_PROXY", ""), ("ALL_PROXY", "all:1")], "all:1"),
            (API, &[("HTTPS_PROXY", " http://spaces:1 ")], "spaces:1"),
            // A CGI program's HTTP_PROXY is a header of whoever sent the request.
            (
                PLAIN,
                &[("HTTP_PROXY", "evil:1"), ("REQUEST_METHOD", "GET")],
                "direct",
            ),
            (
                PLAIN,
                &[("http_proxy", "own:1"), ("REQUEST_METHOD", "GET")],
                "own:1",
            ),
            (
                API,
                &[("HTTPS_PROXY", "own:1"), ("REQUEST_METHOD", "GET")],
                "own:1",
            ),
            // NO_PROXY comes before everything but the setting.
            (
                API,
                &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "knock.app")],
                "direct",
            ),
            (
                API,
                &[
                    ("HTTPS_PROXY", "p:1"),
                    ("NO_PROXY", ""),
                    ("no_proxy", "knock.app"),
                ],
                "direct",
            ),
            (
                API,
                &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "knock.app:443")],
                "direct",
            ),
            (
                API,
                &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "knock.app:80")],
                "p:1",
            ),
            (
                PLAIN,
                &[("HTTP_PROXY", "p:1"), ("NO_PROXY", "ingen.net:4000")],
                "direct",
            ),
            (
                API,
                &[("HTTPS_PROXY", "socks5://p:1"), ("NO_PROXY", "*")],
                "direct",
            ),
            (
                API,
                &[("HTTPS_PROXY", "nonsense://"), ("NO_PROXY", "*")],
                "direct",
            ),
            (
                API,
                &[("HTTPS_PROXY", "p:1"), ("ALL_PROXY", "socks5://s:1")],
                "p:1",
            ),
            (
                "http://localhost:4000",
                &[("ALL_PROXY", "socks5://s:1")],
                "direct",
            ),
        ] {
            let chosen = with(base_url, None, environment);
            assert_eq!(chosen.unwrap(), expected, "{base_url} {environment:?}");
        }
        let no_proxy = [("HTTPS_PROXY", "p:1"), ("NO_PROXY", "*")];
        assert_eq!(with(API, Some("set:1"), &no_proxy).unwrap(), "set:1");
        assert_eq!(with(API, Some(""), &no_proxy[..1]).unwrap(), "direct");
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_that_names_where_it_stands() {
        for (url, reason) in [
            ("socks5://hunter2:1", "is a SOCKS proxy"),
            ("socks5h://hunter2:1", "is a SOCKS proxy"),
            ("ftp://hunter2:1", "is not the URL"),
            ("hunter2 hunter2", "is not the URL"),
            ("/hunter2", "is not the URL"),
            ("http://hunter2:99999", "has a port"),
            ("http://hunter2:abc", "has a port"),
            ("http://hunter2:0", "has a port"),
            ("http://hunter2:", "has a port"),
            ("hunter2:99999", "has a port"),
            ("http://user:hunter2@proxy:99999", "has a port"),
            ("http://[::1]:99999", "has a port"),
        ] {
            for (name, result) in [
                ("proxy ", with(API, Some(url), &[])),
                ("HTTPS_PROXY ", with(API, None, &[("HTTPS_PROXY", url)])),
                ("all_proxy ", with(API, None, &[("all_proxy", url)])),
            ] {
                let error = result.expect_err(url);
                let message = error.message();
                assert!(message.starts_with(name), "{url}: {message}");
                assert!(message.contains(reason), "{url}: {message}");
                assert!(!message.contains("hunter2"), "{message}");
            }
        }
        for url in [
            "http://user:p%40ss@proxy:3128",
            "http://[::1]",
            "proxy",
            "https://proxy",
        ] {
            with(API, Some(url), &[]).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_text_is_an_error_and_not_a_direct_call() {
        use std::os::unix::ffi::OsStringExt;
        let base_url = BaseUrl::parse(API, false).unwrap();
        for (broken, fine) in [("HTTPS_PROXY", "NO_PROXY"), ("NO_PROXY", "HTTPS_PROXY")] {
            let variable = |name: &str| match name {
                _ if name == broken => Some(OsString::from_vec(b"proxy\xff".to_vec())),
                _ if name == fine => Some(OsString::from("ingen.net")),
                _ => None,
            };
            let error = choose(&Settings::for_tests(&base_url), variable).err();
            let message = error.expect(broken).message().to_owned();
            assert!(
                message.contains(broken) && message.contains("UTF-8"),
                "{message}"
            );
        }
    }
}
