//! The address of Tacho as its callers write it.

use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;

/// Where Tacho is found.
#[derive(Debug, Clone)]
pub struct BaseUrl {
    /// The address that the settings name, without a slash at its end.
    pub public: Option<String>,
    /// The address that is listened on.
    pub listening: String,
}

impl BaseUrl {
    /// As the sender of a request may write it: what the settings say, or else where the request went.
    pub fn for_caller(&self, head: &Parts) -> String {
        if let Some(public) = &self.public {
            return public.clone();
        }
        // Over HTTP/2 the host is in the URI.
        let host = head
            .uri
            .authority()
            .map(http::uri::Authority::as_str)
            .or_else(|| text(&head.headers, HOST.as_str()));
        let Some(host) = host.filter(|host| is_host(host)) else { return self.listening.clone() };
        let scheme =
            text(&head.headers, "x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
        format!("{scheme}://{host}")
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Names, addresses and ports; nothing that would read as something else in a sentence.
fn is_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(public: Option<&str>, uri: &str, headers: &[(&str, &str)]) -> String {
        let mut request = http::Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let listening = "http://0.0.0.0:8787".to_owned();
        BaseUrl { public: public.map(str::to_owned), listening }.for_caller(&head)
    }

    #[test]
    fn the_settings_speak_before_the_request_and_the_request_before_the_socket() {
        let host = ("host", "tacho.internal:8787");
        assert_eq!(told(Some("https://t.example"), "/v1/messages", &[host]), "https://t.example");
        assert_eq!(told(None, "/v1/messages", &[host]), "http://tacho.internal:8787");
        assert_eq!(told(None, "/", &[host, ("x-forwarded-proto", "https")]), "https://tacho.internal:8787");
        assert_eq!(told(None, "http://[::1]:9/", &[]), "http://[::1]:9");
        assert_eq!(told(None, "/", &[]), "http://0.0.0.0:8787");
        assert_eq!(told(None, "/", &[("host", "a b; rm -rf")]), "http://0.0.0.0:8787");
    }
}
