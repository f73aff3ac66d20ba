//! The API's `usage` object, in its own names.

use std::cell::Cell;

use crate::usage::{Iteration, ServiceTier, Usage, billed};

use super::bounds::Bounds;
use super::fields::{Fields, Names};
use super::refusal::Refusal;

const USAGE: Names = Names {
    path: "usage.",
    known: &[
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "cache_read_input_tokens",
        "output_tokens",
        "server_tool_use",
        "service_tier",
        "speed",
        "inference_geo",
        "iterations",
    ],
    unused: &["output_tokens_details", "fallback_credit"],
};

const ITERATION: Names = Names {
    path: "usage.iterations[].",
    known: &[
        "type",
        "model",
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "cache_read_input_tokens",
        "output_tokens",
        "server_tool_use",
    ],
    unused: &["output_tokens_details"],
};

const CACHE_CREATION: Names = Names {
    path: "usage.cache_creation.",
    known: &["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"],
    unused: &[],
};

const SERVER_TOOL_USE: Names = Names {
    path: "usage.server_tool_use.",
    known: &["web_search_requests"],
    unused: &["web_fetch_requests", "code_execution_requests"],
};

/// What a `usage` object says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub usage: Usage,
    pub iterations: Vec<Iteration>,
    pub service_tier: ServiceTier,
    pub fast: bool,
    pub geo_us: bool,
}

/// Reads the `usage` of an item. Without one everything is unknown.
pub(super) fn spent(item: &Fields, bounds: &Bounds) -> Result<Spent, Refusal> {
    item.object("usage", &USAGE)?.map_or(Ok(Spent::default()), |fields| read(&fields, bounds))
}

/// Reads a `usage` object by itself, as raw JSON.
pub(crate) fn spent_of(usage: &str, bounds: &Bounds) -> Result<Spent, Refusal> {
    read(&Fields::new(usage, &USAGE, &Cell::new(0), bounds.depth, None)?, bounds)
}

/// The fields of a `usage` object that are read and are not null, by name and as raw JSON.
pub(crate) fn known_fields(usage: &str, bounds: &Bounds) -> Result<Vec<(&'static str, String)>, Refusal> {
    let unknown = Cell::new(0);
    let fields = Fields::new(usage, &USAGE, &unknown, bounds.depth, None)?;
    Ok(USAGE.known.iter().filter_map(|name| Some((*name, fields.raw(name)?.to_owned()))).collect())
}

fn read(fields: &Fields, bounds: &Bounds) -> Result<Spent, Refusal> {
    let word = |name| fields.text(name, bounds.dimension_bytes);
    let mut usage = counts(fields, bounds)?;
    let iterations = fields.objects("iterations", &ITERATION)?;
    let iterations: Vec<Iteration> =
        iterations.iter().map(|fields| iteration(fields, bounds)).collect::<Result<_, _>>()?;
    if !iterations.is_empty() {
        usage = Usage { web_search_requests: usage.web_search_requests, ..billed(&iterations) };
    }
    Ok(Spent {
        usage,
        iterations,
        service_tier: match word("service_tier")?.as_str() {
            "priority" => ServiceTier::Priority,
            "batch" => ServiceTier::Batch,
            _ => ServiceTier::Standard,
        },
        fast: word("speed")? == "fast",
        geo_us: word("inference_geo")? == "us",
    })
}

fn iteration(fields: &Fields, bounds: &Bounds) -> Result<Iteration, Refusal> {
    let model = fields.text("model", bounds.model_bytes)?;
    Ok(Iteration {
        kind: fields.text("type", bounds.dimension_bytes)?,
        model: (!model.is_empty()).then_some(model),
        usage: counts(fields, bounds)?,
    })
}

fn counts(fields: &Fields, bounds: &Bounds) -> Result<Usage, Refusal> {
    let tokens = 0..=bounds.tokens;
    let (cache_write_5m_tokens, cache_write_1h_tokens) = cache_writes(fields, bounds)?;
    let tools = fields.object("server_tool_use", &SERVER_TOOL_USE)?;
    let searches = tools.map(|tools| tools.number("web_search_requests", tokens.clone())).transpose()?;
    Ok(Usage {
        input_tokens: fields.number("input_tokens", tokens.clone())?,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        cache_read_tokens: fields.number("cache_read_input_tokens", tokens.clone())?,
        output_tokens: fields.number("output_tokens", tokens)?,
        web_search_requests: searches.flatten().unwrap_or(0),
    })
}

/// Cache writes for five minutes and for an hour. What a total holds beyond its parts was written for five
/// minutes, the API's default; parts beyond their total stand as they are.
fn cache_writes(fields: &Fields, bounds: &Bounds) -> Result<(Option<u64>, Option<u64>), Refusal> {
    let tokens = 0..=bounds.tokens;
    let total = fields.number("cache_creation_input_tokens", tokens.clone())?;
    let (five_minutes, hour) = match fields.object("cache_creation", &CACHE_CREATION)? {
        Some(parts) => (
            parts.number("ephemeral_5m_input_tokens", tokens.clone())?,
            parts.number("ephemeral_1h_input_tokens", tokens)?,
        ),
        None => (None, None),
    };
    let Some(total) = total else { return Ok((five_minutes, hour)) };
    let rest = total.saturating_sub(hour.unwrap_or(0));
    Ok((Some(rest.max(five_minutes.unwrap_or(0))), hour))
}
