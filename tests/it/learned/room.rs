//! Organizations that were made up take no room from real ones.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, requests};
use crate::given;
use crate::harness::tacho::Tacho;

/// What is learned for one key at most.
const MOST_PER_KEY: usize = 200;

fn of_organization(id: &str, organization: &str) -> Value {
    given::with(call(id, "claude-opus-5", 0, requests(1_000, 900)), "organization", organization)
}

fn made_up(names: &str, count: usize) -> Value {
    (0..count)
        .map(|number| of_organization(&format!("{names}{number}"), &format!("{names}-{number}")))
        .collect()
}

async fn organizations(tacho: &Tacho) -> BTreeSet<String> {
    let limits = tacho.admin.get("/v1/limits").await.json();
    let limits = limits.as_array().expect("limits").iter();
    limits.map(|limit| limit["scope"]["organization"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn made_up_organizations_keep_no_real_one_from_being_learned() {
    let tacho = Tacho::at_noon().await;
    tacho.admin.report(&of_organization("early", "org-early")).await;
    tacho.reporter.report(&made_up("made-up", 1_100)).await;
    let learned = organizations(&tacho).await;
    assert_eq!(learned.len(), 1 + MOST_PER_KEY);
    assert!(learned.contains("org-early"));
    // By the key that makes them up, and by another.
    tacho.reporter.report(&of_organization("real", "org-real")).await;
    tacho.admin.report(&of_organization("other", "org-other")).await;
    let learned = organizations(&tacho).await;
    assert!(learned.contains("org-real") && learned.contains("org-other"));
    let status = tacho.admin.get("/v1/limits/status").await.json();
    assert_eq!((&status["limits"], &status["not_learned"]), (&(2 + MOST_PER_KEY).into(), &901.into()));
    // What is known of who has named them is known after a restart.
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(organizations(&tacho).await, learned);
    tacho.reporter.report(&made_up("made-up-later", 1_100)).await;
    let learned = organizations(&tacho).await;
    assert_eq!(learned.len(), 2 + MOST_PER_KEY);
    assert!(["org-early", "org-other"].iter().all(|real| learned.contains(*real)));
}

#[tokio::test]
async fn the_page_shows_the_worst_limits_and_counts_the_others() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 1_000_000.0).await;
    tacho.reporter.report(&made_up("a", 300)).await;
    tacho.admin.report(&made_up("b", 300)).await;
    let worst =
        given::with(call("worst", "claude-opus-5", 0, requests(1_000, 10)), "organization", "org-worst");
    tacho.reporter.report(&worst).await;
    let (anybody, cookie) = tacho.signed_in().await;
    let page = anybody.send(Method::GET, "/limits", &[("cookie", &cookie)], Vec::new()).await.text;
    assert_eq!(page.matches("class=\"limit-item\"").count(), 200);
    for said in [
        "org-worst",
        "201\u{a0}limits more",
        "ask GET /v1/limits",
        "aria-label=\"Requests per minute\"",
        " / 1,000,000</span>",
        ">99<i>\u{a0}%",
    ] {
        assert!(page.contains(said), "the page does not say `{said}`");
    }
    let learned = tacho.admin.get("/v1/limits").await.json();
    assert_eq!(learned.as_array().map(Vec::len), Some(401));
    assert_eq!(learned[400]["history"], json!([learned[400]["history"][0]]));
}
