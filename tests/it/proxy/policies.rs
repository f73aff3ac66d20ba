//! What the proxy does beyond passing calls on, where it is asked to.

use std::time::Duration;

use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use upstream::Terms;

use crate::harness::proxied::{Answer, Caller, MODEL, Proxied};

/// A call of the likeliest answer, with these headers.
pub(super) fn likeliest(
    caller: &Caller,
    words: &str,
    headers: &[(&str, &str)],
) -> Request<Full<bytes::Bytes>> {
    let body = json!({
        "model": MODEL, "max_tokens": 9, "temperature": 0, "messages": [{ "role": "user", "content": words }],
    });
    let mut request = caller.request("POST", "/v1/messages").header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body.to_string())).expect("a request")
}

pub(super) fn as_user(caller: &Caller, user: &str) -> Request<Full<bytes::Bytes>> {
    let (mut head, body) = caller.messages("words=2", false).into_parts();
    head.headers.insert("x-tacho-user", user.parse().expect("a value"));
    Request::from_parts(head, body)
}

pub(super) fn policies(event: &Value) -> &Value {
    &event["policies"]
}

pub(super) fn refused(answer: &Answer, policy: &str) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.header("x-tacho-policy"), format!("{policy}; refused"));
    assert_eq!(answer.json()["error"]["type"], "rate_limit_error");
    assert!(answer.header("retry-after").parse::<u64>().expect("seconds") >= 1);
}

/// The requests that count, as the overview shows them.
async fn requests_counted(proxied: &Proxied) -> f64 {
    let series = proxied.tacho.admin.get("/v1/series?measure=requests&step=60").await.json();
    series["groups"].as_array().expect("groups").iter().filter_map(|group| group["total"].as_f64()).sum()
}

#[tokio::test]
async fn without_a_policy_nothing_is_added() {
    let proxied = Proxied::start().await;
    let answer = proxied.caller.send(proxied.caller.messages("overloaded; attempts=1", false)).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-tacho-policy")), (529, ""));
    assert_eq!(policies(&proxied.event().await), &Value::Null);
}

#[tokio::test]
async fn retry_asks_again_until_the_api_takes_it() {
    let proxied = Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"retry\"\n").await;
    for scenario in ["rate_limited; retry-after=0; attempts=2", "overloaded; attempts=2"] {
        proxied.upstream.forget();
        let answer = proxied.caller.send(proxied.caller.messages(scenario, true)).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-tacho-policy")), (200, "retry; retries=2"));
        assert_eq!(proxied.upstream.wait_for(3).await.len(), 3);
    }
    let mut events = proxied.events(6).await;
    events.sort_by_key(|event| event["attempt"].as_u64());
    let attempts: Vec<_> = events.iter().map(|event| event["attempt"].as_u64().expect("a number")).collect();
    assert_eq!(attempts, [0, 0, 1, 1, 2, 2]);
    assert_eq!(policies(&events[0]), &Value::Null);
    assert_eq!(policies(&events[5]), &json!(["retry"]));
    assert!(events[0]["error"]["type"].is_string() && events[5]["error"].is_null(), "{events:#?}");
}

#[tokio::test]
async fn retry_leaves_alone_what_no_pause_helps() {
    let proxied = Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"retry\"\n").await;
    for (number, scenario) in ["spend_cap", "own_spend_limit", "server_error", "rate_limited; retry-after=99"]
        .into_iter()
        .enumerate()
    {
        let answer = proxied.caller.send(proxied.caller.messages(scenario, false)).await;
        assert!(answer.status.as_u16() >= 400 && answer.header("x-tacho-policy").is_empty());
        assert_eq!(proxied.upstream.wait_for(number + 1).await.len(), number + 1, "{scenario}");
    }
}

#[tokio::test]
async fn the_cache_answers_the_same_call_again() {
    let proxied = Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"cache\"\n").await;
    let caller = &proxied.caller;
    let first = caller.send(likeliest(caller, "one", &[])).await;
    assert_eq!(first.header("x-tacho-policy"), "cache; miss");
    let again = caller.send(likeliest(caller, "one", &[])).await;
    assert_eq!((again.status.as_u16(), again.header("x-tacho-policy")), (200, "cache; hit"));
    assert_eq!(
        (again.body, again.headers["content-type"].clone()),
        (first.body, first.headers["content-type"].clone())
    );
    assert_ne!(again.headers["x-tacho-request-id"], first.headers["x-tacho-request-id"]);
    assert!(again.headers.contains_key("age") && !again.headers.contains_key("request-id"));
    for (other, headers) in [
        ("two", &[][..]),
        ("one", &[("x-tacho-cache", "no")][..]),
        ("one", &[("accept-encoding", "gzip")][..]),
    ] {
        let answer = caller.send(likeliest(caller, other, headers)).await;
        assert_ne!(answer.header("x-tacho-policy"), "cache; hit", "{other} {headers:?}");
    }
    assert_eq!(proxied.upstream.exchanges().len(), 4);
    let events = proxied.events(5).await;
    let hits: Vec<_> = events.iter().filter(|event| event["answered_here"] == true).collect();
    assert_eq!(hits.len(), 1);
    assert_eq!((policies(hits[0]), &hits[0]["model"]), (&json!(["cache"]), &json!(MODEL)));
    assert_eq!(requests_counted(&proxied).await, 4.0, "a hit is no request to the API");
}

#[tokio::test]
async fn retry_waits_until_the_api_wants_it_however_that_is_written() {
    let proxied = Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"retry\"\n").await;
    for word in ["rate_limited", "overloaded"] {
        for form in ["fraction", "date", "milliseconds"] {
            let now_ms = server::clock::Clock::system().now_ms();
            // A date names a whole second: at least one from now.
            let (header, until_ms) = match form {
                "fraction" => ("retry-after: 0.2".to_owned(), now_ms + 200),
                "milliseconds" => ("retry-after-ms: 150".to_owned(), now_ms + 150),
                _ => {
                    let at_ms = (now_ms / 1_000 + 2) * 1_000;
                    let at = jiff::Timestamp::from_millisecond(at_ms).expect("a time");
                    (format!("retry-after: {}", at.strftime("%a, %d %b %Y %H:%M:%S GMT")), at_ms)
                }
            };
            proxied.upstream.forget();
            let scenario = format!("{word}; attempts=1; header={header}");
            let answer = proxied.caller.send(proxied.caller.messages(&scenario, false)).await;
            assert_eq!((answer.status.as_u16(), answer.header("x-tacho-policy")), (200, "retry; retries=1"));
            assert!(
                server::clock::Clock::system().now_ms() >= until_ms,
                "{word} {form} was tried again too soon"
            );
            assert_eq!(proxied.upstream.wait_for(2).await.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_cooldown_keeps_the_calls_of_a_user_apart() {
    let file = "[[policies]]\npolicy = \"cooldown\"\nspacing_ms = 60_000\n";
    let proxied = Proxied::policed(Terms::default(), file).await;
    let caller = &proxied.caller;
    assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
    refused(&caller.send(as_user(caller, "a")).await, "cooldown");
    assert_eq!(caller.send(as_user(caller, "b")).await.status, 200);
    let events = proxied.events(3).await;
    let refusals: Vec<_> = events.iter().filter(|event| event["answered_here"] == true).collect();
    assert_eq!(refusals.len(), 1);
    assert_eq!((policies(refusals[0]), &refusals[0]["status"]), (&json!(["cooldown"]), &json!(429)));
    assert_eq!(requests_counted(&proxied).await, 2.0);
}

#[tokio::test]
async fn a_queue_lets_calls_wait_so_that_none_is_refused() {
    let terms = || Terms { requests_per_minute: 60, ..Terms::default() };
    let calls = 66;
    let refusals = async |proxied: &Proxied| {
        let mut sent = JoinSet::new();
        for number in 0..calls {
            let caller = proxied.caller.clone();
            let user = ["a", "b"][number % 2];
            sent.spawn(async move { caller.send(as_user(&caller, user)).await });
        }
        let answers = sent.join_all().await;
        answers.iter().filter(|answer| answer.status == 429).count()
    };
    let without = Proxied::with(terms(), &[]).await;
    assert!(refusals(&without).await >= 1);
    let with = Proxied::policed(terms(), "[[policies]]\npolicy = \"queue\"\nmax_wait_s = 29\n").await;
    assert_eq!(refusals(&with).await, 0);
    let events = with.events(calls).await;
    let waited = events.iter().filter_map(|event| event["waited_ms"].as_u64()).max();
    assert!(waited >= Some(1_000), "the bucket had room for 60, and one comes in a second: {waited:?}");
    assert!(events.iter().all(|event| policies(event) == &json!(["queue"])));
}

#[tokio::test]
async fn a_queue_is_bounded_in_length_and_time() {
    let file = "[[policies]]\npolicy = \"queue\"\nmax_wait_s = 1\nmax_waiting = 1\n";
    let proxied = Proxied::policed(Terms { requests_per_minute: 1, ..Terms::default() }, file).await;
    let caller = &proxied.caller;
    let first = caller.send(caller.messages("words=1", false)).await;
    assert!(first.status == 200 && first.header("x-tacho-policy").starts_with("queue; waited_ms="));
    let waits = tokio::spawn({
        let caller = caller.clone();
        async move { caller.send(caller.messages("words=2", false)).await }
    });
    // The second one stands in line as soon as a third finds it full.
    let full = crate::harness::until("a full line", async || {
        let answer =
            tokio::time::timeout(Duration::from_millis(200), caller.send(caller.messages("words=3", false)));
        answer.await.ok()
    });
    refused(&full.await, "queue");
    refused(&waits.await.expect("an answer"), "queue");
    assert_eq!(proxied.upstream.exchanges().len(), 1, "the API has heard of none of them");
}

#[tokio::test]
async fn an_enforced_limit_refuses_what_it_covers_while_it_is_exhausted() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    let limit = json!({
        "name": "Each user, requests per minute", "kind": "requests_per_minute", "amount": 2,
        "scope": { "dimension": "user" }, "enforce": true,
    });
    let id = proxied.tacho.limit_of(&limit).await;
    for count in 1..=2 {
        assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
        proxied.events(count).await;
    }
    let answer = caller.send(as_user(caller, "a")).await;
    refused(&answer, "enforce");
    assert!(answer.text().contains("Each user, requests per minute"), "{}", answer.text());
    assert!(answer.header("retry-after").parse::<u64>().expect("seconds") <= 60);
    assert_eq!(caller.send(as_user(caller, "b")).await.status, 200);
    let events = proxied.events(4).await;
    let refusals: Vec<_> = events.iter().filter(|event| event["answered_here"] == true).collect();
    assert_eq!(refusals.len(), 1);
    assert_eq!(policies(refusals[0]), &json!(["enforce"]));
    let changed = proxied.tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "enforce": false })).await;
    assert_eq!(changed.json()["enforce"], false, "{}", changed.text);
    assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
}

#[tokio::test]
async fn a_learned_limit_is_not_enforced_here() {
    let proxied = Proxied::start().await;
    proxied.caller.send(proxied.caller.messages("words=2", true)).await;
    let learned = crate::harness::until("learned limits", async || {
        let limits = proxied.tacho.admin.get("/v1/limits").await.json();
        let limits = limits["limits"].as_array().or(limits.as_array()).expect("limits").clone();
        limits.into_iter().find(|limit| limit["source"] == "learned")
    });
    let id = learned.await["id"].as_str().expect("an id").to_owned();
    let refused = proxied.tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "enforce": true })).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "learned_enforced"));
}

#[tokio::test]
async fn policies_are_for_the_project_they_name() {
    let file = "[[policies]]\npolicy = \"cache\"\nproject = \"shop\"\n";
    let proxied = Proxied::policed(Terms::default(), file).await;
    let caller = &proxied.caller;
    for (project, said) in [("shop", "cache; miss"), ("shop", "cache; hit"), ("other", ""), ("", "")] {
        let answer = caller.send(likeliest(caller, "one", &[("x-tacho-project", project)])).await;
        assert_eq!(answer.header("x-tacho-policy"), said, "{project}");
    }
}

#[tokio::test]
async fn what_policies_did_can_be_asked_for() {
    let file = "[[policies]]\npolicy = \"cache\"\n\n[[policies]]\npolicy = \"retry\"\n";
    let proxied = Proxied::policed(Terms::default(), file).await;
    let (caller, admin) = (&proxied.caller, &proxied.tacho.admin);
    let nothing = admin.get("/v1/policies").await.json();
    assert_eq!(nothing["policies"], json!([]));
    for project in ["shop", "shop", "other", "shop"] {
        caller.send(likeliest(caller, "one", &[("x-tacho-project", project)])).await;
    }
    caller.send(caller.messages("rate_limited; retry-after=0; attempts=2", false)).await;
    proxied.events(7).await;
    let did =
        async |question: &str| admin.get(&format!("/v1/policies{question}")).await.json()["policies"].clone();
    let item = |policy: &str, retries: u64, answered: u64| {
        json!({
            "policy": policy, "retries": retries, "answered": answered, "refused": 0, "given_up": 0, "waited": 0,
            "wait_p50_ms": null, "wait_p99_ms": null,
        })
    };
    assert_eq!(did("").await, json!([item("retry", 2, 0), item("cache", 0, 3)]));
    assert_eq!(did("?project=shop").await, json!([item("cache", 0, 2)]));
    assert_eq!(did("?-project=shop").await, json!([item("retry", 2, 0), item("cache", 0, 1)]));
    assert_eq!(did("?to=2026-01-01T00:00:00Z").await, json!([]));
    let long = admin.get("/v1/policies?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z").await;
    assert_eq!((long.status.as_u16(), long.code().as_str()), (400, "range_too_long"));
}
