//! Questions and forms of the interface: whatever is wrong with one is said with a status and a code, and is no mistake of Tacho.

use reqwest::Method;

use crate::harness::tacho::Tacho;

const POSTCARD: &str = "application/x-postcard";
/// `Question::Feed`, as the interface asks it.
const FEED: &[u8] = &[1, 6];

/// Every form.
const FORMS: [&str; 7] = [
    "add_channel",
    "remove_channel",
    "enable_channel",
    "test_channel",
    "redeliver",
    "save_limit",
    "remove_limit",
];

#[tokio::test]
async fn a_form_that_cannot_be_read_or_makes_no_sense_is_refused_with_a_code() {
    let tacho = Tacho::at_noon().await;
    let (browser, cookie) = tacho.signed_in().await;
    let send = async |method: Method, form: &str, kind: &str, body: &[u8]| {
        let headers =
            [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin"), ("content-type", kind)];
        browser.send(method, &format!("/api/{form}"), &headers, body.to_vec()).await
    };
    let (url, json) = ("application/x-www-form-urlencoded", "application/json");
    let long = [b"id=".to_vec(), vec![b'a'; 70_000]].concat();
    for form in FORMS {
        for (method, kind, body, status, code) in [
            (Method::POST, url, &b""[..], 400, "malformed_question"),
            (Method::POST, url, b"\xff\xfe=\xff", 400, "malformed_question"),
            (Method::POST, url, &long, 413, "body_too_large"),
            (Method::POST, json, b"{\"id\":\"a\"}", 415, "unsupported_type"),
            (Method::GET, url, b"", 405, "method_not_allowed"),
        ] {
            let refused = send(method.clone(), form, kind, body).await;
            assert_eq!(
                (refused.status.as_u16(), refused.code().as_str()),
                (status, code),
                "{method} {form} {body:?}"
            );
        }
    }
    for (form, body, status, code) in [
        ("remove_channel", &b"id=chn_x"[..], 404, "not_found"),
        ("add_channel", b"form[name]=a&form[url]=ftp://a", 400, "invalid_scheme"),
    ] {
        let refused = send(Method::POST, form, url, body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (status, code), "{form}");
    }
    assert_eq!(send(Method::POST, "nothing", url, b"").await.status, 404);
}

#[tokio::test]
async fn a_question_that_cannot_be_read_is_refused_with_a_code() {
    let tacho = Tacho::at_noon().await;
    let (browser, cookie) = tacho.signed_in().await;
    let ask = async |method: Method, headers: &[(&str, &str)], body: &[u8]| {
        let mut all = vec![("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
        all.extend(headers);
        browser.send(method, "/api/ask", &all, body.to_vec()).await
    };
    let typed = [("content-type", POSTCARD)];
    assert_eq!(ask(Method::POST, &typed, FEED).await.status, 200);
    let long = vec![0; 70_000];
    // Seventeen times the feed: a page that is a page asks less.
    let many: Vec<u8> = std::iter::once(17).chain(std::iter::repeat_n(6, 17)).collect();
    let (no_type, form) = ([], [("content-type", "application/x-www-form-urlencoded")]);
    let zipped = [("content-type", POSTCARD), ("content-encoding", "gzip")];
    for (method, headers, body, status, code) in [
        (Method::POST, &typed[..], &b""[..], 400, "malformed_question"),
        (Method::POST, &typed, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 400, "malformed_question"),
        (Method::POST, &typed, b"{\"question\":\"Feed\"}", 400, "malformed_question"),
        (Method::POST, &typed, &[1, 3], 400, "malformed_question"),
        (Method::POST, &typed, &[1, 200], 400, "malformed_question"),
        (Method::POST, &typed, &[1, 9, 1, 2, 0xff, 0xfe], 400, "malformed_question"),
        (Method::POST, &zipped, b"\x1f\x8b\x08", 400, "malformed_question"),
        (Method::POST, &typed, &many, 400, "malformed_question"),
        (Method::POST, &typed, &long, 413, "body_too_large"),
        (Method::POST, &no_type, FEED, 415, "unsupported_type"),
        (Method::POST, &form, b"question=Feed", 415, "unsupported_type"),
        (Method::PUT, &typed, FEED, 405, "method_not_allowed"),
        (Method::DELETE, &typed, FEED, 405, "method_not_allowed"),
        (Method::GET, &typed, b"", 405, "method_not_allowed"),
    ] {
        let refused = ask(method.clone(), headers, body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (status, code), "{method} {body:?}");
        // The interface is told in its own encoding.
        let mut headers = headers.to_vec();
        headers.push(("accept", POSTCARD));
        let told = ask(method, &headers, body).await;
        assert_eq!((told.status.as_u16(), told.header("content-type")), (status, POSTCARD));
        assert!(told.text.contains(code), "{:?}", told.text);
    }
}
