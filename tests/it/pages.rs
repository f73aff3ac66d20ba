//! Pages as the server writes them: whole without JavaScript, forms included.

mod colors;
mod columns;
mod happened;
mod open;
mod typed;
mod words;

use domain::limits::{Limit, Source};
use reqwest::Method;
use server::assembly::open_store;
use server::clock::Clock;
use server::store::Registry;

use crate::given;
use crate::harness::client::{Client, Reply};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

/// A browser without JavaScript.
struct Reader {
    client: Client,
    cookie: String,
}

impl Reader {
    async fn of(tacho: &Tacho) -> Self {
        let client = Client::new(tacho.base_url(), None);
        let link = tacho.sign_in_link().await;
        let opened = client.get(link.strip_prefix(tacho.base_url()).unwrap()).await;
        let cookie = opened.header("set-cookie").split(';').next().unwrap().to_owned();
        Reader { client, cookie }
    }

    async fn open(&self, path: &str) -> Reply {
        self.client
            .send(Method::GET, path, &[("cookie", &self.cookie), ("accept", "text/html")], Vec::new())
            .await
    }

    /// Sends a form as a browser does, and follows where it leads.
    async fn submit(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let answer = self.send(from, action, fields).await;
        assert_eq!(answer.status, 303, "{action}: {}", answer.text);
        self.open(answer.header("location")).await
    }

    /// The answer to a form, sent as a browser does.
    async fn send(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let referer = format!("{}{from}", self.client.base_url);
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("referer", &referer),
        ];
        self.client.send(Method::POST, action, &headers, body.into_bytes()).await
    }

    /// Asks for a page again as the scripts of one that is open do, which has the parts with these marks.
    async fn beat(&self, path: &str, have: &str) -> Reply {
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html"), ("x-tacho-have", have)];
        self.client.send(Method::GET, path, &headers, Vec::new()).await
    }
}

/// The address that the form with this button is sent to.
fn action(page: &Reply, button: &str) -> String {
    let mut forms = page.text.match_indices(button).filter_map(|(end, _)| {
        let form = page.text[..end].rfind("<form")?;
        (!page.text[form..end].contains("</form>")).then_some((form, end))
    });
    let (form, end) = forms.next().unwrap_or_else(|| panic!("no form with {button:?} in {}", page.text));
    let text = &page.text[form..end];
    let start = text.find("action=\"").expect("an action") + 8;
    text[start..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_empty_tacho_shows_every_way_to_be_seen() {
    let tacho = Tacho::at_noon().await;
    let page = Reader::of(&tacho).await.open("/").await;
    assert_eq!(page.status, 200);
    let address = tacho.base_url();
    for line in [
        format!("ANTHROPIC_BASE_URL={address}/proxy claude"),
        format!("export ANTHROPIC_BASE_URL={address}/proxy<"),
        format!("Anthropic(middleware=[tacho.hook(\"{address}\", \"YOUR_INGEST_KEY\")])"),
        format!("new Anthropic({{ middleware: [tacho.hook(\"{address}\", \"YOUR_INGEST_KEY\")] }})"),
        format!("curl {address}/proxy/v1/messages"),
        format!("curl {address}/v1/events"),
    ] {
        assert!(page.text.contains(&line), "{line}: {}", page.text);
    }
    assert!(!page.text.contains("x-tacho-key"), "nobody but this machine can reach it");
    assert!(!page.text.contains("id=\"plot\""), "an empty plot says nothing");
}

#[tokio::test]
async fn where_calls_need_a_key_the_lines_hold_one() {
    let tacho = Tacho::with(Clock::manual(NOON_MS), &[("TACHO_PROXY_REQUIRE_KEY", "always")]).await;
    let page = Reader::of(&tacho).await.open("/").await;
    let environment = "ANTHROPIC_CUSTOM_HEADERS=\"x-tacho-key: tch_prx_...\"";
    assert_eq!(page.text.matches(environment).count(), 3, "{}", page.text);
    assert!(page.text.contains("-H 'x-tacho-key: tch_prx_...'"), "{}", page.text);
    assert!(page.text.contains("tacho keys create --scope proxy"), "{}", page.text);
}

#[tokio::test]
async fn the_first_call_is_told_of_for_some_minutes_with_the_limits_it_taught() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("first", 412, 231)).await;
    let page = Reader::of(&tacho).await.open("/").await;
    let first = "First call seen: claude-sonnet-5-5, 412\u{a0}input tokens.";
    assert!(page.text.contains(&format!("{first} Limits appear as soon as")), "{}", page.text);
    tacho.limit("requests_per_minute", 1_000.0).await;
    let store = open_store(&tacho.config).await.unwrap();
    let learned = Limit { source: Source::Learned, ..store.limits().await.unwrap().remove(0) };
    store.put_limit(&learned, NOON_MS).await.unwrap();
    store.close().await;
    let tacho = tacho.restart(|_| {}).await;
    let page = Reader::of(&tacho).await.open("/").await;
    let limits = format!("{first} Limits learned: 1,000 requests per minute.");
    assert!(page.text.contains(&limits), "{}", page.text);
    // It is told of below what matters more.
    assert!(page.text.find("class=\"verdict\"") < page.text.find(first), "{}", page.text);
    tacho.advance(601);
    let page = Reader::of(&tacho).await.open("/").await;
    assert!(!page.text.contains("First call"), "it is no news any more: {}", page.text);
}

#[tokio::test]
async fn the_first_call_is_no_news_after_ten_or_with_any_warning() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::events("a", 10)).await;
    let reader = Reader::of(&tacho).await;
    assert!(reader.open("/").await.text.contains("First call seen"));
    let limit = tacho.limit("requests_per_minute", 12.0).await;
    assert!(!reader.open("/").await.text.contains("First call seen"), "there is a warning");
    tacho.admin.delete(&format!("/v1/limits/{limit}")).await;
    assert!(reader.open("/").await.text.contains("First call seen"));
    tacho.reporter.report(&given::event("eleventh", 1, 1)).await;
    assert!(!reader.open("/").await.text.contains("First call seen"), "there are others");
}

#[tokio::test]
async fn an_alert_that_is_still_open_tells_what_was_and_what_is_and_when_it_ends() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 10.0).await;
    tacho.reporter.report(&given::events("a", 11)).await;
    let reader = Reader::of(&tacho).await;
    let page = reader.open("/").await.text;
    assert!(page.contains("<div data-state=\"critical\" class=\"verdict\">"), "{page}");
    assert!(page.contains("data-state=\"critical\" title=\"1 open\" class=\"badge\""), "{page}");
    tacho.advance(90);
    tacho.reporter.report(&given::events("b", 4)).await;
    let page = reader.open("/").await.text;
    for said in [
        "Requests per minute was full at 12:00</span>, now 40\u{a0}% of 10.</h1>",
        "The alert ends after 5\u{a0}min below 78\u{a0}%.",
        "<div data-state=\"ok\" class=\"verdict\">",
    ] {
        assert!(page.contains(said), "`{said}` is not in {page}");
    }
    // What is near now speaks first.
    tacho.limit("requests_per_hour", 18.0).await;
    let page = reader.open("/").await.text;
    assert!(page.contains("Requests per hour: 83\u{a0}% of 18"), "{page}");
    tacho.advance(400);
    let page = reader.open("/").await.text;
    assert!(!page.contains("The alert ends"), "{page}");
}

#[tokio::test]
async fn the_overview_is_whole_without_javascript() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 10.0).await;
    tacho.reporter.report(&given::with(given::event("a", 120_000, 5), "project", "check<out>")).await;
    tacho.reporter.report(&given::events("b", 8)).await;
    let page = Reader::of(&tacho).await.open("/").await;
    let html = &page.text;
    assert!(html.contains("Requests per minute: 90\u{a0}% of 10"), "{html}");
    assert!(
        html.contains("class=\"limit\"") && html.contains("class=\"zone-warn\""),
        "the lines of the limit"
    );
    assert!(html.contains("claude-sonnet-5-5") && html.contains("check&lt;out&gt;"));
    assert!(!html.contains("check<out>"));
    assert!(html.contains(">Requests per minute, 90\u{a0}%</a>"), "the alert in the log");
    assert!(
        html.contains("<title>90\u{a0}% Requests per minute · Tacho</title>"),
        "the title says the worst"
    );
    assert!(html.contains("as of 12:00:00"), "how old it is");
    for link in ["/?range=30d", "/?measure=cost_usd", "/?by=user", "/?model=claude-sonnet-5-5"] {
        assert!(html.contains(&format!("href=\"{link}\"")), "{link}");
        let followed = Reader::of(&tacho).await.open(link).await;
        assert_eq!(followed.status, 200, "{link}");
    }
}

#[tokio::test]
async fn times_before_a_change_of_clocks_are_as_clocks_showed_them() {
    // 2026-10-26T12:00:00Z, a day after summer time has ended.
    let clock = Clock::manual(1_793_016_000_000);
    let tacho = Tacho::with(clock, &[("TACHO_TIME_ZONE", "Europe/Berlin")]).await;
    let summer = given::with(given::event("summer", 1, 1), "at", "2026-10-24T22:30:00Z");
    let winter = given::with(given::event("winter", 1, 1), "at", "2026-10-25T22:30:00Z");
    tacho.reporter.report(&summer).await;
    tacho.reporter.report(&winter).await;
    let page = Reader::of(&tacho).await.open("/?range=7d").await;
    for (hour, calls) in
        [("25 Oct 00:00", "1"), ("25 Oct 01:00", "0"), ("25 Oct 23:00", "1"), ("25 Oct 22:00", "0")]
    {
        let row = page.text.split(&format!("<th scope=\"row\">{hour}<")).nth(1);
        let cell = row.and_then(|row| row.split("<td>").nth(1)?.split('<').next());
        assert_eq!(cell, Some(calls), "{hour}: {}", page.text);
    }
}

#[tokio::test]
async fn every_refused_event_is_counted_and_the_latest_explained() {
    let tacho = Tacho::at_noon().await;
    let unnamed: serde_json::Value = (0..1_500).map(|_| serde_json::json!({})).collect();
    assert_eq!(tacho.reporter.post("/v1/events", &unnamed).await.status, 422);
    tacho.reporter.post("/v1/events", &given::with(given::event("a", 1, 1), "at", "yesterday")).await;
    let page = Reader::of(&tacho).await.open("/").await;
    assert!(page.text.contains("1,501\u{a0}events"), "{}", page.text);
    assert!(page.text.contains("must be RFC 3339"), "{}", page.text);
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let page = reader.open("/limits").await;
    let gone = reader.submit("/limits", &action(&page, "Sign out"), &[]).await;
    assert!(gone.text.contains("tacho sign-in-link"), "{}", gone.text);
    assert_eq!(reader.open("/limits").await.status, 401);
}

#[tokio::test]
async fn an_address_that_makes_no_sense_falls_back_with_a_notice() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    let page = Reader::of(&tacho).await.open("/?range=1y&measure=happiness").await;
    assert_eq!(page.status, 200);
    for ignored in ["range=1y", "measure=happiness"] {
        let said = format!("“{ignored}” in the address was ignored: there is no such choice.");
        assert!(page.text.contains(&said), "{said}: {}", page.text);
    }
    assert!(page.text.contains("<figure aria-label=\"Requests\""), "{}", page.text);
}

#[tokio::test]
async fn limits_are_managed_by_plain_forms() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let page = reader.open("/limits").await;
    let fields = [
        ("id", ""),
        ("kind", "tokens_per_day"),
        ("name", "Daily & <more>"),
        ("amount", "5000"),
        ("scope_dimension", ""),
        ("scope_value", ""),
        ("time_zone", "Asia/Seoul"),
        ("warn_percent", "70"),
        ("critical_percent", "90"),
    ];
    let page = reader.submit("/limits", &action(&page, "Set the limit"), &fields).await;
    assert!(page.text.contains("Daily &amp; &lt;more&gt;"), "{}", page.text);
    let listed = tacho.admin.get("/v1/limits").await.json();
    assert_eq!((&listed[0]["amount"], &listed[0]["window"]["tz"]), (&5_000.0.into(), &"Asia/Seoul".into()));

    // A decimal comma is not taken for a thousand.
    let mut wrong = fields;
    wrong[3].1 = "12,50";
    let page = reader.send("/limits", &action(&page, "Set the limit"), &wrong).await;
    assert_eq!(page.status, 400);
    assert!(
        page.text.contains(">The amount is a number such as") && page.text.contains("role=\"alert\""),
        "the refusal is not shown: {}",
        page.text
    );
    assert!(page.text.contains("Daily &amp; &lt;more&gt;"), "the page is whole all the same");

    let id = listed[0]["id"].as_str().unwrap();
    let page = reader.open("/limits").await;
    let page = reader.submit("/limits", &action(&page, "Remove the limit"), &[("id", id)]).await;
    assert!(!page.text.contains("Daily &amp;"));
    assert_eq!(tacho.admin.get("/v1/limits").await.json(), serde_json::json!([]));
}

#[tokio::test]
async fn a_change_made_in_the_meantime_is_not_overwritten() {
    let tacho = Tacho::at_noon().await;
    let id = tacho.limit("requests_per_minute", 50.0).await;
    let path = format!("/v1/limits/{id}");
    let seen = tacho.admin.get("/v1/limits").await.json()[0]["revision"].clone();
    assert_eq!(
        tacho.admin.patch(&path, &serde_json::json!({ "amount": 60, "revision": seen })).await.status,
        200
    );
    let late = tacho.admin.patch(&path, &serde_json::json!({ "amount": 70, "revision": seen })).await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (409, "changed_meanwhile"), "{}", late.text);
    // Who says no revision changes whichever there is.
    assert_eq!(tacho.admin.patch(&path, &serde_json::json!({ "warn_percent": 70 })).await.status, 200);

    let reader = Reader::of(&tacho).await;
    let page = reader.open("/limits").await;
    assert!(page.text.contains("name=\"revision\" value=\"3\""), "{}", page.text);
    let fields = [("id", id.as_str()), ("revision", "1"), ("name", "Mine"), ("amount", "80")];
    let refused = reader.send("/limits", "/limits", &fields).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("This limit was changed in the meantime"), "{}", refused.text);
    assert_eq!(tacho.admin.get("/v1/limits").await.json()[0]["amount"], 60.0);
}

#[tokio::test]
async fn channels_are_managed_by_plain_forms() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let page = reader.open("/alerts").await;
    let fields = [("name", "\u{202e}On call"), ("url", receiver.url.as_str())];
    let page = reader.submit("/alerts", &action(&page, "Add the webhook"), &fields).await;
    assert!(
        page.text.contains("⟨U+202E⟩On call") && !page.text.contains('\u{202e}'),
        "a name that turns the page"
    );
    let start = page.text.find("whsec_").expect("the secret is shown after adding");
    let secret: String = page.text[start..].chars().take_while(|c| !"<\"&".contains(*c)).collect();
    receiver.trust(&secret);
    assert!(!reader.open("/alerts").await.text.contains(&secret), "a secret is shown once");

    let listed = tacho.admin.get("/v1/channels").await.json();
    let id = listed[0]["id"].as_str().unwrap();
    let page = reader.submit("/alerts", &action(&page, "Send a test"), &[("id", id)]).await;
    assert_eq!(receiver.next().await.kind(), "limit.test");
    assert!(page.text.contains("Test message"));
    let page = reader.submit("/alerts", &action(&page, "Pause"), &[("id", id), ("enabled", "false")]).await;
    assert!(page.text.contains("paused"));
    let page = reader.submit("/alerts", &action(&page, "Remove the webhook"), &[("id", id)]).await;
    assert!(page.text.contains("No webhook yet"));
}

#[tokio::test]
async fn pages_ask_for_a_sign_in_and_unknown_ones_say_so() {
    let tacho = Tacho::at_noon().await;
    let anybody = Client::new(tacho.base_url(), None);
    for path in ["/", "/limits", "/settings/access", "/nowhere"] {
        let stranger = anybody.send(Method::GET, path, &[("accept", "text/html")], Vec::new()).await;
        assert_eq!(stranger.status, 401, "{path}");
        assert!(stranger.text.contains("tacho sign-in-link"), "{path}: {}", stranger.text);
        // A program is told what is for it.
        let program = anybody.send(Method::GET, path, &[("accept", "application/json")], Vec::new()).await;
        assert_eq!((program.status.as_u16(), program.code().as_str()), (401, "signed_out"), "{path}");
    }
    let reader = Reader::of(&tacho).await;
    let page = reader.open("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("There is nothing here"));
    // Where pages were before.
    for (before, now) in [("/channels", "/alerts"), ("/access", "/settings/access")] {
        let moved = reader.open(before).await;
        assert_eq!((moved.status.as_u16(), moved.header("location")), (308, now));
    }
}

#[tokio::test]
async fn the_overview_does_not_grow_with_the_number_of_users() {
    let tacho = Tacho::at_noon().await;
    let each_user = serde_json::json!({
        "name": "Each user", "kind": "tokens_per_day", "amount": 200_000, "scope": { "dimension": "user" },
    });
    tacho.limit_of(&each_user).await;
    let reader = Reader::of(&tacho).await;
    let mut sizes = Vec::new();
    for users in [100, 1_000] {
        let of = |number: usize| {
            let event = given::event(&format!("{users} {number}"), 1, 1);
            given::with(event, "user", format!("user-{number}@example.org"))
        };
        tacho.reporter.report(&(0..users).map(of).collect()).await;
        // As it is sent: compressed, if that is how it goes.
        let headers = [("cookie", reader.cookie.as_str()), ("accept-encoding", "gzip, br")];
        let page = reader.client.send(Method::GET, "/", &headers, Vec::new()).await;
        println!("{users} users: {} bytes", page.body.len());
        sizes.push(page.body.len());
    }
    // Numbers have more digits.
    assert!(
        sizes[1] <= sizes[0] + sizes[0] / 10,
        "the overview grows with the number of users: {sizes:?} bytes"
    );
}
