//! One item becomes an event, or a refusal that says how to put it right.

use std::cell::Cell;

use uuid::{NoContext, Uuid};

use super::bounds::{Bounds, MAX_INTEGER};
use super::context::Context;
use super::digest::digest;
use super::fields::{Fields, Names, unquote};
use super::plausible::Implausible;
use super::refusal::{Code, Refusal};
use super::said::Spent;
use super::time::Times;
use super::{names, plausible, time, tokens};
use crate::limits::learned::{Observation, headers};
use crate::usage::{ApiFailure, EndpointClass, Event, Handling, Outcome, Policy, RemarkCode, Remarks};

const ITEM: Names = Names {
    path: "",
    known: &[
        "id",
        "at",
        "sent_at",
        "duration_ms",
        "ttft_ms",
        "model",
        "endpoint",
        "endpoint_class",
        "stream",
        "status",
        "outcome",
        "error",
        "stop_reason",
        "max_tokens",
        "usage",
        "estimated",
        "policies",
        "waited_ms",
        "answered_here",
        "headers",
        "attempt",
        "organization",
        "workspace",
        "api_key",
        "project",
        "feature",
        "user",
        "session",
        "labels",
        "remarks",
    ],
    unused: &[],
};

const ERROR: Names = Names { path: "error.", known: &["type", "code", "details"], unused: &["message"] };
const REMARK: Names = Names { path: "remarks[].", known: &["code", "field"], unused: &[] };
const ERROR_DETAILS: Names = Names { path: "error.details.", known: &["error_code"], unused: &[] };

/// What an item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadItem {
    pub event: Event,
    /// A hash of what its reporter said, before headers and the key's defaults were filled in: neither turns a
    /// second try into a conflict.
    pub digest: [u8; 8],
    /// What the response's headers say about limits, if anything.
    pub observation: Option<Box<Observation>>,
    /// The item had no id, so it got one of ours: sent again it would count again.
    pub id_assigned: bool,
    /// How far the sender's clock was behind Tacho's, in milliseconds, when the event's time was moved by that.
    pub skew_ms: Option<i64>,
    /// Fields nobody reads. Their names and values are not kept.
    pub unknown_fields: u32,
}

/// Reads one item.
///
/// Of its `headers` only what they say about limits is taken, and who they are for: organization and workspace, where
/// the item itself leaves them out. That, too, is filled in after the digest is made, so that an event is the same with
/// headers and without.
pub fn read(item: &str, context: &Context) -> Result<ReadItem, Refusal> {
    if !item.trim_start().starts_with('{') {
        let message = "an item must be a JSON object, such as {\"model\":\"...\",\"usage\":{...}}";
        return Err(Refusal::new(Code::NotAnObject, message));
    }
    let unknown = Cell::new(0);
    let fields = Fields::new(item, &ITEM, &unknown, context.bounds.depth, Some(context.fingerprints))?;
    let id = id(&fields, context.bounds)?;
    let named = |refusal| Refusal { id: id.clone(), ..refusal };
    let observation = observation(&fields, context.bounds).map_err(named)?;
    let (mut event, skew_ms) = event(&fields, context).map_err(named)?;
    match context.implausible {
        Implausible::Refused => plausible::check(&event, context.bounds).map_err(named)?,
        Implausible::Unknown => plausible::or_unknown(&mut event, context.bounds),
    }
    let id_assigned = id.is_none();
    event.id = id.unwrap_or_else(|| assigned_id(context.now_ms));
    let digest = digest(&event);
    observation.fill(&mut event.dimensions);
    if event.dimensions.fill_from(context.key_defaults, context.bounds.labels) {
        event.remarks.note(RemarkCode::Cut, "labels");
    }
    let observation = observation.boxed();
    Ok(ReadItem { event, digest, observation, id_assigned, skew_ms, unknown_fields: unknown.get() })
}

/// The item's event, but for its id and what its sender's key fills in; and by how much its time was moved.
fn event(fields: &Fields, context: &Context) -> Result<(Event, Option<i64>), Refusal> {
    let bounds = context.bounds;
    let mut spent = tokens::spent(fields, bounds, context.implausible)?;
    let mut about_endpoint = Remarks::default();
    let endpoint = names::word(fields, "endpoint", bounds.dimension_bytes, &mut about_endpoint)?;
    let class = endpoint_class(fields, bounds)?.unwrap_or_else(|| EndpointClass::of(&endpoint, &spent.usage));
    if !class.tells_usage() {
        spent = Spent { usage: spent.usage, ..Spent::default() };
    }
    // What there is to say of usage comes first: a price may hang on it, and only so many remarks are kept.
    let mut remarks = remarks(fields, spent.remarks, bounds)?;
    remarks.extend(&about_endpoint);
    let stop_reason = names::passed_on(fields, "stop_reason", bounds.dimension_bytes, &mut remarks)?;
    let longest_ms = bounds.duration_s.saturating_mul(1_000);
    let Times { at_ms, skew_ms } = time::times(fields, context)?;
    let status = narrow(fields.number("status", 100..=599)?);
    let event = Event {
        id: String::new(),
        at_ms: at_ms.unwrap_or(context.now_ms),
        at_assigned: at_ms.is_none(),
        received_at_ms: context.now_ms,
        duration_ms: fields.milliseconds("duration_ms", longest_ms)?,
        ttft_ms: fields.milliseconds("ttft_ms", longest_ms)?,
        endpoint_class: class,
        stream: fields.flag("stream")?,
        status,
        outcome: outcome(fields, bounds)?,
        failure: failure(fields, bounds, &mut remarks)?,
        stop_reason,
        max_tokens: fields.number("max_tokens", 0..=MAX_INTEGER)?,
        attempt: narrow(fields.number("attempt", 0..=u64::from(u32::MAX))?).unwrap_or(0),
        usage: class.used(&endpoint, status, spent.usage),
        endpoint,
        estimated: fields.flag("estimated")?,
        handling: handling(fields, bounds)?,
        iterations: spent.iterations,
        service_tier: spent.service_tier,
        fast: spent.fast,
        geo_us: spent.geo_us,
        dimensions: names::dimensions(fields, bounds, &mut remarks)?,
        remarks,
    };
    Ok((event, skew_ms))
}

/// A number that was checked to fit.
fn narrow<T: TryFrom<u64>>(number: Option<u64>) -> Option<T> {
    number.and_then(|number| T::try_from(number).ok())
}

fn id(fields: &Fields, bounds: &Bounds) -> Result<Option<String>, Refusal> {
    let Some(raw) = fields.raw("id") else { return Ok(None) };
    let id = fields.unquoted("id", raw)?;
    if id.is_empty() || id.len() > bounds.id_bytes || id.contains(char::is_control) {
        let problem =
            format_args!("must be 1 to {} printable bytes; leave it out when there is none", bounds.id_bytes);
        return Err(fields.refuse(Code::InvalidId, "id", problem));
    }
    Ok(Some(fields.without_key(id.into_owned())))
}

/// An id for an item without one; begins with the time, as [`crate::usage::EventKey`] likes it.
pub fn assigned_id(now_ms: i64) -> String {
    let now_ms = now_ms.max(0).unsigned_abs();
    let nanos = u32::try_from(now_ms % 1_000 * 1_000_000).unwrap_or(0);
    let uuid = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, now_ms / 1_000, nanos));
    format!("evt_{}", uuid.hyphenated())
}

fn outcome(fields: &Fields, bounds: &Bounds) -> Result<Outcome, Refusal> {
    let word = fields.text("outcome", bounds.dimension_bytes)?;
    if word.is_empty() {
        return Ok(Outcome::default());
    }
    Outcome::from_word(&word).ok_or_else(|| {
        let words = Outcome::ALL.map(Outcome::word).join(", ");
        fields.refuse(Code::InvalidField, "outcome", format_args!("must be one of: {words}"))
    })
}

/// What it counts as, where the item says so itself.
fn endpoint_class(fields: &Fields, bounds: &Bounds) -> Result<Option<EndpointClass>, Refusal> {
    let word = fields.text("endpoint_class", bounds.dimension_bytes)?;
    if word.is_empty() {
        return Ok(None);
    }
    EndpointClass::from_word(&word).map(Some).ok_or_else(|| {
        let words = EndpointClass::ALL.map(EndpointClass::word).join(", ");
        fields.refuse(Code::InvalidField, "endpoint_class", format_args!("must be one of: {words}"))
    })
}

/// What policies of a proxy did with it, as an event that is listed says it.
fn handling(fields: &Fields, bounds: &Bounds) -> Result<Handling, Refusal> {
    let longest_ms = bounds.duration_s.saturating_mul(1_000);
    let mut handling = Handling::default();
    handling.waited_ms = fields.milliseconds("waited_ms", longest_ms)?;
    handling.answered_here = fields.flag("answered_here")?;
    for word in fields.words("policies")? {
        let policy = Policy::from_word(&word).ok_or_else(|| {
            let words = Policy::ALL.map(Policy::word).join(", ");
            fields.refuse(Code::InvalidField, "policies", format_args!("may hold: {words}"))
        })?;
        handling.note(policy);
    }
    Ok(handling)
}

/// What there is to remark, and what was remarked on it before, as an event that is listed says it. No event is lost for
/// what is said about it: codes of a newer program are passed over.
fn remarks(fields: &Fields, mut remarks: Remarks, bounds: &Bounds) -> Result<Remarks, Refusal> {
    for remark in fields.objects("remarks", &REMARK)? {
        let code = remark.raw("code").and_then(unquote).and_then(|word| RemarkCode::from_word(&word));
        let Some((code, field)) = code.zip(remark.raw("field")) else { continue };
        let field = names::name(&remark, field, "", bounds.dimension_bytes, &mut Remarks::default());
        if !field.is_empty() {
            remarks.note(code, &field);
        }
    }
    Ok(remarks)
}

fn failure(fields: &Fields, bounds: &Bounds, remarks: &mut Remarks) -> Result<Option<ApiFailure>, Refusal> {
    let Some(error) = fields.object("error", &ERROR)? else { return Ok(None) };
    let mut word = |fields: &Fields, name| names::passed_on(fields, name, bounds.dimension_bytes, remarks);
    let mut code = word(&error, "code")?;
    if let Some(details) = error.object("details", &ERROR_DETAILS)?
        && code.is_empty()
    {
        code = word(&details, "error_code")?;
    }
    Ok(Some(ApiFailure { kind: word(&error, "type")?, code }))
}

/// Response headers about limits, as far as they are short text. Others may come along and are not looked at: nothing
/// hangs on a header, so that none refuses its event.
fn observation(fields: &Fields, bounds: &Bounds) -> Result<Observation, Refusal> {
    let mut about_limits = Vec::new();
    let members = fields.raw_members("headers")?;
    let members =
        members.ok_or_else(|| fields.refuse(Code::InvalidField, "headers", "must hold a JSON object"))?;
    for (name, raw) in members {
        let name = unquote(name).unwrap_or_default().to_ascii_lowercase();
        let is_read = name == "retry-after" || name == "request-id" || name.starts_with("anthropic-");
        if raw == "null" || !is_read {
            continue;
        }
        let Ok(value) = fields.unquoted("headers", raw) else { continue };
        if value.len() > bounds.dimension_bytes {
            continue;
        }
        about_limits.push((name, fields.without_key(value.into_owned())));
    }
    Ok(headers::read(about_limits.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{Dimensions, Fingerprints};

    /// Every `NAME.json` in `tests/fixtures/events` becomes what `NAME.txt` says.
    #[test]
    fn fixtures_become_their_events() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/events");
        let key_defaults = Dimensions { project: "from-key".into(), ..Dimensions::default() };
        let bounds = Bounds::default();
        let context = Context {
            now_ms: 1_795_464_300_000,
            accepts_old: false,
            just_sent: true,
            shift_ms: 0,
            implausible: Implausible::Refused,
            bounds: &bounds,
            key_defaults: &key_defaults,
            fingerprints: &Fingerprints::new([0; 32]),
        };
        let mut pairs = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let mut reading = read(&std::fs::read_to_string(&path).unwrap(), &context).unwrap();
            if reading.id_assigned {
                assert!(reading.event.id.starts_with("evt_"));
                reading.event.id = "evt_...".into();
            }
            let found = format!("{reading:#?}\n");
            let expected = path.with_extension("txt");
            if std::env::var_os("TACHO_WRITE_FIXTURES").is_some() {
                std::fs::write(&expected, &found).unwrap();
            }
            assert_eq!(found, std::fs::read_to_string(&expected).unwrap(), "{}", path.display());
            assert!(!found.contains("never kept") && !found.contains("sk-ant"), "{}", path.display());
            pairs += 1;
        }
        assert!(pairs >= 6);
    }

    #[test]
    fn ids_of_ours_begin_with_their_time() {
        let (earlier, later) = (assigned_id(1_795_464_300_000), assigned_id(1_795_464_300_001));
        assert!(earlier < later);
        let uuid = Uuid::try_parse(earlier.strip_prefix("evt_").unwrap()).unwrap();
        assert_eq!(uuid.get_version_num(), 7);
        assert_eq!(uuid.get_timestamp().unwrap().to_unix(), (1_795_464_300, 0));
        assert_ne!(earlier, assigned_id(1_795_464_300_000));
    }
}
