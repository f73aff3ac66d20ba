//! The many spellings of one model.

/// The plain id of a model, without what cloud platforms and gateways put around it: `anthropic/`,
/// `us.anthropic.`, `@20250929`, `-v1:0`, `[1m]`, and the date of a snapshot.
pub fn canonical(model: &str) -> &str {
    let mut id = model.rsplit('/').next().unwrap_or(model);
    if let Some((_, rest)) = id.split_once("anthropic.") {
        id = rest;
    }
    for end in ['@', '[', ':'] {
        id = id.split(end).next().unwrap_or(id);
    }
    if let Some((rest, version)) = id.rsplit_once("-v")
        && version.parse::<u8>().is_ok()
    {
        id = rest;
    }
    match id.rsplit_once('-') {
        Some((rest, date)) if is_snapshot(date) => rest,
        _ => id,
    }
}

fn is_snapshot(date: &str) -> bool {
    date == "latest" || (date.len() == 8 && date.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn spellings_of_one_model_are_one() {
        for spelling in [
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
            "anthropic/claude-sonnet-4-5",
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "claude-sonnet-4-5@20250929",
            "claude-sonnet-4-5[1m]",
        ] {
            assert_eq!(canonical(spelling), "claude-sonnet-4-5", "{spelling}");
        }
        assert_eq!(canonical("claude-3-5-haiku-latest"), "claude-3-5-haiku");
        assert_eq!(canonical("gpt-4"), "gpt-4");
        assert_eq!(canonical(""), "");
    }
}
