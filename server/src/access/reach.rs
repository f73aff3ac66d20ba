//! Who can reach this Tacho, and by which address: the one place that decides what is only for this machine.

use std::net::SocketAddr;

use url::Url;

/// What is no `public_url`. The address is not repeated: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "public_url (TACHO_PUBLIC_URL) is no address that people can use: it has the form https://tacho.example.com, with \
     https:// or http:// at its beginning and without a user name, a path, a query or a fragment. Tacho cannot be under a path \
     of another host: give it a host of its own. Leave it empty where people use the address that Tacho listens on"
)]
pub struct PublicUrlError;

/// The address that people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads the setting; nothing where it is empty.
    pub fn read(setting: &str) -> Result<Option<Self>, PublicUrlError> {
        if setting.trim().is_empty() {
            return Ok(None);
        }
        let url = Url::parse(setting).map_err(|_| PublicUrlError)?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_bare = url.username().is_empty() && url.password().is_none();
        let is_root =
            url.path().trim_matches('/').is_empty() && url.query().is_none() && url.fragment().is_none();
        if is_web && is_bare && is_root { Ok(Some(PublicUrl(url))) } else { Err(PublicUrlError) }
    }
}

/// From where this Tacho can be reached.
#[derive(Debug, Clone)]
pub struct Reach {
    listening: SocketAddr,
    public: Option<PublicUrl>,
}

impl Reach {
    /// Of a Tacho that listens on `listening`, and that people know by `public`.
    pub fn new(listening: SocketAddr, public: Option<PublicUrl>) -> Self {
        Reach { listening, public }
    }

    /// Whether nobody but this machine can reach it. Who has an address for others is behind something that passes on
    /// what they send, whatever it listens on itself.
    pub fn is_only_this_machine(&self) -> bool {
        self.listens_on_loopback() && self.public.is_none()
    }

    /// Whether it listens on this machine alone. Others may still come, through what passes their requests on.
    pub fn listens_on_loopback(&self) -> bool {
        self.listening.ip().to_canonical().is_loopback()
    }

    /// Whether people's browsers reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.0.scheme() == "https")
    }

    /// The host of the address that people use, where that is another than is listened on.
    pub fn public_host(&self) -> Option<&str> {
        self.public.as_ref().and_then(|public| public.0.host_str())
    }

    /// The address that people use, where that is another than is listened on, without a slash at its end.
    pub fn public_url(&self) -> Option<String> {
        self.public.as_ref().map(|public| public.0.as_str().trim_end_matches('/').to_owned())
    }

    /// The address that is listened on.
    pub fn listening_url(&self) -> String {
        format!("http://{}", self.listening)
    }

    /// The address that people use.
    pub fn base_url(&self) -> String {
        self.public_url().unwrap_or_else(|| self.listening_url())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(listening: &str, public: &str) -> Reach {
        Reach::new(listening.parse().expect("an address"), PublicUrl::read(public).expect("a URL"))
    }

    #[test]
    fn only_who_listens_on_loopback_for_nobody_else_is_alone() {
        for (listening, public, is_alone) in [
            ("127.0.0.1:8787", "", true),
            ("127.8.0.1:1", " ", true),
            ("[::1]:8787", "", true),
            ("[::ffff:127.0.0.1]:8787", "", true),
            ("127.0.0.1:8787", "https://tacho.example.com", false),
            ("127.0.0.1:8787", "http://127.0.0.1:8787", false),
            ("0.0.0.0:8787", "", false),
            ("[::]:8787", "", false),
            ("10.0.0.1:8787", "", false),
        ] {
            assert_eq!(reach(listening, public).is_only_this_machine(), is_alone, "{listening} {public}");
        }
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        for (written, url, is_https) in [
            ("https://tacho.example.com", "https://tacho.example.com", true),
            ("HTTPS://Tacho.Example.com:443//", "https://tacho.example.com", true),
            (" https://tacho.example.com/ ", "https://tacho.example.com", true),
            ("hTTps://tacho.example.com:8443/", "https://tacho.example.com:8443", true),
            ("HTTP://tacho.internal", "http://tacho.internal", false),
        ] {
            let reach = reach("127.0.0.1:1", written);
            assert_eq!((reach.base_url().as_str(), reach.is_https()), (url, is_https), "{written}");
        }
        assert_eq!(reach("127.0.0.1:1", "").base_url(), "http://127.0.0.1:1");
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for wrong in [
            "tacho.example.com",
            "tacho.example.com:8787",
            "localhost:8787",
            "//tacho.example.com",
            "ftp://tacho.example.com",
            "https://",
            "https://a b",
            "https://me:hunter2@tacho.example.com",
            "https://example.com/tacho",
            "https://tacho.example.com/?a=b",
            "https://tacho.example.com/#a",
            "ssh-ed25519 AAAA",
        ] {
            let error = PublicUrl::read(wrong).expect_err(wrong).to_string();
            assert!(error.contains("TACHO_PUBLIC_URL") && !error.contains("hunter2"), "{error}");
        }
    }
}
