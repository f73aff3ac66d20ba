//! Times are told by the browser's clock, or by the one that somebody has chosen.

use serde_json::json;

use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::tacho::Tacho;

/// Asserts that the page tells of noon, UTC, as this hour; and of the six before it.
async fn assert_told(page: &Page, zone: &str, hour: i64) {
    page.element(&format!("main[data-zone='{zone}']")).await;
    page.text_with(".plot-how", &format!("times in {zone}")).await;
    page.text_with(".log time", &format!("{hour}:00")).await;
    let labels = "return [...document.querySelectorAll('.picture text')].map(text => /^(\\d\\d):\\d\\d$/.exec(text.textContent)?.[1]).filter(hour => hour).map(Number)";
    let labels = page.script(labels).await;
    let labels = labels.as_array().unwrap();
    assert!(labels.len() >= 3, "{labels:?}");
    assert!(
        labels.iter().all(|label| (hour - 6..=hour).contains(&label.as_i64().unwrap())),
        "{zone}: {labels:?}"
    );
    let rows = "return document.querySelector('#plot-numbers tbody tr:last-child th').textContent";
    let last = page.script(rows).await;
    assert!(
        last.as_str().unwrap().contains(&format!("{:02}:", hour - 1))
            || last.as_str().unwrap().contains(&format!("{hour}:")),
        "{last}"
    );
}

#[tokio::test]
async fn times_are_the_browsers_until_somebody_chooses_others() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 1.0).await;
    tacho.reporter.report(&given::events("a", 3)).await;
    browse(Look::default(), async |page| {
        page.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "Asia/Seoul" })).await;
        page.open(&tacho.sign_in_link().await).await;
        let first = format!("{}/?range=6h", tacho.base_url());
        page.open(&first).await;
        page.alive().await;
        assert_told(page, "Asia/Seoul", 21).await;
        page.driver.refresh().await.unwrap();
        // By now it is known: the page is right at once.
        assert_eq!(page.count("main[data-zone='Asia/Seoul']:not([data-guessed])").await, 1);

        for (choice, zone, hour) in [("UTC", "UTC", 12), ("browser", "Asia/Seoul", 21)] {
            page.open(&format!("{}/settings", tacho.base_url())).await;
            page.text_with("#zone", "Asia/Seoul").await;
            page.click(&format!("#zone input[value={choice}]")).await;
            page.click(".look button.primary").await;
            page.element(&format!("main[data-zone='{zone}']")).await;
            page.element(&format!("#zone input[value={choice}]:checked")).await;
            page.open(&first).await;
            page.alive().await;
            assert_told(page, zone, hour).await;
        }
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
