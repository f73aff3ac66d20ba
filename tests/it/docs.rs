//! The documentation as Tacho serves it: every page is there, and every link leads somewhere.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;

use crate::given;
use crate::harness::client::{Client, Reply};
use crate::harness::tacho::Tacho;

/// Somebody who is signed in.
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
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html")];
        self.client.send(Method::GET, path, &headers, Vec::new()).await
    }
}

/// The paths of all documents, read off the folder.
fn paths() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    let files =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let names = files.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()));
    names.map(|name| if name == "README" { "/docs".to_owned() } else { format!("/docs/{name}") }).collect()
}

/// The values of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_document_is_a_page_and_every_link_in_it_leads_somewhere() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let mut pages = BTreeMap::new();
    for path in paths() {
        let page = reader.open(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
        let title = page.text.split("<title>").nth(1).and_then(|rest| rest.split(" · Tacho</title>").next());
        assert!(title.is_some_and(|title| !title.is_empty() && !title.contains('<')), "{path}: {title:?}");
        assert!(!page.text.contains("<img"), "{path}");
        let ids = values(&page.text, "id");
        let once: BTreeSet<_> = ids.iter().collect();
        assert_eq!(once.len(), ids.len(), "{path}: two places have one name: {ids:?}");
        pages.insert(path, page.text);
    }
    assert!(pages.len() > 15, "{}", pages.len());
    let mut others = BTreeSet::new();
    for (path, html) in &pages {
        for link in values(html, "href").into_iter().filter(|link| link.starts_with(['/', '#'])) {
            let (to, place) = link.split_once('#').map_or((link, None), |(to, place)| (to, Some(place)));
            let to = if to.is_empty() { path } else { to };
            match (pages.get(to), place) {
                (Some(html), Some(place)) => {
                    assert!(values(html, "id").contains(&place), "{path}: {link} leads to no place");
                }
                (Some(_), None) => {}
                (None, _) => {
                    others.insert(to.replace("&amp;", "&"));
                }
            }
        }
    }
    for path in others.iter().filter(|path| !path.starts_with("/assets/")) {
        assert_eq!(reader.open(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn documents_are_read_as_they_stand_in_the_folder() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let index = reader.open("/docs").await.text;
    for path in paths().iter().filter(|path| *path != "/docs") {
        assert!(index.contains(&format!("<td><a href=\"{path}\">")), "{path} is not in the index");
    }
    let limits = reader.open("/docs/limits").await.text;
    assert!(limits.contains("<h2 id=\"enforce-a-limit\">Enforce a limit</h2>"), "{limits}");
    assert!(limits.contains("<div class=\"doc-table\" tabindex=\"0\"><table>"), "{limits}");
    assert!(limits.contains("class=\"copy needs-scripts\""), "{limits}");
}

#[tokio::test]
async fn there_is_no_other_document_and_none_for_strangers() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    for path in [
        "/docs/absent",
        "/docs/limits.md",
        "/docs/..%2FCargo",
        "/docs/overview-light.png",
        "/docs/limits/more",
    ] {
        let page = reader.open(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("There is nothing here"), "{path}: {}", page.text);
    }
    let stranger = Client::new(tacho.base_url(), None);
    for path in ["/docs", "/docs/limits", "/docs/absent"] {
        assert_eq!(stranger.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_interface_leads_to_what_explains_it() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::with(given::event("a", 1, 1), "status", 429)).await;
    let reader = Reader::of(&tacho).await;
    for (page, document) in [
        ("/", "/docs"),
        ("/", "/docs/rate-limits"),
        ("/limits", "/docs/limits"),
        ("/alerts", "/docs/webhooks"),
        ("/settings/connect", "/docs/proxy"),
        ("/settings/connect", "/docs/sdk"),
        ("/settings/connect", "/docs/claude-code"),
        ("/settings/connect", "/docs/post-events"),
        ("/settings/health", "/docs/operations"),
    ] {
        let html = reader.open(page).await.text;
        // The palette leads everywhere, from every page.
        let links = html.matches(&format!("href=\"{document}\"")).count();
        assert!(links > 1, "{page} does not lead to {document}");
    }
    let found = reader.open("/search?q=webhooks").await.text;
    assert!(found.contains("href=\"/docs/webhooks\""), "{found}");
}
