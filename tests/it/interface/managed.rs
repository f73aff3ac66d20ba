//! Limits and channels, managed on a page that changes all the while.

use serde_json::json;

use super::busy;
use crate::given;
use crate::harness::browser::{Look, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;
use crate::harness::until;

/// The id of the limit with a name.
async fn id(tacho: &Tacho, name: &str) -> String {
    let limits = tacho.admin.get("/v1/limits").await.json();
    let limit = limits.as_array().unwrap().iter().find(|limit| limit["name"] == name);
    limit.unwrap_or_else(|| panic!("no {name} in {limits}"))["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn limits_are_managed_in_place() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/limits#add", tacho.base_url())).await;
        page.alive().await;
        page.fill("#add input[name=name]", "Mine").await;
        page.fill("#add input[name=amount]", "nonsense").await;
        page.click("#add button").await;
        page.text_with("#add .refusal", "amount").await;
        let refusal = page.complaints().await;
        assert!(refusal.len() == 1 && refusal[0].contains("status of 400"), "{refusal:?}");
        // It stays until something else is sent, however often the page is drawn anew.
        tacho.reporter.report(&given::event("meanwhile", 10, 5)).await;
        page.beat().await;
        page.text_with("#add .refusal", "amount").await;
        assert_eq!(page.typed("#add input[name=name]").await, "Mine");
        page.fill("#add input[name=amount]", "12").await;
        page.click("#add button").await;
        page.text_with("section.limits", "Mine").await;
        assert_eq!(page.count(".refusal *").await, 0, "the refusal is gone");
        until("an empty form", async || page.typed("#add input[name=amount]").await.is_empty().then_some(()))
            .await;

        // What is half typed stays while another limit is changed, and while the page beats.
        let mine = id(&tacho, "Mine").await;
        let change = format!("details[id='change-{mine}']");
        page.fill("#add input[name=name]", "half typed").await;
        page.click(&format!("{change} summary")).await;
        page.fill(&format!("{change} input[name=amount]"), "24").await;
        tacho.reporter.report(&given::event("later", 10, 5)).await;
        page.beat().await;
        assert_eq!(page.typed(&format!("{change} input[name=amount]")).await, "24");
        assert_eq!(page.count(&format!("{change}[open]")).await, 1, "what is open stays open");
        page.click(&format!("{change} button.primary")).await;
        page.text_with(&format!("li[id='{mine}'] .own-amount"), "24").await;
        assert_eq!(page.typed("#add input[name=name]").await, "half typed");
        // The form holds what holds now.
        until("the new amount in the form", async || {
            (page.typed(&format!("{change} input[name=amount]")).await == "24").then_some(())
        })
        .await;
        let changed = page.element(&format!("{change} input[name=amount]")).await;
        until("the new amount as the form's own", async || {
            (changed.attr("value").await.ok()?.as_deref() == Some("24")).then_some(())
        })
        .await;

        // Who does not want to change it after all has it as it is.
        let first = id(&tacho, "requests_per_minute").await;
        let other = format!("details[id='change-{first}']");
        page.click(&format!("{other} summary")).await;
        page.fill(&format!("{other} input[name=amount]"), "nonsense").await;
        page.click(&format!("{other} button.primary")).await;
        page.text_with(&format!("{other} .refusal"), "amount").await;
        page.complaints().await;
        page.click(&format!("{other} [data-cancel]")).await;
        assert_eq!(page.count(&format!("{other}[open]")).await, 0);
        assert_eq!(page.typed(&format!("{other} input[name=amount]")).await, "40");

        // What is open stays with its limit when another one goes.
        page.click(&format!("details[id='remove-{first}'] summary")).await;
        page.click(&format!("details[id='remove-{first}'] button.danger")).await;
        until("an end of the limit", async || {
            (page.count(&format!("li[id='{first}']")).await == 0).then_some(())
        })
        .await;
        page.text_with("main", "Tokens per day").await;
        let opened = page.count(&format!("li.limit-item:not([id='{mine}']) details[open]")).await;
        assert_eq!(opened, 0, "another limit's form has opened");
        assert_eq!(page.count(&format!("{change}[open]")).await, 1);

        // What was half typed was for this page.
        page.click("nav[aria-label=Pages] a[href='/alerts']").await;
        page.element("#add input[name=url]").await;
        assert_eq!(page.typed("#add input[name=name]").await, "");
        assert_eq!(page.count("#add input[name=amount]").await, 0);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn channels_are_managed_in_place() {
    let mut receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/alerts", tacho.base_url())).await;
        page.alive().await;
        page.fill("#add input[name=name]", "Second").await;
        page.fill("#add input[name=url]", &receiver.url).await;
        page.click("#add button").await;
        page.text_with(".secret", "whsec_").await;
        page.screenshot("channel-added").await;
        page.fill("#add input[name=name]", "half typed").await;
        page.click("li.channel[aria-label='on call'] form[action='/alerts/channels/test'] button").await;
        while receiver.next().await.kind() != "limit.test" {}
        page.text_with(".deliveries", "Test message").await;
        page.text_with(".deliveries", "delivered").await;
        // It is told once, and stays where it was told.
        page.text_with(".secret", "whsec_").await;
        assert_eq!(page.typed("#add input[name=name]").await, "half typed");
        // What is open stays open.
        page.click(".deliveries li:last-child summary").await;
        page.click("li.channel[aria-label=Second] form[action='/alerts/channels/enable'] button").await;
        page.text_with("li.channel[aria-label=Second]", "paused").await;
        assert_eq!(page.count(".deliveries details[open]").await, 1);
        page.driver.refresh().await.unwrap();
        page.alive().await;
        assert_eq!(page.count(".secret").await, 0, "a secret is shown once");
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_about_a_limit_that_is_removed_meanwhile_stays_and_is_told_to_be_too_late() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/limits", tacho.base_url())).await;
        page.alive().await;
        let gone = id(&tacho, "requests_per_minute").await;
        let change = format!("details[id='change-{gone}']");
        let amount = format!("{change} input[name=amount]");
        page.click(&format!("{change} summary")).await;
        page.fill(&amount, "77").await;
        assert_eq!(tacho.admin.delete(&format!("/v1/limits/{gone}")).await.status, 204);
        tacho.limit("requests_per_hour", 500.0).await;
        page.text_with("section.limits", "Requests per hour").await;
        assert_eq!(page.typed(&amount).await, "77");
        page.click(&format!("{change} button.primary")).await;
        page.text_with("#refusal", "limit").await;
        let refusal = page.complaints().await;
        assert!(refusal.len() == 1 && refusal[0].contains("status of 404"), "{refusal:?}");
        assert_eq!(page.typed(&amount).await, "77");
        page.click(&format!("{change} [data-cancel]")).await;
        until("an end of the limit", async || {
            (page.count(&format!("li[id='{gone}']")).await == 0).then_some(())
        })
        .await;

        // Who removes it does not want to change it any more.
        let gone = id(&tacho, "requests_per_hour").await;
        page.click(&format!("details[id='change-{gone}'] summary")).await;
        page.fill(&format!("details[id='change-{gone}'] input[name=amount]"), "78").await;
        page.click(&format!("details[id='remove-{gone}'] summary")).await;
        page.click(&format!("details[id='remove-{gone}'] button.danger")).await;
        until("an end of the limit", async || {
            (page.count(&format!("li[id='{gone}']")).await == 0).then_some(())
        })
        .await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_is_half_typed_is_kept_while_another_build_serves() {
    let tacho = Tacho::now().await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/limits", tacho.base_url())).await;
        page.alive().await;
        page.fill("#add input[name=name]", "half typed").await;
        page.script("window.stays = 1; document.documentElement.dataset.build = 'another'").await;
        // Two answers: the first is looked at before the page is asked for again.
        let asked = "return performance.getEntriesByType('resource').filter(entry => entry.initiatorType == 'fetch').length";
        let before = page.script(asked).await.as_u64().unwrap();
        tacho.reporter.report(&given::event("news", 10, 5)).await;
        until("two answers", async || (page.script(asked).await.as_u64()? >= before + 2).then_some(())).await;
        assert_eq!(page.script("return window.stays").await, 1, "a new document was loaded");
        assert_eq!(page.typed("#add input[name=name]").await, "half typed");
        page.click("nav[aria-label=Pages] a[href='/alerts']").await;
        page.element("#add input[name=url]").await;
        assert_eq!(page.script("return window.stays").await, serde_json::Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_limit_is_asked_for_no_more_than_it_has_and_all_have_one_order() {
    let tacho = Tacho::now().await;
    for (name, kind) in [("Zoo", "spend_per_day"), ("b", "requests_per_minute"), ("A", "requests_per_minute")]
    {
        tacho.limit_of(&json!({ "name": name, "kind": kind, "amount": 5 })).await;
    }
    tacho.reporter.report(&given::event("a", 10, 5)).await;
    let names = |css: &str| {
        format!(
            "return [...document.querySelectorAll({css:?})].map(name => name.firstChild.textContent).filter(name => ['A', 'b', 'Zoo'].includes(name))"
        )
    };
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.element(".own-name").await;
        assert_eq!(page.script(&names(".own-name")).await, json!(["A", "b", "Zoo"]));
        page.open(&format!("{}/limits", tacho.base_url())).await;
        page.alive().await;
        assert_eq!(page.script(&names(".limit-name")).await, json!(["A", "b", "Zoo"]));
        page.click(".add > summary").await;
        let which = "return document.querySelector('#add [name=scope_value]').checkVisibility()";
        assert_eq!(page.script(which).await, false);
        page.text_with("#add label.short", "(requests)").await;
        page.click("#add [name=scope_dimension] [value=user]").await;
        assert_eq!(page.script(which).await, true);
        page.click("#add [name=kind] [value=spend_per_month]").await;
        page.text_with("#add label.short", "(USD)").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
