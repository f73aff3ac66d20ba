//! What is written down is so: paths, links, codes of errors, settings, routes, kinds of limit.

use std::collections::BTreeSet;
use std::path::Path;

use super::root;
use super::sources::{code, everywhere};

#[test]
fn what_the_map_names_is_there() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for named in map.split('`').skip(1).step_by(2) {
        let is_path = named.contains('/') && !named.starts_with('/') && !named.contains(' ');
        assert!(
            !is_path || root().join(named).exists(),
            "ARCHITECTURE.md names `{named}`, which is not there"
        );
    }
}

/// The quoted word after each occurrence of `before`.
fn words_after<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    let is_word =
        |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let found = text.match_indices(before).filter_map(|(place, _)| {
        let mut parts = text[place + before.len()..].split('"');
        let open = parts.next().filter(|open| open.len() < 60 && !open.contains(';'))?;
        let first = parts.next()?;
        // What the proxy answers has the API's type of error before Tacho's code.
        let second = parts.next().filter(|between| *between == ", ").and_then(|_| parts.next());
        second.filter(|_| open.contains("StatusCode")).or(Some(first))
    });
    found.filter(is_word).filter(|word| !word.ends_with("_error")).collect()
}

#[test]
fn every_code_is_documented() {
    let documented = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let mut codes: BTreeSet<String> =
        domain::read::refusal::Code::ALL.iter().map(|code| code.word().to_owned()).collect();
    for (_, text) in everywhere() {
        let code = code(&text);
        for before in ["Problem::new(", "Problem::invalid(", "bad_request(", "HttpError::new(", "Self::of("] {
            codes.extend(words_after(&code, before).into_iter().map(str::to_owned));
        }
        for error in ["BodyError::", "AddressError::", "LimitError::", "ImportError::", "MappingError::"] {
            codes.extend(words_after(&code, error).into_iter().map(str::to_owned));
        }
    }
    assert!(codes.len() > 50, "{codes:?}");
    for code in codes {
        assert!(documented.contains(&format!("`{code}`")), "docs/errors.md does not name `{code}`");
    }
}

/// Markdown without what is code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The anchors of a page's headings, as they are made where Markdown is shown.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = prose(&std::fs::read_to_string(page).unwrap());
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|char| char.is_alphanumeric() || matches!(char, '-' | '_')).collect()
    };
    headings.map(anchor).collect()
}

/// The pages that people read, from the root: those at the top, those of the hooks, and all of `docs`.
fn pages() -> Vec<String> {
    let mut pages = vec!["sdk/python/README.md".to_owned(), "sdk/typescript/README.md".to_owned()];
    for folder in ["", "docs/"] {
        let files = std::fs::read_dir(root().join(folder)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        pages.extend(names.filter(|name| name.ends_with(".md")).map(|name| format!("{folder}{name}")));
    }
    pages.sort_unstable();
    pages
}

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    for name in pages() {
        let page = root().join(&name);
        let text = prose(&std::fs::read_to_string(&page).unwrap());
        let written = ["](", "src=\"", "srcset=\""].into_iter().flat_map(|before| text.split(before).skip(1));
        for link in written.filter_map(|rest| rest.split([')', '"']).next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{name} links to {link}, which is not there");
            assert!(
                anchor.is_empty() || anchors(&target).contains(anchor),
                "{name} links to {link}: there is no such chapter"
            );
            links += 1;
        }
    }
    assert!(links >= 150, "{links}");
}

/// Asserts that a page of `docs` names each word as code, by itself or within a line of it.
fn assert_names<'a>(page: &str, words: impl IntoIterator<Item = &'a str>) {
    let text = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let mut count = 0;
    for word in words {
        let is_named = ["`", " "].iter().any(|end| text.contains(&format!("`{word}{end}")))
            || text.contains(&format!(" {word}`"));
        assert!(is_named, "docs/{page} does not name `{word}`");
        count += 1;
    }
    assert!(count > 0, "nothing to look for in docs/{page}");
}

#[test]
fn pages_name_every_setting_route_and_kind_of_limit() {
    let defaults = std::fs::read_to_string(root().join("server/tacho.default.toml")).unwrap();
    let words = defaults.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    assert_names("configuration.md", words.filter(|word| word.starts_with("TACHO_")));
    assert_names("limits.md", domain::limits::KINDS.iter().map(|kind| kind.word));
    let paths = server::http::paths();
    let open =
        paths.iter().map(String::as_str).filter(|path| path.starts_with("/v1/") && !path.contains('*'));
    assert_names("api.md", open);
}

#[test]
fn the_index_leads_to_every_page() {
    let index = std::fs::read_to_string(root().join("docs/README.md")).unwrap();
    for page in
        pages().iter().filter_map(|page| page.strip_prefix("docs/")).filter(|page| *page != "README.md")
    {
        assert!(index.contains(&format!("]({page})")), "docs/README.md does not lead to docs/{page}");
    }
}
