//! Limits: where they stand, and setting them.

use leptos::prelude::*;
use vocabulary::{Dimension, wording};

use crate::api::limits::{LimitItem, LimitsPage};
use crate::api::standing::Standing;
use crate::pages::now;
use crate::parts::{kind_name, learned_name, named};
use crate::reader::Reader;
use crate::text::Noun;

/// What a limit on requests counts unless it says otherwise: what generates.
const MESSAGES: &str = "messages";

/// The form for a new limit.
pub fn add(reader: &Reader, page: &LimitsPage) -> AnyView {
    let text = &reader.text().limits;
    let options = page.kinds.iter().map(|kind| {
        let name = kind_name(reader, &kind.word).unwrap_or(&kind.word).to_owned();
        view! { <option value=kind.word.clone()>{format!("{name} ({})", reader.text().words.unit(&kind.unit))}</option> }
    });
    let dimensions = Dimension::ALL
        .iter()
        .map(|dimension| view! { <option value=dimension.word()>{reader.text().words.dimension(*dimension)}</option> });
    view! {
        <section id="add" aria-labelledby="add-title">
            <h2 id="add-title">{text.add}</h2>
            <p class="footnote"><a href="/docs/limits">{reader.text().docs.limits}</a></p>
            <form method="post" action="/limits" class="form">
                <input type="hidden" name="id" value=""/>
                <label>{text.kind}<select name="kind">{options.collect_view()}</select></label>
                <label>{text.covers}<select name="scope_dimension"><option value="">{text.everything}</option>{dimensions.collect_view()}</select></label>
                <label>{text.value}<input name="scope_value" placeholder=text.each_value maxlength="256"/></label>
                {fields(reader, &Fields::new(page.time_zone.clone()))}
                <button type="submit" class="primary">{text.add_button}</button>
            </form>
        </section>
    }
    .into_any()
}

/// What a form about a limit holds.
struct Fields {
    name: String,
    amount: String,
    warn: u32,
    critical: u32,
    zone: String,
    default_zone: String,
    enforces: bool,
    /// Which calls it counts; empty where that is no question.
    endpoints: String,
    /// The amount is what headers say.
    is_learned: bool,
}

impl Fields {
    fn new(default_zone: String) -> Self {
        let (name, amount, zone) = (String::new(), String::new(), String::new());
        Fields {
            name,
            amount,
            warn: 80,
            critical: 100,
            zone,
            default_zone,
            enforces: false,
            endpoints: MESSAGES.to_owned(),
            is_learned: false,
        }
    }

    fn of(limit: &LimitItem, default_zone: &str) -> Self {
        Fields {
            name: limit.name.clone(),
            amount: wording::plain(limit.amount, 9),
            warn: limit.warn_percent,
            critical: limit.critical_percent,
            zone: limit.window.tz.clone().unwrap_or_default(),
            default_zone: default_zone.to_owned(),
            enforces: limit.enforce,
            endpoints: limit.endpoints.join(","),
            is_learned: limit.learned.is_some(),
        }
    }
}

fn fields(reader: &Reader, of: &Fields) -> AnyView {
    let text = &reader.text().limits;
    let counted = (!of.endpoints.is_empty()).then(|| {
        let options = text.counted.iter().map(|(value, label)| {
            view! { <option value=*value selected=*value == of.endpoints>{*label}</option> }
        });
        let other = text.counted.iter().all(|(value, _)| *value != of.endpoints).then(|| {
            view! { <option value=of.endpoints.clone() selected=true>{of.endpoints.replace(',', ", ")}</option> }
        });
        view! { <label>{text.counts}<select name="endpoints">{options.collect_view()}{other}</select></label> }
    });
    let enforce = (!of.is_learned).then(|| {
        view! {
            <label>{text.when_exhausted}
                <select name="enforce"><option value="">{text.lets_pass}</option><option value="yes" selected=of.enforces>{text.refuses}</option></select>
            </label>
        }
    });
    view! {
        <label>{text.name}<input name="name" value=of.name.clone() required maxlength="128"/></label>
        <label>{text.amount}<input name="amount" value=of.amount.clone() inputmode="decimal" required readonly=of.is_learned/></label>
        <label>{text.warns_at}<input name="warn_percent" value=of.warn.to_string() inputmode="numeric"/></label>
        <label>{text.critical_at}<input name="critical_percent" value=of.critical.to_string() inputmode="numeric"/></label>
        {counted}
        <label>{text.zone}<input name="time_zone" value=of.zone.clone() placeholder=of.default_zone.clone()/></label>
        {enforce}
    }
    .into_any()
}

/// Every limit of the page: where it stands, what it is, and how to change it.
pub fn list(reader: &Reader, page: &LimitsPage) -> AnyView {
    let text = &reader.text().limits;
    let (mut learned, own): (Vec<&LimitItem>, Vec<&LimitItem>) =
        page.limits.iter().partition(|limit| limit.learned.is_some());
    // Pool by pool, as the first page has them.
    learned.sort_by_cached_key(|limit| {
        let kind = text.kinds.iter().position(|(word, _)| *word == limit.kind);
        (limit.scope.pool.as_ref().map(|pool| pool.to_lowercase()), kind)
    });
    let not_learned = (page.not_learned > 0).then(|| {
        view! { <p class="notice">{(text.not_learned)(&reader.count(page.not_learned, Noun::Time))}</p> }
    });
    let more = (page.more > 0).then(|| {
        view! { <p class="footnote">{(text.more)(&reader.count(page.more, Noun::Limit))}</p> }
    });
    let empty = page.limits.is_empty().then(|| view! { <p class="notice">{text.none}</p> });
    let group = |id: &'static str, title: &'static str, limits: Vec<&LimitItem>| {
        let is_empty = limits.is_empty();
        let items = limits.into_iter().map(|limit| item(reader, page, limit)).collect_view();
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

fn item(reader: &Reader, page: &LimitsPage, limit: &LimitItem) -> AnyView {
    let text = &reader.text().limits;
    let name = wording::name(&limit.name);
    let title = match limit.learned.is_some() {
        true => learned_name(reader, &name, &limit.kind),
        false => named(reader, &name, &limit.kind),
    };
    let standings: Vec<&Standing> =
        page.standings.iter().filter(|standing| standing.limit_id == limit.id).collect();
    let values = standings.first().map_or(0, |worst| worst.values);
    let more = values.saturating_sub(standings.len() as u64);
    let idle =
        (limit.enabled && standings.is_empty()).then(|| view! { <p class="footnote">{text.nothing_yet}</p> });
    let (worst, others) = standings.split_at(standings.len().min(1));
    let row = now::standing_rows(reader, worst);
    let heading = row.is_none().then(|| view! { <h3>{title.clone()}</h3> });
    let more = (more > 0)
        .then(|| view! { <p class="footnote">{(text.more_values)(&reader.exact(more as f64))}</p> });
    let others = (!others.is_empty()).then(|| {
        let said = (text.other_values)(&reader.exact(values.saturating_sub(1) as f64));
        view! { <details class="edit" id=format!("values-{}", limit.id)><summary>{said}</summary>{now::standing_rows(reader, others)}{more}</details> }
    });
    let history: Vec<String> = limit
        .history
        .iter()
        .map(|change| {
            let after = reader.amount(change.after, &limit.unit);
            let how = match change.before {
                Some(before) => (text.changed)(&reader.amount(before, &limit.unit), &after),
                None => (text.first_seen)(&after),
            };
            format!("{}: {how}", reader.ago(change.at_ms))
        })
        .collect();
    let history = (!history.is_empty()).then(|| format!(" · {}", history.join(" · ")));
    let edit = match limit.editable {
        true => edit(reader, page, limit),
        false => view! { <p class="footnote">{text.set_in_file}</p> }.into_any(),
    };
    view! {
        <li id=limit.id.clone() class="limit-item" aria-label=title.clone()>
            {heading}
            {row}
            <div class="limit-foot"><p class="facts">{facts(reader, &title, limit)}{history}</p>{idle}<div class="edits">{others}{edit}</div></div>
        </li>
    }
    .into_any()
}

/// What a limit is, in words.
fn facts(reader: &Reader, title: &str, limit: &LimitItem) -> String {
    let text = &reader.text().limits;
    let kind = kind_name(reader, &limit.kind).unwrap_or(&limit.kind);
    let is_said = title.to_lowercase().contains(&kind.to_lowercase());
    let mut facts: Vec<String> = (!is_said).then(|| kind.to_owned()).into_iter().collect();
    facts.extend([
        reader.allowed(limit.amount, &limit.unit),
        covered(reader, limit),
        (text.thresholds)(&limit.warn_percent.to_string(), &limit.critical_percent.to_string()),
        text.sources
            .iter()
            .find(|(word, _)| *word == limit.source)
            .map_or_else(|| limit.source.clone(), |(_, said)| (*said).to_owned()),
    ]);
    if !limit.enabled {
        facts.push(text.switched_off.to_owned());
    }
    if limit.enforce {
        facts.push(text.is_enforced.to_owned());
    }
    if !limit.endpoints.is_empty() && limit.endpoints != [MESSAGES] {
        facts.push((text.counts_calls)(&limit.endpoints.join(", ")));
    }
    facts.join(" · ")
}

fn covered(reader: &Reader, limit: &LimitItem) -> String {
    let (text, scope) = (&reader.text().limits, &limit.scope);
    if let Some(pool) = &scope.pool {
        let parts = [Some(pool), scope.workspace.as_ref(), scope.organization.as_ref()];
        return parts.into_iter().flatten().map(|part| wording::name(part)).collect::<Vec<_>>().join(", ");
    }
    let dimension = scope.dimension.as_ref().and_then(|word| word.parse().ok());
    match (dimension, &scope.value) {
        (None, _) => text.everything.to_owned(),
        (Some(dimension), None) => (text.each)(reader.text().words.dimension(dimension)),
        (Some(dimension), Some(value)) => {
            format!("{} {}", reader.text().words.dimension(dimension), wording::name(value))
        }
    }
}

fn edit(reader: &Reader, page: &LimitsPage, limit: &LimitItem) -> AnyView {
    let text = &reader.text().limits;
    let comes_back = limit.learned.is_some().then(|| format!(" {}", text.comes_back));
    let id = || view! { <input type="hidden" name="id" value=limit.id.clone()/> };
    view! {
        <details class="edit" id=format!("change-{}", limit.id)>
            <summary>{text.change}</summary>
            <form method="post" action="/limits" class="form">
                {id()}
                {fields(reader, &Fields::of(limit, &page.time_zone))}
                <button type="submit" class="primary">{text.save}</button>
            </form>
            </details>
            <details class="edit" id=format!("remove-{}", limit.id)>
            <summary>{text.remove}</summary>
            <p>{text.remove_note}{comes_back}</p>
            <form method="post" action="/limits/remove">{id()}<button type="submit" class="danger">{text.remove_button}</button></form>
            </details>
    }
    .into_any()
}
