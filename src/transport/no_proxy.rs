//! The hosts that `NO_PROXY` excepts from the proxy of the environment, in the forms that curl takes,
//! and in those that other clients take: with a port, and with `*` in a list or before a domain.

use std::net::IpAddr;

/// Whether a list covers a host, on this port.
///
/// Entries are separated by commas or white space. A domain, with or without a dot (or `*.`) in
/// front, covers itself and the hosts below it; an address covers itself, and with a prefix
/// length its network; `*` covers everything. `host:port` holds for that port alone. Names are
/// never looked up.
pub(super) fn covers(list: &str, host: &str, port: u16) -> bool {
    let host = without_dot(bare(host));
    let entries = list.split(|c: char| c == ',' || c.is_whitespace());
    entries
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry_covers(entry, host, port))
}

fn entry_covers(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    let (entry, only) = split_port(entry);
    if only.is_some_and(|only| only != port) {
        return false;
    }
    match host.parse::<IpAddr>() {
        Ok(address) => network_covers(bare(entry), address),
        Err(_) => domain_covers(entry, host),
    }
}

/// Splits the port off; the colons of a bare IPv6 address are its own.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    let with_port = entry.rsplit_once(':').and_then(|(host, port)| {
        let is_host = host.ends_with(']') || !host.contains(':');
        Some((host, port.parse().ok()?)).filter(|_| is_host)
    });
    match with_port {
        Some((host, port)) => (host, Some(port)),
        None => (entry, None),
    }
}

fn domain_covers(entry: &str, host: &str) -> bool {
    let entry = entry.strip_prefix('*').unwrap_or(entry);
    let domain = without_dot(entry.strip_prefix('.').unwrap_or(entry));
    let Some(start) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (front, end) = host.as_bytes().split_at(start);
    !domain.is_empty()
        && end.eq_ignore_ascii_case(domain.as_bytes())
        && (front.is_empty() || front.ends_with(b"."))
}

fn network_covers(entry: &str, address: IpAddr) -> bool {
    let (network, length) = match entry.split_once('/') {
        Some((network, length)) => (bare(network), Some(length)),
        None => (entry, None),
    };
    let Ok(network) = without_dot(network).parse::<IpAddr>() else {
        return false;
    };
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits().into(), address.to_bits().into(), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let length = length.map_or(Some(width), |length| length.parse().ok());
    length.is_some_and(|length: u32| {
        let differs: u128 = network ^ address;
        length <= width && (length == 0 || differs >> (width - length) == 0)
    })
}

fn bare(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host)
}

fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_covers_what_curl_says_it_covers() {
        let api = "api.knock.app";
        for (list, host, covered) in [
            ("", api, false),
            ("*", api, true),
            ("localhost, *", api, true),
            // Names, and domains for their hosts.
            ("api.knock.app", api, true),
            ("API.Knock.App", api, true),
            ("knock.app", api, true),
            (".knock.app", api, true),
            (".knock.app", "knock.app", true),
            ("*.knock.app", api, true),
            ("ock.app", api, false),
            ("knock.app", "knock.app.ingen.net", false),
            ("www.api.knock.app", api, false),
            (".", api, false),
            // Trailing dots are the root.
            ("knock.app.", api, true),
            ("knock.app", "api.knock.app.", true),
            // Lists.
            ("localhost,knock.app", api, true),
            ("localhost, knock.app", api, true),
            ("localhost knock.app", api, true),
            ("  ,, localhost\tknock.app ,", api, true),
            ("localhost,ingen.net", api, false),
            // Ports.
            ("api.knock.app:443", api, true),
            ("knock.app:443", api, true),
            ("knock.app:8443", api, false),
            ("[2001:db8::1]:443", "[2001:db8::1]", true),
            ("[2001:db8::1]:80", "[2001:db8::1]", false),
            ("192.0.2.7:443", "192.0.2.7", true),
            // Addresses and networks.
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.70", false),
            ("192.0.2.0/24", "192.0.2.7", true),
            ("192.0.2.0/24", "192.0.3.7", false),
            ("192.0.2.6/31", "192.0.2.7", true),
            ("0.0.0.0/0", "192.0.2.7", true),
            ("0.0.0.0/0", "[2001:db8::1]", false),
            ("192.0.2.0/33", "192.0.2.0", false),
            ("192.0.2.0/x", "192.0.2.0", false),
            ("0.2.7", "192.0.2.7", false),
            ("2001:db8::1", "[2001:db8::1]", true),
            ("[2001:db8::1]", "[2001:db8::1]", true),
            ("2001:DB8:0::1", "[2001:db8::1]", true),
            ("2001:db8::/32", "[2001:db8::1]", true),
            ("[2001:db8::]/32", "[2001:db8::1]", true),
            ("2001:db9::/32", "[2001:db8::1]", false),
            ("2001:db8::2", "[2001:db8::1]", false),
            // A name is not looked up.
            ("0.0.0.0/0,::/0", api, false),
        ] {
            assert_eq!(covers(list, host, 443), covered, "{list:?} for {host}");
        }
    }
}
