//! Every limit: where it stands, what it is, and how to change it; one row each.

use std::collections::HashMap;

use leptos::prelude::*;
use vocabulary::wording;

use super::form::edit;
use super::{MESSAGES, RefusedForm};
use crate::api::limits::{LimitItem, LimitsPage};
use crate::api::standing::Standing;
use crate::pages::now::{self, LimitCells};
use crate::parts::{covered_value, kind_name, learned_name, limit_name, named, own_name, state_class};
use crate::reader::Reader;
use crate::text::Noun;

/// Thresholds that need not be told, in percent.
const USUAL: (u32, u32) = (80, 100);

/// Every limit of the page: where it stands, what it is, and how to change it.
pub fn list(reader: &Reader, page: &LimitsPage, refused: Option<&RefusedForm>) -> AnyView {
    let text = &reader.text().limits;
    let (mut learned, mut own): (Vec<&LimitItem>, Vec<&LimitItem>) =
        page.limits.iter().partition(|limit| limit.learned.is_some());
    // Pool by pool, as the first page has them.
    learned.sort_by_cached_key(|limit| {
        let kind = text.kinds.iter().position(|(word, _)| *word == limit.kind);
        (limit.scope.pool.as_ref().map(|pool| pool.to_lowercase()), kind)
    });
    // By kind and name, as there, too.
    own.sort_by_cached_key(|limit| {
        let kind = text.kinds.iter().position(|(word, _)| *word == limit.kind);
        (kind, limit.name.to_lowercase(), limit.id.clone())
    });
    let not_learned = (page.not_learned > 0).then(|| {
        view! { <p class="notice">{(text.not_learned)(&reader.count(page.not_learned, Noun::Time))}</p> }
    });
    let more = (page.more > 0).then(|| {
        view! { <p class="footnote">{(text.more)(&reader.count(page.more, Noun::Limit))}</p> }
    });
    let empty = page.limits.is_empty().then(|| view! { <p class="notice">{text.none}</p> });
    let mut standings: HashMap<&str, Vec<&Standing>> = HashMap::new();
    for standing in &page.standings {
        standings.entry(&standing.limit_id).or_default().push(standing);
    }
    let standings = |limit: &LimitItem| standings.get(limit.id.as_str()).map_or(&[][..], Vec::as_slice);
    let group = |id: &'static str, title: &'static str, limits: Vec<&LimitItem>| {
        let is_empty = limits.is_empty();
        let items = limits.into_iter().map(|limit| item(reader, page, limit, standings(limit), refused));
        let items = items.collect_view();
        (!is_empty).then(|| view! { <section class="limits" aria-labelledby=id><h2 id=id>{title}</h2><ul>{items}</ul></section> })
    };
    view! {
        {not_learned}
        {empty}
        {group("own-limits", reader.text().now.own_limits, own)}
        {group("api-limits", reader.text().now.api_limits, learned)}
        {more}
    }
    .into_any()
}

fn item(
    reader: &Reader,
    page: &LimitsPage,
    limit: &LimitItem,
    standings: &[&Standing],
    refused: Option<&RefusedForm>,
) -> AnyView {
    let name = wording::name(&limit.name);
    let title = match limit.learned.is_some() {
        true => learned_name(reader, &name, &limit.kind),
        false => named(reader, own_name(&name, &limit.source), &limit.kind),
    };
    let (worst, others) = standings.split_at(standings.len().min(1));
    let worst = worst.first().copied();
    let title =
        worst.filter(|worst| worst.learned.is_some()).map_or(title, |worst| limit_name(reader, worst));
    let state = worst.map(|worst| state_class(worst.present()));
    let cells = worst.map(|worst| {
        let LimitCells { lane, share, amount, exact, when } = LimitCells::of(reader, worst);
        view! {
            <span class="own-lane">{lane}</span>
            <span class="own-share">{share}</span>
            <span class="own-amount" title=exact>{amount}</span>
            <span class="own-when">{when}</span>
        }
    });
    let edit = limit.editable.then(|| edit(reader, page, limit, refused));
    view! {
        <li id=limit.id.clone() class="limit-item" aria-label=title.clone() data-state=state>
            <h3 class="limit-name">{title.clone()}" "<small>{covered(reader, page, limit, worst)}</small></h3>
            {cells}
            <p class="facts">{facts(reader, &title, limit, worst)}</p>
            <div class="edits">{others_list(reader, limit, others, worst)}{edit}</div>
        </li>
    }
    .into_any()
}

/// The lower values of a limit on each value.
fn others_list(
    reader: &Reader,
    limit: &LimitItem,
    others: &[&Standing],
    worst: Option<&Standing>,
) -> Option<AnyView> {
    let text = &reader.text().limits;
    let values = worst.map_or(0, |worst| worst.values);
    let more = values.saturating_sub(others.len() as u64 + 1);
    let more = (more > 0)
        .then(|| view! { <p class="footnote">{(text.more_values)(&reader.exact(more as f64))}</p> });
    (!others.is_empty()).then(|| {
        let said = (text.other_values)(&reader.exact(values.saturating_sub(1) as f64));
        view! { <details class="values" id=format!("values-{}", limit.id)><summary>{said}</summary>{now::standing_rows(reader, others)}{more}</details> }
            .into_any()
    })
}

/// What a limit is, in words.
fn facts(reader: &Reader, title: &str, limit: &LimitItem, worst: Option<&Standing>) -> String {
    let text = &reader.text().limits;
    let kind = kind_name(reader, &limit.kind).unwrap_or(&limit.kind);
    let is_said = title.to_lowercase().contains(&kind.to_lowercase());
    let mut facts: Vec<String> = (!is_said).then(|| kind.to_owned()).into_iter().collect();
    if worst.is_none() {
        facts.push(reader.allowed(limit.amount, &limit.unit));
    }
    if (limit.warn_percent, limit.critical_percent) != USUAL {
        facts.push((text.thresholds)(&limit.warn_percent.to_string(), &limit.critical_percent.to_string()));
    }
    facts.push(match limit.editable {
        true => text
            .sources
            .iter()
            .find(|(word, _)| *word == limit.source)
            .map_or_else(|| limit.source.clone(), |(_, said)| (*said).to_owned()),
        false => text.set_in_file.to_owned(),
    });
    if !limit.enabled {
        facts.push(text.switched_off.to_owned());
    } else if worst.is_none() {
        facts.push(text.nothing_yet.to_owned());
    }
    if limit.enforce {
        facts.push(text.is_enforced.to_owned());
    }
    if !limit.endpoints.is_empty() && limit.endpoints != [MESSAGES] {
        facts.push((text.counts_calls)(&limit.endpoints.join(", ")));
    }
    // That it was seen is told where it has changed since.
    let has_changed = limit.history.iter().any(|change| change.before.is_some());
    facts.extend(limit.history.iter().filter(|_| has_changed).map(|change| {
        let after = reader.amount(change.after, &limit.unit);
        let how = match change.before {
            Some(before) => (text.changed)(&reader.amount(before, &limit.unit), &after),
            None => (text.first_seen)(&after),
        };
        format!("{}: {how}", reader.ago(change.at_ms))
    }));
    facts.join(" · ")
}

/// What a limit covers; of one on each value also which is highest.
fn covered(reader: &Reader, page: &LimitsPage, limit: &LimitItem, worst: Option<&Standing>) -> String {
    let (text, scope) = (&reader.text().limits, &limit.scope);
    if scope.pool.is_some() {
        // The name says what shares it; whose it is matters where there are several.
        let owner = |limit: &LimitItem| (limit.scope.workspace.clone(), limit.scope.organization.clone());
        let learned = page.limits.iter().filter(|other| other.scope.pool.is_some());
        let is_only = learned.into_iter().all(|other| owner(other) == owner(limit));
        let parts = [scope.workspace.as_ref(), scope.organization.as_ref()].into_iter().flatten();
        let parts = parts.filter(|_| !is_only).map(|part| wording::name(part));
        return parts.collect::<Vec<_>>().join(", ");
    }
    let dimension = scope.dimension.as_ref().and_then(|word| word.parse().ok());
    match (dimension, &scope.value) {
        (None, _) => reader.text().now.everything.to_owned(),
        (Some(dimension), Some(value)) => {
            format!("{} {}", reader.text().words.dimension(dimension), wording::name(value))
        }
        (Some(dimension), None) => {
            let each = (text.each)(reader.text().words.dimension(dimension));
            match worst.and_then(|worst| Some((worst.scope.value.as_ref()?, worst.values))) {
                Some((value, of)) if of > 1 => {
                    format!(
                        "{each}: {}",
                        (reader.text().now.worst_of)(covered_value(reader, value), &reader.exact(of as f64))
                    )
                }
                Some((value, _)) => format!("{each}: {}", covered_value(reader, value)),
                None => each,
            }
        }
    }
}
