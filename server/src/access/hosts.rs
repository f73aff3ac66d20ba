//! Whether a request is for this Tacho by its name. A page may have a name of its own that its owner points to this
//! machine once the page is loaded (DNS rebinding): to the browser it then is one of Tacho's own, and would be here, too.

use http::{HeaderMap, Uri};
use url::Host;

use super::{Reach, host};
use crate::secrets::without_credentials;

/// How a request for another host is told.
pub const UNKNOWN: &str = "this Tacho does not go by the name that the request was sent to, as a page that has pointed its own \
                           name here would; set `public_url` to the address that people use (TACHO_PUBLIC_URL), or name \
                           further hosts in `allow_hosts` under [http] (TACHO_HTTP_ALLOW_HOSTS)";

/// What is no host.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no host for [http] allow_hosts: it is a name or an address, such as tacho.internal or 10.0.0.7, without \
     http://, a port or a star"
)]
pub struct HostError(String);

/// Hosts that the settings name.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Vec<Host>);

impl AllowedHosts {
    /// Those of the setting.
    pub fn new(written: &[String]) -> Result<Self, HostError> {
        let read = |written: &String| {
            let has_port = written.contains(':') && !written.ends_with(']');
            // Names are compared: one with a star in it would be nobody's.
            host::read(written)
                .filter(|_| !has_port && !written.contains('*'))
                .ok_or_else(|| HostError(without_credentials(written)))
        };
        written.iter().map(read).collect::<Result<_, _>>().map(AllowedHosts)
    }
}

/// The hosts that requests may be for.
#[derive(Debug, Clone)]
pub struct Hosts {
    by_name: Vec<Host>,
    also: Also,
}

/// Which hosts beside those that are named, and this machine itself.
#[derive(Debug, Clone, Copy)]
enum Also {
    None,
    /// Addresses, and names without a dot: nobody outside of this network gives those away.
    OfNetwork,
    /// Any: whoever asks needs a key, or the session of a browser, which keeps it for the name it was given under. A page
    /// with another name has neither.
    Any,
}

impl Hosts {
    /// Those of a Tacho that is reached so, and where calls of the API need a key for Tacho or do not.
    pub fn new(reach: &Reach, calls_need_key: bool, AllowedHosts(mut by_name): AllowedHosts) -> Self {
        by_name.extend(reach.public_host().and_then(host::read));
        let also = match (reach.listens_on_loopback(), calls_need_key) {
            (true, _) => Also::None,
            (false, false) => Also::OfNetwork,
            (false, true) => Also::Any,
        };
        Hosts { by_name, also }
    }

    /// Whether a request is for one of them, in every place in which it names one. Programs that speak HTTP/1.0 name none;
    /// browsers always do.
    pub fn know(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        matches!(self.also, Also::Any)
            || host::named(uri, headers)
                .all(|named| named.and_then(host::read).is_some_and(|host| self.allow(&host)))
    }

    fn allow(&self, host: &Host) -> bool {
        let is_of_network = || match host {
            Host::Domain(name) => !name.contains('.'),
            Host::Ipv4(_) | Host::Ipv6(_) => true,
        };
        host::is_loopback(host)
            || self.by_name.contains(host)
            || matches!(self.also, Also::OfNetwork) && is_of_network()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::PublicUrl;

    fn knows(listening: &str, public: &str, calls_need_key: bool, asked: &[&str]) -> bool {
        let public = PublicUrl::read(public).expect("a URL");
        let reach = Reach::new(listening.parse().expect("an address"), public);
        let allowed = ["Tacho.Internal", "10.0.0.7", "[fd00::7]"].map(str::to_owned);
        let hosts = Hosts::new(&reach, calls_need_key, AllowedHosts::new(&allowed).expect("hosts"));
        let mut request = http::Request::get("/");
        for host in asked {
            request = request.header("host", *host);
        }
        let request = request.body(()).expect("a request");
        hosts.know(request.uri(), request.headers())
    }

    const OWN: [&str; 8] = [
        "localhost:8787",
        "app.localhost",
        "127.0.0.1:1",
        "[::1]:8787",
        "tacho.internal:8787",
        "tacho.example.com.",
        "10.0.0.7",
        "[fd00:0::7]:1",
    ];
    const OF_NETWORK: [&str; 3] = ["192.168.1.7:8787", "tacho:8787", "[fd00::8]"];
    const FOREIGN: [&str; 5] =
        ["evil.com", "127.0.0.1.evil.com", "localhost.evil.com", "tacho.example.com.evil.com", "a b"];

    #[test]
    fn a_host_is_known_by_who_can_have_given_it() {
        let public = "https://tacho.example.com";
        for (listening, calls_need_key, of_network, any) in [
            ("127.0.0.1:8787", true, false, false),
            ("127.0.0.1:8787", false, false, false),
            ("0.0.0.0:8787", false, true, false),
            ("0.0.0.0:8787", true, true, true),
        ] {
            let known = |hosts: &[&str], expected| {
                for host in hosts {
                    assert_eq!(
                        knows(listening, public, calls_need_key, &[host]),
                        expected,
                        "{listening} {host}"
                    );
                }
            };
            known(&OWN, true);
            known(&OF_NETWORK, of_network);
            known(&FOREIGN, any);
            assert!(knows(listening, public, calls_need_key, &[]));
            assert_eq!(knows(listening, public, calls_need_key, &["localhost", "evil.com"]), any);
        }
    }

    proptest! {
        /// However it is written, no name that somebody can have bought is one of this machine's.
        #[test]
        fn a_bought_name_is_never_known(name in "[a-zA-Z0-9.%:@\\[\\]_-]{0,24}", end in "(\\.[cC]om|\\.evil\\.[a-z]{2,6})\\.?(:[0-9]{0,5})?") {
            let asked = format!("{name}{end}");
            prop_assert!(!knows("127.0.0.1:8787", "", false, &[&asked]));
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for wrong in
            ["", "http://tacho.internal", "tacho.internal:8787", "[::1]:1", "a/b", "*.internal", "me@tacho"]
        {
            assert!(AllowedHosts::new(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
