//! What the path of a proxied call says: what it is for, and where it goes.
//!
//! `/proxy/p/<project>/f/<feature>/v1/messages?beta=true` is for a project and a feature, and goes to
//! `/v1/messages?beta=true`. What goes on is never rewritten: `%2F` stays `%2F`. What is counted is the endpoint under
//! every spelling of it.

use std::borrow::Cow;

use domain::meter::Endpoint;
use domain::usage::EndpointClass;
use domain::usage::endpoint::{self, only_reads};
use http::{HeaderMap, Uri};

use super::astray::Astray;
use super::canonical::canonical;

/// Where everything of the proxy begins.
const PREFIX: &str = "/proxy";

/// Whether a request is for the proxy.
pub fn is_call(uri: &Uri) -> bool {
    uri.path().strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// The project, as it came; empty when the path names none.
    pub project: &'a str,
    /// The feature, as it came; empty when the path names none.
    pub feature: &'a str,
    /// The path at the API, as it came.
    pub path: &'a str,
    /// The query with its `?`, as it came; empty when there is none.
    pub query: &'a str,
    /// The path by which the endpoint is known.
    counted: Cow<'a, str>,
    /// A header asks gateways to take it for another request than it is.
    is_rewritten: bool,
}

impl<'a> Route<'a> {
    /// Reads the URI of a request.
    pub fn of(uri: &'a Uri) -> Result<Self, Astray> {
        let astray = || Astray::of(uri.path());
        let mut rest = uri.path().strip_prefix(PREFIX).ok_or_else(astray)?;
        let (mut project, mut feature) = ("", "");
        loop {
            let place = match rest.get(..3) {
                Some("/p/") => &mut project,
                Some("/f/") => &mut feature,
                _ => break,
            };
            let value = &rest[3..];
            let end = value.find('/').unwrap_or(value.len());
            *place = &value[..end];
            rest = &value[end..];
        }
        if !rest.starts_with("/v1/") && !HELLO.contains(&rest) || Astray::is_certain(rest) {
            return Err(astray());
        }
        // What it means is decided by who reads it last, and would be another endpoint than is counted here.
        let counted = counted(rest).ok_or_else(Astray::by_spelling)?;
        let all = uri.path_and_query().map_or("", |path_and_query| path_and_query.as_str());
        let query = all.find('?').map_or("", |start| &all[start..]);
        Ok(Route { project, feature, path: rest, query, counted, is_rewritten: false })
    }

    /// The same with what headers say about the request itself.
    pub fn under(self, headers: &HeaderMap) -> Self {
        Route { is_rewritten: is_rewritten(headers), ..self }
    }

    fn only_reads(&self, method: &http::Method) -> bool {
        !self.is_rewritten && only_reads(method.as_str())
    }

    /// A client asks whether anybody is there. Nobody but Tacho needs to answer that.
    pub fn is_hello(&self, method: &http::Method) -> Result<bool, Astray> {
        match HELLO.contains(&self.path) {
            true if method == http::Method::GET || method == http::Method::HEAD => Ok(true),
            true => Err(Astray::of(self.path)),
            false => Ok(false),
        }
    }

    /// What goes to the API.
    pub fn path_and_query(&self) -> String {
        format!("{}{}", self.path, self.query)
    }

    /// The endpoint in a few words, such as `messages`. What looks like an id is `{id}`, so that there are as many
    /// words as endpoints.
    pub fn endpoint_word(&self) -> String {
        let segments = self.below_version().split('/').filter(|segment| !segment.is_empty());
        let word = |segment: &str| match segment.bytes().any(|byte| byte.is_ascii_digit()) {
            true => "{id}".to_owned(),
            false => segment.to_owned(),
        };
        segments.map(word).collect::<Vec<_>>().join("/").chars().take(LONGEST_WORD).collect()
    }

    /// What the provider counts it with. What only reads generates nothing, wherever it goes; what a gateway may take
    /// for something else may generate, and so may a post to where there is only something to read.
    pub fn class(&self, method: &http::Method) -> EndpointClass {
        let (path, reads) = (self.below_version(), self.only_reads(method));
        match endpoint::at(path) {
            None | Some(EndpointClass::Messages) if reads => EndpointClass::Other,
            Some(EndpointClass::Other) if !reads && endpoint::is_only_read(path) => EndpointClass::Messages,
            Some(class) if !self.is_rewritten || class == EndpointClass::Agents => class,
            _ => EndpointClass::Messages,
        }
    }

    /// Whether it may lead to tokens that are used: it generates, or makes a batch of what does.
    pub fn may_spend(&self, method: &http::Method) -> bool {
        let generates = match self.class(method) {
            EndpointClass::Messages | EndpointClass::Agents => true,
            EndpointClass::Batches => !self.counted.ends_with("/cancel"),
            EndpointClass::CountTokens | EndpointClass::Files | EndpointClass::Other => false,
        };
        generates && !self.only_reads(method)
    }

    /// Whether its body says which model it is for: it may spend, or counts what would be.
    pub fn names_model(&self, method: &http::Method) -> bool {
        let counts = self.class(method) == EndpointClass::CountTokens && !self.only_reads(method);
        counts || self.may_spend(method)
    }

    /// Which endpoint it is.
    pub fn endpoint(&self, method: &http::Method) -> Endpoint {
        let of_a_batch = |rest: &str| rest.strip_suffix("/results").is_some_and(|id| !id.contains('/'));
        match &*self.counted {
            "/v1/messages" if method == http::Method::POST => Endpoint::Messages,
            path if path.strip_prefix("/v1/messages/batches/").is_some_and(of_a_batch) => {
                Endpoint::BatchResults
            }
            _ => match self.class(method) {
                _ if self.only_reads(method) => Endpoint::Free,
                EndpointClass::Messages | EndpointClass::Agents => Endpoint::Other,
                EndpointClass::CountTokens => Endpoint::CountTokens,
                EndpointClass::Batches | EndpointClass::Files | EndpointClass::Other => Endpoint::Free,
            },
        }
    }

    fn below_version(&self) -> &str {
        below_version(&self.counted)
    }
}

fn below_version(path: &str) -> &str {
    path.strip_prefix("/v1/").unwrap_or(path)
}

/// The path by which an endpoint is known: its canonical form, unless that is one that generates nothing, which only who
/// writes it plainly gets. Nothing when it may lead to several places.
fn counted(path: &str) -> Option<Cow<'_, str>> {
    let plain = canonical(path)?;
    let class = |path: &str| endpoint::at(below_version(path)).unwrap_or_default();
    let written = class(path);
    let is_free = class(&plain) != EndpointClass::Messages;
    Some(if is_free && written != class(&plain) { Cow::Borrowed(path) } else { plain })
}

/// Headers by which gateways and frameworks take a request for one of another method, or to another path.
const REWRITES: [&str; 12] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-url",
    "x-original-uri",
    "x-original-path",
    "x-rewrite-url",
    "x-forwarded-method",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-replaced-path",
    "x-envoy-original-path",
];

/// Whether a gateway behind may take a request for another than its first line says.
pub fn is_rewritten(headers: &HeaderMap) -> bool {
    REWRITES.iter().any(|name| headers.contains_key(*name))
}

/// Claude Code asks at the address it was given, and at one below it.
const HELLO: [&str; 3] = ["", "/", "/api/hello"];
const LONGEST_WORD: usize = 128;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use domain::usage::Usage;

    use super::*;

    fn route(uri: &'static str) -> Option<(String, String, String)> {
        let uri = Uri::from_static(uri);
        let route = Route::of(&uri).ok()?;
        Some((route.project.to_owned(), route.feature.to_owned(), route.path_and_query()))
    }

    #[test]
    fn a_prefix_says_what_a_call_is_for() {
        let read = |uri, project: &str, feature: &str, rest: &str| {
            assert_eq!(route(uri), Some((project.into(), feature.into(), rest.into())), "{uri}");
            assert!(is_call(&Uri::from_static(uri)));
        };
        read("/proxy/v1/messages", "", "", "/v1/messages");
        read("/proxy/v1/messages?beta=true&x=%2F", "", "", "/v1/messages?beta=true&x=%2F");
        read("/proxy/p/check%20out/v1/messages", "check%20out", "", "/v1/messages");
        read("/proxy/p/a/f/b%2Fc/v1/files/x%2Fy/content", "a", "b%2Fc", "/v1/files/x%2Fy/content");
        read("/proxy/f/b/p/a/v1/models", "a", "b", "/v1/models");
        read("/proxy/p/v1/v1/messages", "v1", "", "/v1/messages");
        read("/proxy/v1//p/x", "", "", "/v1//p/x");
        read("/proxy/p//v1/messages", "", "", "/v1/messages");
        read("/proxy/api/hello", "", "", "/api/hello");
        read("/proxy/p/a/", "a", "", "/");
        read("/proxy/p/a", "a", "", "");
        read("/proxy", "", "", "");
        for uri in [
            "/proxyx",
            "/proxy/v2/messages",
            "/proxy/p/a/x/v1/y",
            "/v1/messages",
            "/proxy//v1/messages",
            "/proxy/p/a//v1/messages",
            "/proxy/v1/v1/messages",
            "/proxy/v1//messages",
            "/proxy/messages",
        ] {
            assert_eq!(route(uri), None, "{uri}");
        }
        for (uri, is_one) in
            [("/proxyx", false), ("/v1/messages", false), ("/", false), ("/proxy/v2/messages", true)]
        {
            assert_eq!(is_call(&Uri::from_static(uri)), is_one, "{uri}");
        }
    }

    /// The hooks read the same file.
    #[test]
    fn every_way_in_calls_an_endpoint_the_same() {
        let file = include_str!("../../../tests/fixtures/endpoints.json");
        let rows: Vec<HashMap<String, String>> = serde_json::from_str(file).expect("rows");
        assert!(rows.len() > 15);
        for row in rows {
            let uri: Uri = format!("/proxy{}", row["path"]).parse().expect("a path");
            let method: http::Method = row["method"].parse().expect("a method");
            let route = Route::of(&uri).expect("a route");
            assert_eq!(route.endpoint_word(), row["endpoint"], "{row:?}");
            assert_eq!(route.class(&method).word(), row["class"], "{row:?}");
            let used = if only_reads(method.as_str()) { Usage::nothing() } else { Usage::default() };
            let told = format!("{method} {}", row["path"]);
            for word in [told.to_lowercase(), told.replace("/v1/", "https://gateway.example/v1/"), told] {
                let class = EndpointClass::of(&word, &used);
                assert_eq!(class.word(), row["class"], "{row:?}");
                let reads = only_reads(method.as_str());
                assert!(!reads || class.used(&word, Some(200), Usage::default()) == used, "{row:?}");
            }
            // The word alone does not say that a message is only read: who knows says its class.
            if !(row["class"] == "other" && row["endpoint"].starts_with("messages")) {
                assert_eq!(EndpointClass::of(&row["endpoint"], &used).word(), row["class"], "{row:?}");
            }
        }
    }

    #[test]
    fn no_spelling_of_a_path_makes_another_endpoint_of_it() {
        for uri in [
            "/proxy/v1/models/../messages",
            "/proxy/v1/files/%2e%2E/messages",
            "/proxy/v1/messages/count_tokens/..",
            "/proxy/v1/./messages",
        ] {
            assert_eq!(Route::of(&Uri::from_static(uri)), Err(Astray::by_spelling()), "{uri}");
        }
        let post = http::Method::POST;
        for uri in [
            "/proxy/v1/messages/x/v1/models",
            "/proxy/v1/messages;/v1/models",
            "/proxy/v1/complete/x/v1/models",
            "/proxy/v1/messages%2Fcount_tokens",
        ] {
            let uri = Uri::from_static(uri);
            let route = Route::of(&uri).expect("a route");
            assert_eq!(
                (route.class(&post), route.may_spend(&post)),
                (EndpointClass::Messages, true),
                "{uri}"
            );
        }
        let uri = Uri::from_static("/proxy/v1/messages/batches/");
        assert!(Route::of(&uri).expect("a route").may_spend(&post));
    }

    #[test]
    fn endpoints_have_words_without_ids() {
        for (uri, word, endpoint) in [
            ("/proxy/v1/messages", "messages", Endpoint::Messages),
            ("/proxy/v1/messages/count_tokens?beta=true", "messages/count_tokens", Endpoint::CountTokens),
            ("/proxy/v1/messages/batches", "messages/batches", Endpoint::Free),
            ("/proxy/v1/messages/batches/msgbatch_01Hk", "messages/batches/{id}", Endpoint::Free),
            (
                "/proxy/v1/messages/batches/msgbatch_01Hk/results",
                "messages/batches/{id}/results",
                Endpoint::BatchResults,
            ),
            ("/proxy/v1/files", "files", Endpoint::Free),
            ("/proxy/v1/filesystems", "filesystems", Endpoint::Other),
            ("/proxy/v1/complete", "complete", Endpoint::Other),
        ] {
            let uri = Uri::from_static(uri);
            let route = Route::of(&uri).expect("a route");
            assert_eq!(route.endpoint_word(), word);
            assert_eq!(route.endpoint(&http::Method::POST), endpoint, "{uri}");
        }
        let uri = Uri::from_static("/proxy/v1/messages");
        let route = Route::of(&uri).expect("a route");
        assert_eq!(route.endpoint(&http::Method::GET), Endpoint::Free);
        assert_eq!(route.endpoint(&http::Method::PUT), Endpoint::Other);
        let uri = Uri::from_static("/proxy/v1/messages/batches?beta=true");
        let route = Route::of(&uri).expect("a route");
        assert!(route.may_spend(&http::Method::POST) && !route.may_spend(&http::Method::GET));
    }
}
