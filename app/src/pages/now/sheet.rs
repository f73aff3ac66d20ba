//! The limits on one sheet: those of the API, a row for each pool, and one's own. Their order stays as it is, whatever they
//! are used.

use leptos::prelude::*;

use crate::api::room::Room;
use crate::api::standing::Standing;
use crate::parts::{Lane, covered_value, figure, lane, limit_name, state_class};
use crate::reader::{JOIN, Reader};

/// Rows of each half; of others it is told how many there are.
const MOST_ROWS: usize = 8;
/// A pace is told once so much of a window is over: before, it says nothing.
const EARLY: f64 = 0.03;
/// The columns of the API's limits.
pub(super) const COLUMNS: [&str; 3] =
    ["requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute"];

/// Both halves.
pub fn sheet(reader: &Reader, room: &Room) -> AnyView {
    let (api, own): (Vec<&Standing>, Vec<&Standing>) =
        room.standings.iter().partition(|standing| standing.learned.is_some());
    view! {
        <div class="sheet halves">
            <section aria-labelledby="api-limits">{api_limits(reader, api)}</section>
            <section aria-labelledby="own-limits">{own_limits(reader, own)}</section>
        </div>
    }
    .into_any()
}

/// One row of the API's limits: a pool of an organization and a workspace.
type Pool<'a> = (&'a str, &'a str, &'a str);

fn pool(standing: &Standing) -> Pool<'_> {
    let scope = &standing.scope;
    (
        scope.pool.as_deref().unwrap_or_default(),
        scope.workspace.as_deref().unwrap_or_default(),
        scope.organization.as_deref().unwrap_or_default(),
    )
}

fn api_limits(reader: &Reader, standings: Vec<&Standing>) -> AnyView {
    let text = &reader.text().now;
    let latest = standings.iter().filter_map(|standing| Some(standing.learned.as_ref()?.last_seen_ms)).max();
    let seen = latest.map(|at_ms| (text.from_headers)(&reader.ago(at_ms)));
    let (cells, others): (Vec<&Standing>, Vec<&Standing>) =
        standings.into_iter().partition(|standing| COLUMNS.contains(&standing.kind.as_str()));
    let mut pools: Vec<Pool> = cells.iter().map(|standing| pool(standing)).collect();
    pools.sort_by_cached_key(|(pool, workspace, organization)| {
        (pool.to_lowercase(), (*workspace).to_owned(), (*organization).to_owned())
    });
    pools.dedup();
    let rows = pools.iter().take(MOST_ROWS).map(|of| {
        let row: Vec<Option<&Standing>> = COLUMNS
            .iter()
            .map(|kind| cells.iter().copied().find(|cell| cell.kind == *kind && pool(cell) == *of))
            .collect();
        let shares_name = pools.iter().filter(|other| other.0 == of.0).count() > 1;
        pool_row(reader, *of, shares_name, row)
    });
    let rows = rows.collect_view();
    let rest: Vec<&Standing> = cells
        .iter()
        .copied()
        .filter(|cell| !pools.iter().take(MOST_ROWS).any(|of| pool(cell) == *of))
        .collect();
    let more = more(reader, pools.len().saturating_sub(MOST_ROWS), &rest);
    let others = own_rows(reader, others);
    let is_empty = pools.is_empty() && others.is_none();
    view! {
        <div class="sheet-head"><h2 id="api-limits">{text.api_limits}</h2>{seen.map(|seen| view! { <span class="aside">{seen}</span> })}<a class="aside" href="/docs/rate-limits">{reader.text().docs.rate_limits}</a></div>
        {is_empty.then(|| view! { <p class="empty">{text.no_api_limits}</p> })}
        {(!pools.is_empty()).then(|| view! {
            <table class="pools">
                <thead><tr><th scope="col"><span class="unseen">{text.pool}</span></th>{text.columns.map(|column| view! { <th scope="col">{column}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        })}
        {others}
        {more}
    }
    .into_any()
}

fn pool_row(reader: &Reader, of: Pool, shares_name: bool, row: Vec<Option<&Standing>>) -> AnyView {
    let (name, workspace, organization) = of;
    let owner = if workspace.is_empty() { organization } else { workspace };
    let owner = (shares_name && !owner.is_empty()).then(|| view! { " "<small>{owner.to_owned()}</small> });
    let cells = row.into_iter().map(|standing| match standing {
        None => view! { <td><span class="none">"·"</span></td> }.into_any(),
        Some(standing) => {
            let share = share(reader, standing);
            view! {
                <td data-state=state_class(standing.state)>
                    <a class="cell" href=address(standing) title=exact(reader, standing)>
                        {lane(&lane_of(reader, standing))}{figure(&share)}
                    </a>
                </td>
            }
            .into_any()
        }
    });
    view! { <tr data-key=format!("{name}/{workspace}/{organization}")><th scope="row" title=name.to_owned()>{name.to_owned()}{owner}</th>{cells.collect_view()}</tr> }
        .into_any()
}

fn own_limits(reader: &Reader, standings: Vec<&Standing>) -> AnyView {
    let text = &reader.text().now;
    let rows = own_rows(reader, standings);
    let is_empty = rows.is_none();
    view! {
        <div class="sheet-head">
            <h2 id="own-limits">{text.own_limits}</h2>
            <a class="aside" href="/limits#add">{text.set_a_limit}</a>
        </div>
        {is_empty.then(|| view! { <p class="empty">{text.no_own_limits}</p> })}
        {rows}
    }
    .into_any()
}

/// A row for each standing, as it is among others.
pub fn standing_rows(reader: &Reader, standings: &[&Standing]) -> Option<AnyView> {
    let rows = standings.iter().map(|standing| own_row(reader, standing)).collect_view();
    (!standings.is_empty()).then(|| view! { <table class="own"><tbody>{rows}</tbody></table> }.into_any())
}

/// A row for each limit, by kind and name.
fn own_rows(reader: &Reader, mut standings: Vec<&Standing>) -> Option<AnyView> {
    if standings.is_empty() {
        return None;
    }
    let kinds = reader.text().limits.kinds;
    standings.sort_by_cached_key(|standing| {
        let kind = kinds.iter().position(|(word, _)| *word == standing.kind);
        (kind, standing.name.to_lowercase(), standing.limit_id.clone())
    });
    let more = more(
        reader,
        standings.len().saturating_sub(MOST_ROWS),
        standings.get(MOST_ROWS..).unwrap_or_default(),
    );
    let rows = standings.iter().take(MOST_ROWS).map(|standing| own_row(reader, standing)).collect_view();
    Some(view! { <table class="own"><tbody>{rows}</tbody></table>{more} }.into_any())
}

fn own_row(reader: &Reader, standing: &Standing) -> AnyView {
    let text = &reader.text().now;
    let whom = match (&standing.scope.value, standing.values) {
        (Some(value), of) if of > 1 => {
            (text.worst_of)(covered_value(reader, value), &reader.exact(of as f64))
        }
        (Some(value), _) => covered_value(reader, value).to_owned(),
        (None, _) if standing.scope.dimension.is_some() => text.nobody_yet.to_owned(),
        // The name says what shares it.
        (None, _) if standing.learned.is_some() => standing.scope.workspace.clone().unwrap_or_default(),
        (None, _) => text.everything.to_owned(),
    };
    // Where there is no room for it, it can be read all the same.
    let (name, whole) = (limit_name(reader, standing), format!("{} {whom}", limit_name(reader, standing)));
    let key = format!("{} {}", standing.limit_id, standing.scope.value.as_deref().unwrap_or_default());
    let example = (standing.source == "preset").then(|| format!(" · {}", text.example));
    let amount = match standing.unit.as_str() {
        "percent" => String::new(),
        unit => format!("{} / {}", reader.amount(standing.used, unit), reader.allowed(standing.amount, unit)),
    };
    view! {
        <tr data-key=key data-state=state_class(standing.state)>
            <th scope="row" title=whole><a href=address(standing)>{name}</a>" "<small>{whom}{example}</small></th>
            <td class="own-lane">{lane(&lane_of(reader, standing))}</td>
            <td class="own-share">{figure(&share(reader, standing))}</td>
            <td class="own-amount" title=exact(reader, standing)>{amount}</td>
            <td class="own-when">{when(reader, standing)}</td>
        </tr>
    }
    .into_any()
}

fn more(reader: &Reader, number: usize, rest: &[&Standing]) -> Option<AnyView> {
    let highest = rest.iter().map(|standing| standing.fraction).fold(0.0, f64::max);
    let said = (reader.text().now.more_limits)(&reader.exact(number as f64), &reader.percent(highest));
    (number > 0).then(|| view! { <p class="more"><a href="/limits">{said}</a></p> }.into_any())
}

fn address(standing: &Standing) -> String {
    format!("/limits#{}", standing.limit_id)
}

fn share(reader: &Reader, standing: &Standing) -> String {
    let share = reader.percent(standing.fraction);
    if standing.usage_incomplete { format!("≥{JOIN}{share}") } else { share }
}

fn exact(reader: &Reader, standing: &Standing) -> String {
    let [used, amount] =
        [standing.used, standing.amount].map(|value| reader.exact_amount(value, &standing.unit));
    let unit = reader.text().words.unit(&standing.unit);
    let counted = (reader.text().now.used_of)(&used, &amount, unit);
    let unseen = standing.unseen.as_ref().filter(|unseen| unseen.amount >= 1.0);
    let elsewhere = unseen
        .map(|unseen| (reader.text().now.elsewhere)(&reader.exact_amount(unseen.amount, &standing.unit)));
    format!("{counted}{}", elsewhere.unwrap_or_default())
}

/// How much of a window with an end is over.
fn gone(reader: &Reader, standing: &Standing) -> Option<f64> {
    let length_ms = (standing.resets_at_ms? - standing.window_start_ms) as f64;
    let gone = (reader.now_ms - standing.window_start_ms) as f64 / length_ms;
    (length_ms > 0.0 && gone.is_finite()).then_some(gone.clamp(0.0, 1.0))
}

/// What will be used at the end of the window, at the pace it has had so far.
fn projected(reader: &Reader, standing: &Standing) -> Option<f64> {
    let gone = gone(reader, standing).filter(|gone| *gone >= EARLY)?;
    Some(standing.fraction / gone)
}

fn lane_of(reader: &Reader, standing: &Standing) -> Lane {
    Lane {
        used: standing.fraction,
        state: standing.state,
        warn_percent: standing.warn_percent,
        gone: gone(reader, standing),
        projected: projected(reader, standing),
    }
}

/// Whether it lasts, at this pace, and until when.
fn when(reader: &Reader, standing: &Standing) -> String {
    let text = &reader.text().now;
    let Some(resets_at_ms) = standing.resets_at_ms else { return String::new() };
    let ends = reader.moment(resets_at_ms / 1_000);
    match projected(reader, standing) {
        _ if standing.fraction >= 1.0 => (text.over_until)(&ends),
        Some(projected) if projected > 1.0 => {
            let start_ms = standing.window_start_ms;
            let full_ms = start_ms + ((reader.now_ms - start_ms) as f64 / standing.fraction) as i64;
            (text.full_about)(&reader.moment(full_ms / 1_000))
        }
        Some(_) => (text.lasts_to)(&ends),
        None => (text.resets)(&ends),
    }
}
