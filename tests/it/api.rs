//! Forms of the interface: whatever is wrong with one is said with a status and a sentence on its page, and is no mistake of
//! Tacho.

use reqwest::Method;

use crate::harness::tacho::Tacho;

/// Every form that changes something of Tacho's.
const FORMS: [&str; 7] = [
    "/limits",
    "/limits/remove",
    "/alerts/channels",
    "/alerts/channels/remove",
    "/alerts/channels/enable",
    "/alerts/channels/test",
    "/alerts/redeliver",
];

#[tokio::test]
async fn a_form_that_cannot_be_read_or_makes_no_sense_is_refused_on_its_page() {
    let tacho = Tacho::at_noon().await;
    let (browser, cookie) = tacho.signed_in().await;
    let send = async |method: Method, form: &str, kind: &str, body: &[u8]| {
        let headers = [
            ("cookie", cookie.as_str()),
            ("accept", "text/html"),
            ("sec-fetch-site", "same-origin"),
            ("content-type", kind),
        ];
        browser.send(method, form, &headers, body.to_vec()).await
    };
    let (url, json) = ("application/x-www-form-urlencoded", "application/json");
    let long = [b"id=".to_vec(), vec![b'a'; 70_000]].concat();
    let alert = |page: &str| {
        let alert =
            page.split("role=\"alert\"").nth(1).and_then(|rest| rest.split('>').nth(1)?.split('<').next());
        alert.unwrap_or_default().to_owned()
    };
    let unreadable = "This form could not be read: ";
    for form in FORMS {
        // What a form leaves out may be missing one by one.
        let empty = if ["/limits", "/alerts/channels"].contains(&form) { " " } else { unreadable };
        for (kind, body, status, said) in [
            (url, &b""[..], 400, empty),
            (url, b"\xff\xfe=\xff", 400, empty),
            (url, &long, 413, unreadable),
            (json, b"{\"id\":\"a\"}", 415, unreadable),
        ] {
            let refused = send(Method::POST, form, kind, body).await;
            assert_eq!(refused.status.as_u16(), status, "{form} {body:?}: {}", refused.text);
            assert!(alert(&refused.text).contains(said), "{form} {body:?}: {}", refused.text);
            assert!(refused.text.contains("<main "), "{form} {body:?} is not refused on a page");
        }
        assert_eq!(send(Method::PUT, form, url, b"").await.status, 405, "{form}");
    }
    for (form, body, status, said) in [
        ("/alerts/channels/remove", &b"id=chn_x"[..], 404, "There is no channel `chn_x`"),
        ("/alerts/redeliver", b"id=dlv_x", 404, "There is no delivery `dlv_x`"),
        ("/limits/remove", b"id=lim_x", 404, "There is no limit `lim_x`"),
        ("/limits", b"name=a&kind=nonsense&amount=1", 400, "kind"),
        ("/limits", b"name=a&kind=requests_per_minute&amount=one", 400, "amount is a number such as"),
        ("/alerts/channels", b"name=a&url=ftp://a", 400, "http"),
    ] {
        let refused = send(Method::POST, form, url, body).await;
        assert_eq!(refused.status.as_u16(), status, "{form}");
        assert!(alert(&refused.text).contains(said), "{form}: {:?}", alert(&refused.text));
    }
    assert_eq!(send(Method::POST, "/nothing", url, b"").await.status, 404);
    assert_eq!(tacho.admin.get("/v1/limits").await.json(), serde_json::json!([]));
    assert_eq!(tacho.admin.get("/v1/channels").await.json(), serde_json::json!([]));
}
