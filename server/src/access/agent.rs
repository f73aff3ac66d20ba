//! What a browser calls itself.

use http::{HeaderMap, header};

/// As much of what a browser calls itself is kept, in bytes.
const LONGEST_AGENT: usize = 256;

/// What a browser calls itself, as it is kept.
pub fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(LONGEST_AGENT).collect()
}

/// A browser and its system, as far as they can be told: browsers name others before themselves.
pub fn browser_and_system(agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(part, _)| agent.contains(part)).map(|(_, word)| *word)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    (browser, system)
}

/// `Firefox on Linux`, for the command line.
pub fn agent_in_words(agent: &str) -> String {
    let (browser, system) = browser_and_system(agent);
    let browser = browser.unwrap_or("an unknown browser");
    system.map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        for (agent, words) in [
            (chrome.to_owned(), "Chrome on Linux"),
            (format!("{chrome} Edg/140.0"), "Edge on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Safari/604.1".to_owned(),
                "Safari on iPhone",
            ),
            ("curl/8.5".to_owned(), "an unknown browser"),
        ] {
            assert_eq!(agent_in_words(&agent), words);
        }
    }
}
