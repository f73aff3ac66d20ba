//! Which folder speaks what: runtime, HTTP, SQL, interface. The map's last column says so, and nothing else is spoken.

use std::collections::{BTreeMap, BTreeSet};

use super::map::{floor_of, floors};
use super::modules::Workspace;
use super::root;

/// What is spoken, and the crates that it is spoken by.
const TONGUES: [(&str, &[&str]); 7] = [
    ("tokio", &["tokio", "tokio_util", "tokio_stream"]),
    ("http", &["http"]),
    ("hyper", &["hyper", "hyper_util", "hyper_rustls", "http_body_util", "h2", "tower"]),
    ("axum", &["axum", "tower_http"]),
    ("reqwest", &["reqwest"]),
    ("sqlx", &["sqlx"]),
    ("leptos", &["leptos", "leptos_axum", "leptos_meta", "leptos_router", "server_fn"]),
];

/// The crates of the workspace that are shipped; the others may speak as they like.
const SHIPPED: [&str; 5] = ["vocabulary/", "domain/", "app/", "browser/", "server/"];

#[test]
fn a_folder_speaks_what_the_map_says() {
    let (workspace, floors) = (Workspace::read(&root()), floors(&root()));
    let mut heard: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (id, module) in workspace.modules.iter().enumerate() {
        let Some(floor) = floor_of(&floors, &module.file).map(|floor| &floors[floor]) else { continue };
        if !SHIPPED.iter().any(|shipped| module.file.starts_with(shipped)) {
            continue;
        }
        for (path, line) in &module.said.paths {
            let Some((tongue, _)) = TONGUES.iter().find(|(_, crates)| crates.contains(&path[0].as_str()))
            else {
                continue;
            };
            if workspace.is_own(id, &path[0]) {
                continue;
            }
            heard.entry(&floor.path).or_default().insert(tongue);
            if !floor.speaks.iter().any(|speaks| speaks == tongue) {
                wrong.push(format!("  {}:{line} names {}", module.file, path.join("::")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "Runtimes, protocols and interfaces are spoken where the last column of the map in ARCHITECTURE.md says so. Hand \
         over what was understood instead, or do it in a folder that speaks this:\n{}",
        wrong.join("\n")
    );
    for floor in &floors {
        let heard = heard.get(floor.path.as_str()).cloned().unwrap_or_default();
        for speaks in &floor.speaks {
            assert!(
                heard.contains(speaks.as_str()),
                "the map says that `{}` speaks {speaks}; it does not",
                floor.path
            );
        }
    }
}
