//! Last week as a file, and today beside yesterday.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::tempdir;

use super::super::hand::Hand;
use crate::given;
use crate::harness::browser::{Look, browse};
use crate::harness::tacho::Tacho;
use crate::harness::until;

/// Events at these times, one after another for each of these projects.
fn at(times: &[&str], projects: &[&str]) -> Value {
    let pairs = times.iter().flat_map(|time| projects.iter().map(move |project| (time, project)));
    let event = |(time, project): (&&str, &&str)| {
        let event = given::with(given::event(&format!("{time} {project}"), 100, 20), "at", *time);
        given::with(event, "project", *project)
    };
    pairs.map(event).collect()
}

/// The file that has been saved.
async fn saved(directory: &Path, name: &str) -> String {
    until("the file", async || {
        std::fs::read_to_string(directory.join(name)).ok().filter(|text| !text.is_empty())
    })
    .await
}

#[tokio::test]
async fn last_week_by_project_is_a_file_three_clicks_away() {
    // It is Tuesday, 24 November; last week ended with Sunday, the 22nd.
    let tacho = Tacho::at_noon().await;
    tacho
        .reporter
        .report(&at(
            &["2026-11-15T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-24T11:00:00Z"],
            &["before or after"],
        ))
        .await;
    let within = ["2026-11-16T00:00:00Z", "2026-11-19T12:00:00Z", "2026-11-22T23:59:59Z"];
    tacho.reporter.report(&at(&within, &["checkout", "search"])).await;
    tacho.reporter.report(&at(&within[..1], &["=cmd, \"quoted\""])).await;
    for by_keys in [false, true] {
        let directory = tempdir().unwrap();
        browse(Look::default(), async |page| {
            let folder = json!({ "behavior": "allow", "downloadPath": directory.path() });
            page.devtools("Browser.setDownloadBehavior", folder).await;
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            let hand = Hand::at(page);
            if by_keys {
                hand.find("last week").await;
                page.text_with("#stretch summary", "Last week").await;
                hand.find("csv pro").await;
            } else {
                hand.click("#stretch summary").await;
                hand.click("#stretch a[href*='range=last_week']").await;
                page.text_with("#stretch summary", "Last week").await;
                hand.click(".breakdown:has([data-by=project]) a[download]").await;
            }
            hand.took("to have the file", 3, 25);
            let file = saved(directory.path(), "usage-by-project.csv").await;
            let mut table = csv::Reader::from_reader(file.as_bytes());
            let head = table.headers().unwrap().clone();
            let place = |name: &str| head.iter().position(|column| column == name).unwrap();
            let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
            let span = |row: &csv::StringRecord| [row[place("from")].to_owned(), row[place("to")].to_owned()];
            assert!(
                rows.iter().all(|row| span(row)[0].starts_with("2026-11-16T00:00:00")
                    && span(row)[1].starts_with("2026-11-23T00:00:00")),
                "{file}"
            );
            let mut projects: Vec<&str> = rows.iter().map(|row| &row[place("project")]).collect();
            projects.sort_unstable();
            assert_eq!(projects, ["'=cmd, \"quoted\"", "checkout", "search"]);
            let sum = |name| rows.iter().map(|row| row[place(name)].parse::<u64>().unwrap()).sum::<u64>();
            assert_eq!((sum("requests"), sum("input_tokens"), sum("output_tokens")), (7, 700, 140));
            let total = page.text_with(".sums[data-by=project] .total td", "7").await;
            assert_eq!(total, sum("requests").to_string());
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn today_stands_beside_yesterday_after_three_clicks_at_most() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&at(&["2026-11-23T09:00:00Z"], &["a", "b", "c"])).await;
    tacho.reporter.report(&at(&["2026-11-24T09:00:00Z"], &["a", "b", "c", "d", "e"])).await;
    for by_keys in [false, true] {
        browse(Look::default(), async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            let hand = Hand::at(page);
            if by_keys {
                hand.find("today c").await;
            } else {
                hand.click("#stretch summary").await;
                hand.click("#stretch a[href*='range=today'][href*='vs=day']").await;
            }
            page.text_with("#stretch summary", "Today").await;
            page.text_with("#compare summary", "the day before").await;
            hand.took("to compare", 3, 12);
            let said = page
                .script(
                    "return document.querySelector('.measures a[aria-current] .delta .unseen').textContent",
                )
                .await;
            assert_eq!(said, "2 more than 3 before");
            let dashes =
                "return getComputedStyle(document.querySelector('.picture .compared')).strokeDasharray";
            assert_ne!(page.script(dashes).await, "none");
            page.text_with("#plot-key", "compared").await;
            // One key takes it away, and brings it again.
            hand.press("x").await;
            page.text_with("#compare summary", "off").await;
            assert_eq!(page.count(".picture .compared").await, 0);
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}
