//! The many spellings of one model: who serves it, where, and which one it is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::model::Named;
use super::{provider, region};

/// The provider whose price list is `prices.toml`, and whose limits response headers tell of.
pub const FIRST_PARTY: &str = "anthropic";

const BEDROCK: &str = "bedrock";
const VERTEX: &str = "vertex";

/// Names of providers by what stands before an id.
static PREFIXES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    // A test reads the same text: a mistake in it does not leave the workshop.
    let rows = toml::from_str(provider::EMBEDDED).map_or(Vec::new(), |file: provider::File| file.provider);
    let named =
        |row: provider::ProviderRow| row.prefixes.into_iter().map(move |prefix| (prefix, row.name.clone()));
    rows.into_iter().flat_map(named).collect()
});

/// The id of a model, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling<'a> {
    /// Who serves it, by the names of `providers.toml`; nothing when what stands before the id is not known.
    pub provider: Option<&'static str>,
    /// The region or endpoint of the provider that the id names, or nothing.
    pub region: &'a str,
    /// The id of the model in `models.toml`, when it is one of those.
    pub model: Option<&'static str>,
    pub fast: bool,
}

impl<'a> Spelling<'a> {
    /// Takes an id in lower case apart (`lower`).
    pub fn of(text: &'a str) -> Self {
        let Some((provider, region, id)) = place(text) else {
            return Spelling { provider: None, region: "", model: Named::of(bare(text)).id, fast: false };
        };
        let named = Named::of(id);
        let provider = provider.or(named.cloud).unwrap_or(FIRST_PARTY);
        Spelling { provider: Some(provider), region, model: named.id, fast: named.fast }
    }
}

/// An id in lower case: nobody tells models apart by it.
pub fn lower(model: &str) -> Cow<'_, str> {
    match model.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(model.to_ascii_lowercase()),
        false => Cow::Borrowed(model),
    }
}

/// The plain id of a model, without what cloud platforms and gateways put around it: `anthropic/`, `us.anthropic.`,
/// `@20250929`, `-v1:0`, `[1m]`, and the date of a snapshot. Whoever serves it, it is the same model.
pub fn canonical(model: &str) -> &str {
    Spelling::of(&lower(model)).model.unwrap_or_else(|| Named::of(bare(model)).rest)
}

/// An id without what stands before it, whatever that is.
fn bare(model: &str) -> &str {
    let id = model.rsplit('/').next().unwrap_or(model);
    id.rsplit_once("anthropic.").map_or(id, |(_, id)| id)
}

/// Provider, region and id; nothing when what stands before the id is not known.
fn place(text: &str) -> Option<(Option<&'static str>, &str, &str)> {
    let (mut provider, mut place, mut rest) = (None, "", text);
    while let Some(end) = rest.find(['/', ':']) {
        let (word, after) = (&rest[..end], &rest[end + 1..]);
        if word == "arn" {
            return arn(rest);
        }
        let prefix = PREFIXES.get(word).map(String::as_str);
        if rest.as_bytes()[end] == b':' && prefix.is_none() {
            break;
        }
        rest = after;
        match (provider, prefix, word) {
            (None, Some(named), _) => provider = Some(named),
            // Claude Platform on AWS is spelled as a part of Bedrock.
            (Some(BEDROCK), Some(named @ "claude_platform_on_aws"), _) => provider = Some(named),
            // The vendor, as marketplaces name it.
            (Some(_), Some(FIRST_PARTY), _) => {}
            (Some(named), Some(again), _) if named == again => {}
            // LiteLLM's routes to Bedrock.
            (Some(BEDROCK), None, "converse" | "invoke") => {}
            (None | Some(VERTEX), None, "projects") => {
                provider = Some(VERTEX);
                rest = after.split_once('/')?.1;
            }
            (None | Some(VERTEX), None, "publishers") => provider = Some(VERTEX),
            (Some(VERTEX), None, "locations") => (place, rest) = after.split_once('/')?,
            (Some(VERTEX), None, "models") => {}
            (Some(VERTEX | BEDROCK | "bedrock_mantle"), None, _) if region::cloud_of(word).is_some() => {
                place = word;
            }
            _ => return None,
        }
    }
    if let Some((before, id)) = rest.split_once("anthropic.") {
        let served = matches!(provider, None | Some(BEDROCK | "bedrock_mantle"));
        return served.then_some((provider.or(Some(BEDROCK)), runs_in(place, before)?, id));
    }
    match (rest.strip_prefix("databricks-"), rest.strip_prefix("anthropic-")) {
        (Some(id), _) => {
            matches!(provider, None | Some("databricks")).then_some((Some("databricks"), "", id))
        }
        (_, Some(id)) => provider.map(|named| (Some(named), place, id)),
        _ => Some((provider, place, rest)),
    }
}

/// Provider, region and id of a model or of an inference profile of Bedrock:
/// `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0`. What an
/// application's own profile stands for is not in its name. The partition after `arn` must be the one that has the region.
fn arn(text: &str) -> Option<(Option<&'static str>, &str, &str)> {
    let mut parts = text.splitn(6, ':').skip(1);
    let (partition, service, place) = (parts.next()?, parts.next()?, parts.next()?);
    let (_account, resource) = (parts.next()?, parts.next()?);
    let (kind, id) = resource.split_once('/')?;
    let (before, id) = id.split_once("anthropic.")?;
    let named = service == BEDROCK
        && matches!(kind, "foundation-model" | "inference-profile")
        && region::cloud_of(place) == Some(partition);
    named.then_some((Some(BEDROCK), runs_in(place, before)?, id))
}

/// Where a model of Bedrock runs: the inference profile that stands before its id, or else the region that is called.
/// No profile leads into GovCloud or out of it.
fn runs_in<'a>(region: &'a str, before: &'a str) -> Option<&'a str> {
    if before.is_empty() {
        return Some(region);
    }
    let profile = before.strip_suffix('.')?;
    let governmental = |place: &str| place.starts_with("us-gov");
    (region.is_empty() || governmental(region) == governmental(profile)).then_some(profile)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pricing::model;

    fn read(text: &str) -> (Option<&'static str>, String, Option<&'static str>) {
        let text = lower(text);
        let Spelling { provider, region, model, .. } = Spelling::of(&text);
        (provider, region.to_owned(), model)
    }

    #[test]
    fn spellings_of_one_model_are_one_and_say_who_serves_it() {
        let profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile";
        let sonnet = "claude-sonnet-4-5-20250929-v1:0";
        for (spelling, provider, region) in [
            ("claude-sonnet-4-5", "anthropic", ""),
            ("claude-sonnet-4-5-20250929", "anthropic", ""),
            ("claude-sonnet-4-5-latest", "anthropic", ""),
            ("claude-sonnet-4-5[1m]", "anthropic", ""),
            ("Claude-Sonnet-4-5", "anthropic", ""),
            ("claude-sonnet-4-5-thinking", "anthropic", ""),
            ("anthropic/claude-sonnet-4.5", "anthropic", ""),
            ("anthropic/claude-sonnet-4.5:beta", "anthropic", ""),
            ("anthropic:claude-sonnet-4-5", "anthropic", ""),
            ("bedrock/claude_platform/claude-sonnet-4-5", "claude_platform_on_aws", ""),
            (&format!("anthropic.{sonnet}"), "bedrock", ""),
            (&format!("us.anthropic.{sonnet}"), "bedrock", "us"),
            (&format!("us.anthropic.{sonnet}[1m]"), "bedrock", "us"),
            (&format!("us-gov.anthropic.{sonnet}"), "bedrock", "us-gov"),
            (&format!("{sonnet}:200k"), "bedrock", ""),
            (&format!("bedrock/us-east-1/anthropic.{sonnet}"), "bedrock", "us-east-1"),
            (&format!("bedrock/us-east-1/global.anthropic.{sonnet}"), "bedrock", "global"),
            (&format!("bedrock/converse/eu.anthropic.{sonnet}"), "bedrock", "eu"),
            (&format!("bedrock/us-gov-east-1/{sonnet}"), "bedrock", "us-gov-east-1"),
            (&format!("{profile}/us.anthropic.{sonnet}"), "bedrock", "us"),
            (&format!("bedrock/{profile}/us.anthropic.{sonnet}"), "bedrock", "us"),
            (
                &format!("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.{sonnet}"),
                "bedrock",
                "eu-west-1",
            ),
            (
                &format!(
                    "arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.anthropic.{sonnet}"
                ),
                "bedrock",
                "us-gov",
            ),
            ("claude-sonnet-4-5@20250929", "vertex", ""),
            ("vertex_ai/claude-sonnet-4-5@default", "vertex", ""),
            ("publishers/anthropic/models/claude-sonnet-4-5", "vertex", ""),
            (
                "projects/p-1/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5",
                "vertex",
                "us-east5",
            ),
            ("azure_ai/claude-sonnet-4-5", "azure", ""),
            ("openrouter/anthropic/claude-4.5-sonnet:thinking", "openrouter", ""),
            ("openrouter:anthropic/claude-sonnet-4.5", "openrouter", ""),
            ("vercel_ai_gateway/anthropic/claude-sonnet-4.5", "vercel", ""),
            ("databricks-claude-sonnet-4-5", "databricks", ""),
            ("databricks/databricks-claude-sonnet-4-5", "databricks", ""),
            ("gradient_ai/anthropic-claude-4.5-sonnet", "gradient_ai", ""),
        ] {
            let read = read(spelling);
            assert_eq!(read, (Some(provider), region.to_owned(), Some("claude-sonnet-4-5")), "{spelling}");
            assert_eq!(canonical(spelling), "claude-sonnet-4-5", "{spelling}");
        }
    }

    #[test]
    fn what_stands_before_an_id_and_is_not_known_names_no_provider() {
        for spelling in [
            "somewhere/claude-sonnet-4-5",
            "openrouter/bedrock/claude-sonnet-4-5",
            "vertex_ai/us.anthropic.claude-sonnet-4-5",
            "bedrock/us-east-1/1-month-commitment/anthropic.claude-sonnet-4-5",
            "arn:aws:sagemaker:us-east-1::foundation-model/anthropic.claude-sonnet-4-5",
            "arn:aws-cn:bedrock:cn-north-1::foundation-model/anthropic.claude-sonnet-4-5",
            "arn:aws-cn:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5",
            "arn:aws:bedrock:us-gov-west-1::foundation-model/anthropic.claude-sonnet-4-5",
            "arn:aws-us-gov:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5",
            "arn:aws:bedrock:mars-north-9::foundation-model/us.anthropic.claude-sonnet-4-5",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us-gov.anthropic.claude-sonnet-4-5",
            "bedrock/mars-north-9/us.anthropic.claude-sonnet-4-5",
            "bedrock/us-gov-west-1/us.anthropic.claude-sonnet-4-5",
            "bedrock/us-east-1/us-gov.anthropic.claude-sonnet-4-5",
            "anthropic-claude-sonnet-4-5",
            "myanthropic.claude-sonnet-4-5",
        ] {
            assert_eq!(read(spelling).0, None, "{spelling}");
        }
        assert_eq!(canonical("somewhere/claude-sonnet-4-5"), "claude-sonnet-4-5");
    }

    #[test]
    fn a_model_that_is_not_known_keeps_its_name() {
        for (spelling, plain) in [
            ("my-claude-sonnet-4-5-finetune", "my-claude-sonnet-4-5-finetune"),
            ("claude-next-6-20270101", "claude-next-6"),
            ("us.anthropic.claude-next-6-v1:0", "claude-next-6"),
            ("arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2", "a1b2"),
            ("GPT-4", "GPT-4"),
            ("", ""),
        ] {
            assert_eq!(canonical(spelling), plain, "{spelling}");
            assert_eq!(read(spelling).2, None, "{spelling}");
        }
    }

    proptest! {
        #[test]
        fn what_may_stand_around_an_id_does_not_change_the_model(
            before in prop::sample::select(vec!["", "anthropic/", "us.anthropic.", "vertex_ai/", "openrouter/anthropic/"]),
            id in prop::sample::select(model::ids().collect::<Vec<_>>()),
            date in prop::sample::select(vec!["", "-20250929", "-latest"]),
            end in prop::sample::select(vec!["", "-v1:0", "-v1:0:48k", "@default", "-thinking", ":beta", "[1m]"]),
            upper in any::<bool>(),
        ) {
            let spelling = format!("{before}{id}{date}{end}");
            let spelling = if upper { spelling.to_ascii_uppercase() } else { spelling };
            prop_assert_eq!(canonical(&spelling), id, "{}", spelling);
            prop_assert!(Spelling::of(&lower(&spelling)).provider.is_some());
        }

        #[test]
        fn what_is_only_similar_is_no_known_model(
            id in prop::sample::select(model::ids().collect::<Vec<_>>()),
            more in "[a-z]{1,6}",
        ) {
            for similar in [format!("{more}-{id}"), format!("{more}{id}"), format!("{id}{more}"), format!("{id}-{more}x")] {
                prop_assert_eq!(Spelling::of(&similar).model, None, "{}", similar);
            }
        }

        #[test]
        fn any_text_can_be_read(text in "\\PC{0,40}", cut in "[/:@.\\[-]{0,6}") {
            canonical(&text);
            let mixed = format!("arn{cut}{text}{cut}projects/{text}anthropic.{cut}");
            prop_assert!(canonical(&mixed).len() <= mixed.len().max(32));
        }
    }
}
