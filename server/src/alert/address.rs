//! Where messages may go. A receiver's address is chosen by whoever may add channels, and Tacho stands inside
//! the network: without this it would be a door into it.
//!
//! The check runs when a channel is saved, to explain; and again on every attempt inside the resolver, to
//! decide: only addresses that pass are connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::secrets::without_credentials;

/// Ports of services that must never be spoken to over HTTP.
const DENIED_PORTS: [u16; 12] = [21, 22, 23, 25, 53, 110, 143, 445, 465, 587, 2_375, 6_379];
const DENIED_SUFFIXES: [&str; 7] =
    [".localhost", ".localdomain", ".internal", ".local", ".home.arpa", ".lan", ".intranet"];
const METADATA_NAMES: [&str; 3] = ["metadata", "metadata.google.internal", "instance-data"];

/// Which addresses are allowed.
#[derive(Debug, Clone)]
pub struct AllowedAddresses {
    allow_cidrs: Vec<IpNet>,
    allow_loopback: bool,
    own: SocketAddr,
}

/// Which addresses a request may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Those of networks that are allowed by name.
    OwnNetworks,
    /// Those of the internet.
    Public,
    Both,
}

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("`{0}` is not a web address; it must look like https://example.com/hooks/tacho")]
    NotAUrl(String),
    /// Another scheme than http or https.
    #[error("the address must begin with https://")]
    Scheme,
    /// A name or password in the address.
    #[error("the address must not hold a user name or password; messages are signed instead")]
    UserInfo,
    /// A port of another service.
    #[error("port {0} belongs to another kind of service")]
    Port(u16),
    /// Tacho's own port.
    #[error(
        "this is Tacho's own port: it is refused at every address that may be Tacho's. Let the receiver listen on another"
    )]
    Own,
    /// Not a public address.
    #[error(
        "{0} is not a public address. If it is yours and meant, allow its network: `[webhooks] allow_cidrs` in tacho.toml or TACHO_WEBHOOKS_ALLOW_CIDRS, for example 10.0.0.0/8"
    )]
    NotPublic(String),
    /// Plain http to a public address.
    #[error("http:// is only for networks in `webhooks.allow_cidrs`; use https://")]
    PlainHttp,
}

impl AddressError {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            AddressError::NotAUrl(_) => "invalid_url",
            AddressError::Scheme => "invalid_scheme",
            AddressError::UserInfo => "userinfo_refused",
            AddressError::Port(_) => "port_refused",
            AddressError::Own => "own_address",
            AddressError::NotPublic(_) => "address_refused",
            AddressError::PlainHttp => "https_required",
        }
    }
}

impl AllowedAddresses {
    /// The addresses for a Tacho that listens on `own`. With `allow_loopback` receivers on this machine are fine.
    pub fn new(allow_cidrs: Vec<IpNet>, allow_loopback: bool, own: SocketAddr) -> Self {
        AllowedAddresses { allow_cidrs, allow_loopback, own }
    }

    /// Which addresses a request to `url` may go to. What is sent in clear stays inside; and Tacho's own port is
    /// only somebody else's at a public address.
    pub fn destination(&self, url: &Url) -> Destination {
        if url.scheme() == "http" {
            Destination::OwnNetworks
        } else if url.port_or_known_default() == Some(self.own.port()) {
            Destination::Public
        } else {
            Destination::Both
        }
    }

    /// Whether an address may be connected to.
    pub fn allows(&self, address: IpAddr, destination: Destination) -> bool {
        let address = address.to_canonical();
        match destination {
            Destination::OwnNetworks => self.is_own_network(address),
            Destination::Public => is_public(address),
            Destination::Both => self.is_own_network(address) || is_public(address),
        }
    }

    fn is_own_network(&self, address: IpAddr) -> bool {
        (self.allow_loopback && address.is_loopback())
            || self.allow_cidrs.iter().any(|net| net.contains(&address))
    }
}

/// Checks an address as it is typed. Names are resolved only when a message is sent.
pub fn check_url(text: &str, addresses: &AllowedAddresses) -> Result<Url, AddressError> {
    let url = Url::parse(text).map_err(|_| AddressError::NotAUrl(without_credentials(text)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(AddressError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::UserInfo);
    }
    let port = url.port_or_known_default().unwrap_or(0);
    if DENIED_PORTS.contains(&port) {
        return Err(AddressError::Port(port));
    }
    let inside = match url.host() {
        None => return Err(AddressError::NotAUrl(without_credentials(text))),
        Some(Host::Ipv4(address)) => check_ip(address.into(), port, addresses)?,
        Some(Host::Ipv6(address)) => check_ip(address.into(), port, addresses)?,
        Some(Host::Domain(name)) => check_name(name, port, addresses)?,
    };
    if url.scheme() == "http" && !inside {
        return Err(AddressError::PlainHttp);
    }
    if url.scheme() == "http" && port == addresses.own.port() {
        return Err(AddressError::Own);
    }
    Ok(url)
}

/// Whether the address is in an allowed network. Which of those are this machine's is not known, so that Tacho's
/// own port is refused at all of them.
fn check_ip(address: IpAddr, port: u16, addresses: &AllowedAddresses) -> Result<bool, AddressError> {
    let address = address.to_canonical();
    if !addresses.allows(address, Destination::Both) {
        return Err(AddressError::NotPublic(address.to_string()));
    }
    if port == addresses.own.port() && (!is_public(address) || address == addresses.own.ip().to_canonical()) {
        return Err(AddressError::Own);
    }
    Ok(addresses.is_own_network(address))
}

/// Whether the name is one of an allowed network. Its addresses are checked on every attempt.
fn check_name(name: &str, port: u16, addresses: &AllowedAddresses) -> Result<bool, AddressError> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" {
        return check_ip(Ipv4Addr::LOCALHOST.into(), port, addresses);
    }
    let inside = METADATA_NAMES.contains(&name.as_str())
        || DENIED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        || !name.contains('.');
    if inside && addresses.allow_cidrs.is_empty() {
        return Err(AddressError::NotPublic(name));
    }
    Ok(inside)
}

/// Addresses that every host on the internet may be asked to connect to. Source: the IANA special-purpose
/// registries; what tunnels IPv4 inside IPv6 is judged by the IPv4 address, or refused.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_unspecified()
        || a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // 2000::/3 is all that is given out; within it, tunnels and documentation are not for us.
    (0x2000..0x4000).contains(&segments[0])
        && segments[0] != 0x2002
        && !(segments[0] == 0x2001 && segments[1] < 0x0200)
        && !(segments[0] == 0x2001 && segments[1] == 0x0db8)
        && !(segments[0] == 0x3fff && segments[1] < 0x1000)
}

/// Resolves names to allowed addresses of one destination only.
#[derive(Clone)]
pub struct Resolver(pub Arc<AllowedAddresses>, pub Destination);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Resolver(addresses, destination) = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| addresses.allows(address.ip(), destination)).collect();
            if allowed.is_empty() {
                return Err(AddressError::NotPublic(name.as_str().to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(allow: &[&str], allow_loopback: bool) -> AllowedAddresses {
        let allow = allow.iter().map(|net| net.parse().expect("a network")).collect();
        AllowedAddresses::new(allow, allow_loopback, ([127, 0, 0, 1], 8787).into())
    }

    #[test]
    fn only_public_addresses_pass() {
        let closed = addresses(&[], false);
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://017700000001/",
            "https://①②⑦.0.0.1/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://10.0.0.1/",
            "https://10.1/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://0xa9fea9fe/",
            "https://2852039166/",
            "https://metadata.google.internal/",
            "https://metadata/",
            "https://instance-data/",
            "https://100.64.0.1/",
            "https://100.127.255.255/",
            "https://0.0.0.0/",
            "https://0/",
            "https://0.1.2.3/",
            "https://192.0.0.1/",
            "https://192.0.2.1/",
            "https://198.18.0.1/",
            "https://198.19.255.255/",
            "https://198.51.100.1/",
            "https://203.0.113.1/",
            "https://192.88.99.1/",
            "https://224.0.0.1/",
            "https://239.255.255.255/",
            "https://240.0.0.1/",
            "https://255.255.255.255/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[::127.0.0.1]/",
            "https://[fe80::1]/",
            "https://[fc00::1]/",
            "https://[fd00:ec2::254]/",
            "https://[ff02::1]/",
            "https://[2002:7f00:1::]/",
            "https://[2002:a00:1::]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[64:ff9b:1::1]/",
            "https://[2001::1]/",
            "https://[2001:db8::1]/",
            "https://[100::1]/",
            "https://[5f00::1]/",
            "https://printer.local/",
            "https://intranet/",
            "https://db.internal/",
        ] {
            let error = check_url(url, &closed).expect_err(url);
            assert_eq!(error.code(), "address_refused", "{url}");
        }
        for url in [
            "https://example.com/hook",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1::1]/",
            "https://1.1.1.1:8443/",
        ] {
            assert!(check_url(url, &closed).is_ok(), "{url}");
        }
    }

    #[test]
    fn other_refusals_say_why() {
        let closed = addresses(&[], false);
        for (url, code) in [
            ("nonsense", "invalid_url"),
            ("ftp://example.com/", "invalid_scheme"),
            ("file:///etc/passwd", "invalid_scheme"),
            ("https://user@example.com/", "userinfo_refused"),
            ("https://a:b@example.com/", "userinfo_refused"),
            ("https://example.com:22/", "port_refused"),
            ("http://example.com/", "https_required"),
        ] {
            assert_eq!(check_url(url, &closed).expect_err(url).code(), code, "{url}");
        }
    }

    #[test]
    fn own_networks_are_allowed_when_named_and_tacho_itself_never() {
        let open = addresses(&["10.0.0.0/8"], true);
        assert!(check_url("http://10.1.2.3/hook", &open).is_ok());
        assert!(check_url("http://127.0.0.1:9000/hook", &open).is_ok());
        assert!(check_url("http://localhost:9000/hook", &open).is_ok());
        assert_eq!(check_url("http://127.0.0.1:8787/v1/events", &open), Err(AddressError::Own));
        assert_eq!(check_url("http://localhost:8787/", &open), Err(AddressError::Own));
        assert!(check_url("http://192.168.0.1/", &open).is_err());
    }

    #[test]
    fn the_own_port_is_refused_wherever_tacho_may_listen() {
        let everywhere = AllowedAddresses::new(
            vec!["10.0.0.0/8".parse().expect("a network")],
            false,
            ([0, 0, 0, 0], 8787).into(),
        );
        for url in ["http://10.0.0.5:8787/", "https://10.0.0.5:8787/", "http://tacho-host:8787/"] {
            assert_eq!(check_url(url, &everywhere), Err(AddressError::Own), "{url}");
        }
        let elsewhere = check_url("https://tacho.example.com:8787/", &everywhere).expect("may be public");
        assert_eq!(everywhere.destination(&elsewhere), Destination::Public);
        assert!(!everywhere.allows([10, 0, 0, 5].into(), Destination::Public));
    }

    #[tokio::test]
    async fn what_is_sent_in_clear_stays_inside() {
        let open = Arc::new(addresses(&["10.0.0.0/8"], true));
        let inside = check_url("http://hooks.internal/", &open).expect("a name of an allowed network");
        assert_eq!(open.destination(&inside), Destination::OwnNetworks);
        assert!(!open.allows([93, 184, 216, 34].into(), Destination::OwnNetworks));
        for (destination, passes) in
            [(Destination::OwnNetworks, true), (Destination::Both, true), (Destination::Public, false)]
        {
            let name = "localhost".parse().expect("a name");
            assert_eq!(
                Resolver(open.clone(), destination).resolve(name).await.is_ok(),
                passes,
                "{destination:?}"
            );
        }
    }
}
