//! Calls that come to an address where there is nothing, and the base address that was most likely meant.
//!
//! Client libraries put `/v1/messages` behind what they are given as `ANTHROPIC_BASE_URL`, others `/messages`, and few of
//! them look at the slash between. What they are given wrongly would be answered by the API, or by Tacho's own pages, with
//! a "not found" that names no mistake.

use std::iter;

use domain::usage::endpoint;
use http::HeaderMap;

use super::refusal::CallRefusal;

/// Where everything of the proxy begins.
const PROXY: &str = "proxy";
/// The version of the API in every path of it.
const VERSION: &str = "v1";
/// What is wrong with the address of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Astray {
    /// The path that the base address should have; nothing when that is not obvious.
    base: Option<String>,
    /// Whether the path may lead to several places.
    is_ambiguous: bool,
}

impl Astray {
    /// What is wrong with a path.
    pub fn of(path: &str) -> Self {
        let read = Read::of(path).filter(|read| read.versions > 0 || read.is_known());
        Astray {
            base: read.map(|read| read.base + if read.versions > 0 { "" } else { "/v1" }),
            is_ambiguous: false,
        }
    }

    /// A path that may lead to several places, such as one with `..` between slashes.
    pub fn by_spelling() -> Self {
        Astray { base: None, is_ambiguous: true }
    }

    /// A call that came to where there is nothing, though it is meant for the API.
    pub fn from_elsewhere(path: &str, headers: &HeaderMap) -> Option<Self> {
        // Every client library names the version of the API it speaks.
        let calls_api = headers.contains_key("anthropic-version")
            || Read::of(path).is_some_and(|read| read.versions > 0 && read.is_known());
        calls_api.then(|| Astray::of(path))
    }

    /// Whether what would go to the API, which begins with `/v1/`, can only be a mistake: it names the version twice, or
    /// has something between it and an endpoint. Other paths are the API's business, whatever they look like.
    pub fn is_certain(path: &str) -> bool {
        Read::of(path).is_some_and(|read| {
            let is_as_usual = path.strip_prefix("/v1/").is_some_and(|rest| rest.starts_with(read.first));
            read.versions > 1 || !is_as_usual && read.is_known()
        })
    }

    /// Whether the address that was meant is known.
    pub fn is_obvious(&self) -> bool {
        self.base.is_some()
    }

    /// How the caller is told. `tacho` is the address of Tacho.
    pub fn refusal(self, tacho: &str) -> CallRefusal {
        if self.is_ambiguous {
            return CallRefusal::not_found(
                "a path with `.` or `..` between slashes, control characters, bytes that are no UTF-8, or encodings \
                 within encodings may lead to several places; send the one that is meant, encoded once",
            );
        }
        let Some(base) = self.base else {
            return CallRefusal::not_found(format!(
                "the proxy passes calls on to /v1/...; set ANTHROPIC_BASE_URL={tacho}/proxy, or \
                 {tacho}/proxy/p/<project>/f/<feature>"
            ));
        };
        let version = match base.ends_with("/v1") {
            true => "with /v1, which this client does not add itself",
            false => "without /v1, which the client adds itself",
        };
        CallRefusal::wrong_base_url(format!(
            "the base address of this client does not lead to the proxy; set ANTHROPIC_BASE_URL={tacho}{base}, exactly so: \
             without a slash at its end, and {version}"
        ))
    }
}

/// A path as it may have been meant: empty segments do not count, nor what stands there twice.
struct Read<'a> {
    /// `/proxy`, and what the call is for.
    base: String,
    /// How often the version of the API is named before what follows.
    versions: usize,
    /// The first segment that is for the API.
    first: &'a str,
}

impl<'a> Read<'a> {
    /// Nothing when nothing is left for the API.
    fn of(path: &'a str) -> Option<Self> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let (mut base, mut versions) = (format!("/{PROXY}"), 0);
        loop {
            match segments.next()? {
                PROXY => {}
                VERSION => versions += 1,
                name @ ("p" | "f") => match segments.next()? {
                    // The name was not filled in.
                    VERSION if segments.clone().next() != Some(VERSION) => versions += 1,
                    value => base.extend(["/", name, "/", value]),
                },
                first if versions == 0 && endpoint::at(first).is_none() => {
                    // The address of something else, as other proxies have it: `/anthropic/v1/messages`.
                    let mut rest = segments.skip_while(|segment| *segment != VERSION).skip(1);
                    return match rest.next().filter(|first| endpoint::at(first).is_some()) {
                        Some(first) => Some(Read { base, versions: 1, first }),
                        None => Some(Read { base, versions, first }),
                    };
                }
                first => {
                    let path: Vec<&str> = iter::once(first).chain(segments).collect();
                    return Some(Read { base, versions: versions + usize::from(goes_on(&path)), first });
                }
            }
        }
    }

    fn is_known(&self) -> bool {
        endpoint::at(self.first).is_some()
    }
}

/// Whether a path is an endpoint with another behind it, version and all: the base address was that of the endpoint.
fn goes_on(path: &[&str]) -> bool {
    path.windows(2).enumerate().any(|(place, pair)| {
        pair[0] == VERSION && endpoint::at(pair[1]).is_some() && endpoint::is_listed(&path[..place].join("/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_address_that_was_meant_is_named() {
        for (path, base) in [
            ("/proxy//v1/messages", "/proxy"),
            ("/proxy///v1/messages/batches/b/results", "/proxy"),
            ("/proxy/v1/v1/messages", "/proxy"),
            ("/proxy/v1//v1/anything", "/proxy"),
            ("/proxy/p/shop//v1/messages", "/proxy/p/shop"),
            ("/proxy//p/shop/f/a%2Fb//v1/models", "/proxy/p/shop/f/a%2Fb"),
            ("/proxy/v1/p/shop/v1/messages", "/proxy/p/shop"),
            ("/proxy/proxy/v1/messages", "/proxy"),
            ("/proxy/p/v1/messages", "/proxy"),
            ("/proxy/messages", "/proxy/v1"),
            ("/proxy/p/shop/messages/count_tokens", "/proxy/p/shop/v1"),
            ("/proxy//complete", "/proxy/v1"),
            ("/proxy/v1//messages", "/proxy"),
            ("/v1/messages", "/proxy"),
            ("//v1/models", "/proxy"),
            ("/p/shop/v1/messages", "/proxy/p/shop"),
            ("/anthropic/v1/messages", "/proxy"),
            ("/proxy/x/v1/messages", "/proxy"),
            ("/proxy/v1/messages/v1/messages", "/proxy"),
            ("/proxy/v1/messages/v1/messages/count_tokens", "/proxy"),
            ("/proxy/v1/messages/count_tokens/v1/messages", "/proxy"),
            ("/proxy/p/shop/v1/messages/v1/models", "/proxy/p/shop"),
            ("/proxy/messages/v1/messages", "/proxy"),
            ("/messages/v1/messages", "/proxy"),
        ] {
            assert_eq!(Astray::of(path).base.as_deref(), Some(base), "{path}");
        }
        for path in
            ["/proxy", "/proxy/v2/messages", "/proxy/x/v1/things", "/proxy/p/a", "/proxy/p", "/proxy/v1"]
        {
            assert_eq!(Astray::of(path).base, None, "{path}");
        }
    }

    #[test]
    fn what_may_be_a_path_of_the_api_is_no_mistake() {
        for (path, is_certain) in [
            ("/v1/messages", false),
            ("/v1/messages/", false),
            ("/v1/messages//batches", false),
            ("/v1/anything/v1/messages", false),
            ("/v1//p/x", false),
            ("/v1//anything", false),
            ("/v1/p", false),
            ("/v1/models/p/v1", false),
            ("/v1//messages", true),
            ("/v1/v1/messages", true),
            ("/v1//v1/anything", true),
            ("/v1/p/shop/messages", true),
            ("/v1/messages/v1/messages", true),
            ("/v1/messages/x/v1/models", false),
            ("/v1/proxy/v1/messages", true),
        ] {
            assert_eq!(Astray::is_certain(path), is_certain, "{path}");
        }
    }

    #[test]
    fn only_calls_of_the_api_are_told_elsewhere() {
        let version =
            HeaderMap::from_iter([("anthropic-version".parse().unwrap(), "2026-10-21".parse().unwrap())]);
        let told = |path: &str, headers: &HeaderMap| Astray::from_elsewhere(path, headers).is_some();
        assert!(told("/v1/messages", &HeaderMap::new()) && told("//v1/messages", &HeaderMap::new()));
        assert!(told("/v1/anything", &version) && told("/messages", &version) && told("/", &version));
        for path in ["/v1/anything", "/messages", "/models", "/v1/limits/messages"] {
            assert!(!told(path, &HeaderMap::new()), "{path}");
        }
    }
}
