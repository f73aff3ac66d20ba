//! The page that shows every part of the interface.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::harness::client::Reply;
use crate::harness::tacho::Tacho;

async fn page(tacho: &Tacho) -> Reply {
    let (anybody, cookie) = tacho.signed_in().await;
    anybody.send(Method::GET, "/style", &[("cookie", &cookie)], Vec::new()).await
}

#[tokio::test]
async fn every_part_is_shown_and_no_id_twice() {
    let tacho = Tacho::at_noon().await;
    let page = page(&tacho).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let parts = [
        "Type", "Colours", "Signs", "Figures", "Lanes", "Verdicts", "Limits", "Measures", "Tables", "Plots",
        "Log", "Notices", "Controls", "Forms", "Settings", "Alerts",
    ];
    for part in parts {
        assert!(page.text.contains(&format!("<h2>{part}</h2>")), "there is no part `{part}`");
    }
    for shown in [
        "1,769",
        "lane-end",
        "url(#hatch)",
        "class=\"pools\"",
        "Nothing is shown.",
        "viewBox=\"0 0 358 300\"",
    ] {
        assert!(page.text.contains(shown), "`{shown}` is not shown");
    }
    let mut seen = BTreeSet::new();
    for id in page.text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(seen.insert(id), "two parts have the id `{id}`");
    }
}

#[tokio::test]
async fn elsewhere_there_is_no_such_page() {
    let mut tacho = Tacho::at_noon().await;
    tacho.config.has_style_page = false;
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(page(&tacho).await.status, 404);
}
