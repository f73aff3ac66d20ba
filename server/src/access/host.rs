//! Hosts as requests and settings name them.

use http::uri::Authority;
use http::{HeaderMap, Uri, header};
use url::Host;

/// Every host that a request says it is for, with its port, as it stands: in its URI (over HTTP/2, and where the whole
/// URI is sent) and in each `Host`. What is no text is empty, and an empty `Host` says nothing.
pub fn named<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> impl Iterator<Item = Option<&'a str>> {
    let in_uri = uri.authority().map(Authority::as_str).map(Some);
    let in_headers = headers.get_all(header::HOST).iter().filter(|value| !value.is_empty());
    in_uri.into_iter().chain(in_headers.map(|value| value.to_str().ok()))
}

/// The host of `host` or `host:port`, however it is written; nothing for what is neither.
pub fn read(authority: &str) -> Option<Host> {
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => (&authority[..colon], &authority[colon + 1..]),
        _ => (authority, ""),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match Host::parse(host).ok()? {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(&name);
            (!name.is_empty()).then(|| Host::Domain(name.to_ascii_lowercase()))
        }
        Host::Ipv4(address) => Some(Host::Ipv4(address)),
        Host::Ipv6(address) => Some(address.to_ipv4_mapped().map_or(Host::Ipv6(address), Host::Ipv4)),
    }
}

/// Whether it is this machine, wherever it is asked. Names below `localhost` are no others' to give away (RFC 6761).
pub fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_same_however_it_is_written() {
        let name = |name: &str| Some(Host::Domain(name.to_owned()));
        for (written, host) in [
            ("tacho.example", name("tacho.example")),
            ("Tacho.Example.:8787", name("tacho.example")),
            ("tacho:", name("tacho")),
            ("localhost", name("localhost")),
            ("127.0.0.1:8787", Some(Host::Ipv4([127, 0, 0, 1].into()))),
            ("127.1", Some(Host::Ipv4([127, 0, 0, 1].into()))),
            ("[::1]:8787", Some(Host::Ipv6([0, 0, 0, 0, 0, 0, 0, 1].into()))),
            ("[::ffff:127.0.0.1]", Some(Host::Ipv4([127, 0, 0, 1].into()))),
        ] {
            assert_eq!(read(written), host, "{written}");
        }
        for none in [
            "",
            ":8787",
            ".",
            "a b",
            "a:b",
            "me@localhost",
            "localhost/x",
            "http://localhost",
            "[::1",
            "::1",
            "a?b",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn this_machine_is_told_from_what_only_looks_like_it() {
        let loopback = |written: &str| is_loopback(&read(written).expect("a host"));
        for written in
            ["localhost", "LOCALHOST.:1", "a.localhost", "127.0.0.1", "127.255.0.9:80", "[::1]", "0x7f.1"]
        {
            assert!(loopback(written), "{written}");
        }
        for written in [
            "evil.com",
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "notlocalhost",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "[fe80::1]",
        ] {
            assert!(!loopback(written), "{written}");
        }
    }

    #[test]
    fn every_place_counts_in_which_a_request_names_a_host() {
        let uri = Uri::from_static("http://a:1/x");
        let mut headers = HeaderMap::new();
        for host in ["b", "", "c"] {
            headers.append(header::HOST, host.parse().expect("a value"));
        }
        assert_eq!(named(&uri, &headers).collect::<Vec<_>>(), [Some("a:1"), Some("b"), Some("c")]);
        assert_eq!(named(&Uri::from_static("/x"), &HeaderMap::new()).count(), 0);
    }
}
