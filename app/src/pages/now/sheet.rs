//! The limits on one sheet: those of the API, a row for each pool, and one's own. Their order stays as it is, whatever they
//! are used.

use leptos::prelude::*;

use super::standing::{LimitCells, address};
use crate::api::room::Room;
use crate::api::standing::Standing;
use crate::parts::{PRESET, covered_value, limit_name, state_class};
use crate::reader::Reader;

/// Rows of each half; of others it is told how many there are.
const MOST_ROWS: usize = 8;
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
        <div class="sheet-head">
            <h2 id="api-limits">{text.api_limits}</h2>
            <a class="aside" href="/docs/rate-limits">{reader.text().docs.rate_limits}</a>
            {seen.map(|seen| view! { <span class="aside seen">{seen}</span> })}
        </div>
        {is_empty.then(|| view! { <p class="empty">{text.no_api_limits}</p> })}
        {(!pools.is_empty()).then(|| view! {
            <table class="pools">
                <thead><tr><th scope="col"><span class="unseen">{text.pool}</span></th>{text.columns.map(column).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        })}
        {others}
        {more}
    }
    .into_any()
}

/// The head of a column; what it is counted per is left out where there is no room.
fn column(name: &'static str) -> AnyView {
    let (name, per) = name.split_at(name.find('/').unwrap_or(name.len()));
    view! { <th scope="col">{name}<i>{per}</i></th> }.into_any()
}

fn pool_row(reader: &Reader, of: Pool, shares_name: bool, row: Vec<Option<&Standing>>) -> AnyView {
    let (name, workspace, organization) = of;
    let owner = if workspace.is_empty() { organization } else { workspace };
    let owner = (shares_name && !owner.is_empty()).then(|| view! { " "<small>{owner.to_owned()}</small> });
    let cells = row.into_iter().map(|standing| match standing {
        None => view! { <td><span class="none">"·"</span></td> }.into_any(),
        Some(standing) => {
            let LimitCells { lane, share, exact, .. } = LimitCells::of(reader, standing);
            view! {
                <td data-state=state_class(standing.present())>
                    <a class="cell" href=address(standing) title=exact>
                        {lane}{share}
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
    let example = (standing.source == PRESET).then(|| format!(" · {}", text.example));
    let LimitCells { lane, share, amount, exact, when } = LimitCells::of(reader, standing);
    view! {
        <tr data-key=key data-state=state_class(standing.present())>
            <th scope="row" title=whole><span class="own-name"><a href=address(standing)>{name}</a>" "<small>{whom}{example}</small></span></th>
            <td class="own-lane">{lane}</td>
            <td class="own-share">{share}</td>
            <td class="own-amount" title=exact>{amount}</td>
            <td class="own-when">{when}</td>
        </tr>
    }
    .into_any()
}

fn more(reader: &Reader, number: usize, rest: &[&Standing]) -> Option<AnyView> {
    let highest = rest.iter().map(|standing| standing.fraction).fold(0.0, f64::max);
    let said = (reader.text().now.more_limits)(&reader.exact(number as f64), &reader.percent(highest));
    (number > 0).then(|| view! { <p class="more"><a href="/limits">{said}</a></p> }.into_any())
}
