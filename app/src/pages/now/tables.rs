//! Who and what uses it: sums by one dimension, in the order of the chosen measure; each row filters everything.

use leptos::prelude::*;
use vocabulary::view::View as Shown;
use vocabulary::{Dimension, Filter, Measure, wording};

use crate::api::breakdown::{Breakdown, BreakdownRow, BreakdownSums};
use crate::parts::{DIMENSIONS, csv_address, value_name};
use crate::reader::Reader;

/// A table of sums.
pub fn table(reader: &Reader, breakdown: &Breakdown, view: &Shown, is_chosen: bool) -> AnyView {
    let text = &reader.text().now;
    let (by, measure) = (breakdown.by, view.order());
    let total = breakdown.total.measure(measure);
    let most = breakdown.rows.iter().map(|row| row.sums.measure(measure)).fold(0.0, f64::max);
    let head = if is_chosen {
        choice(reader, view)
    } else {
        view! { <h2>{reader.text().words.dimension(by)}</h2> }.into_any()
    };
    let rows = breakdown.rows.iter().enumerate().map(|(place, row)| {
        let color = breakdown.colors.get(place).copied();
        self::row(reader, view, by, row, color, total, most)
    });
    let rows = rows.collect_view();
    let others = breakdown.others.as_ref().map(|row| {
        let name = (text.others)(&reader.exact(breakdown.other_count as f64));
        view! { <tr class="others"><th scope="row"><span class="row-name">{name}</span></th>{cells(reader, &row.sums, measure, total)}</tr> }
    });
    let csv = csv_address(view, by);
    let is_empty = breakdown.rows.is_empty();
    view! {
        <section class="breakdown" aria-label=reader.text().words.dimension(by)>
            <div class="table-head">{head}<a class="aside" href=csv download="" data-plain="">"CSV"</a></div>
            <table class="sums" data-by=by.word()>
                <thead>
                    <tr>
                        <th scope="col"><span class="unseen">{reader.text().words.dimension(by)}</span></th>
                        <th scope="col" aria-sort="descending">{reader.text().words.measure_short(measure)}</th>
                        <th scope="col" class="share-column">{text.share}</th>
                        {(measure != Measure::CostUsd).then(|| sortable(reader, view, Measure::CostUsd))}
                        {(measure != Measure::Throttled).then(|| sortable(reader, view, Measure::Throttled))}
                    </tr>
                </thead>
                <tbody>
                    <tr class="total"><th scope="row"><span class="row-name">{text.total}</span></th>{cells(reader, &breakdown.total, measure, total)}</tr>
                    {rows}
                    {others}
                </tbody>
            </table>
            {is_empty.then(|| view! { <p class="empty">{text.nothing_here}</p> })}
        </section>
    }
    .into_any()
}

fn choice(reader: &Reader, view: &Shown) -> AnyView {
    let links = DIMENSIONS.map(|by| {
        let current = (by == view.by).then_some("true");
        view! { <li><a href=view.with_by(by).address("/") aria-current=current>{reader.text().words.dimension(by)}</a></li> }
    });
    view! {
        <details class="menu" data-menu="" id="by">
            <summary><h2>{reader.text().words.dimension(view.by)}</h2>" ▾"</summary>
            <ul>{links}</ul>
        </details>
    }
    .into_any()
}

fn sortable(reader: &Reader, view: &Shown, measure: Measure) -> AnyView {
    let name = reader.text().words.measure_short(measure);
    let is_count = (measure == Measure::Throttled).then_some("count-column");
    view! { <th scope="col" class=is_count><a href=view.with_sort(Some(measure)).address("/") title=reader.text().words.measure(measure)>{name}</a></th> }
        .into_any()
}

fn row(
    reader: &Reader,
    view: &Shown,
    by: Dimension,
    row: &BreakdownRow,
    color: Option<u8>,
    total: f64,
    most: f64,
) -> AnyView {
    let filter = Filter { dimension: by, value: row.value.clone(), is_excluded: false };
    let is_chosen = view.filters.contains(&filter);
    let measure = view.order();
    let name = value_name(reader, &row.name);
    let width = if most > 0.0 { row.sums.measure(measure) / most * 100.0 } else { 0.0 };
    let swatch = color.map(|color| {
        view! { <svg class="swatch" width="8" height="8" aria-hidden="true"><rect class=format!("m{color}") width="8" height="8"></rect></svg> }
    });
    let without = Filter { is_excluded: true, ..filter.clone() };
    let label = (reader.text().now.without)(&name);
    view! {
        <tr data-key=row.value.clone() data-chosen=is_chosen.then_some("")>
            <th scope="row">
                <svg class="row-bar" aria-hidden="true" width="100%" height="22"><rect width=format!("{}%", wording::plain(width, 2)) height="100%"></rect></svg>
                <a class="row-name" href=view.toggle(filter).address("/") title=name>{swatch}<span class="row-text">{name.clone()}</span></a>
                <a class="row-without" href=view.toggle(without).address("/") title=label><span class="unseen">{label.clone()}</span><span aria-hidden="true">"−"</span></a>
            </th>
            {cells(reader, &row.sums, measure, total)}
        </tr>
    }
    .into_any()
}

fn cells(reader: &Reader, sums: &BreakdownSums, measure: Measure, total: f64) -> AnyView {
    let value = sums.measure(measure);
    let share = if total > 0.0 { reader.share(value / total) } else { "·".to_owned() };
    let cost = (measure != Measure::CostUsd).then(|| view! { <td>{cost(reader, sums)}</td> });
    let throttled = (measure != Measure::Throttled).then(|| {
        let bad = (sums.throttled > 0).then_some("");
        view! { <td data-bad=bad>{number(reader, sums.throttled as f64, "requests")}</td> }
    });
    let value =
        if measure == Measure::CostUsd { self::cost(reader, sums) } else { least(reader, sums, measure) };
    view! { <td>{value}</td><td class="share-column">{share}</td>{cost}{throttled}}.into_any()
}

fn number(reader: &Reader, value: f64, unit: &str) -> String {
    if value == 0.0 { "·".to_owned() } else { reader.amount(value, unit) }
}

/// Tokens are a lower bound where some usage is not known.
fn least(reader: &Reader, sums: &BreakdownSums, measure: Measure) -> AnyView {
    let value = sums.measure(measure);
    let is_least = measure.unit() == "tokens" && sums.unknown_usage > 0;
    let title = reader.exact_amount(value, measure.unit());
    let least = is_least.then(|| {
        let why =
            (reader.text().now.unknown_usage)(&reader.count(sums.unknown_usage, crate::text::Noun::Request));
        view! { <span class="least" title=why>"+"<span class="unseen">{why.clone()}</span></span> }
    });
    view! { <span title=title>{number(reader, value, measure.unit())}</span>{least} }.into_any()
}

fn cost(reader: &Reader, sums: &BreakdownSums) -> AnyView {
    let text = &reader.text().now;
    if sums.unpriced > 0 && sums.cost_usd == 0.0 {
        let why = (text.unpriced_title)(&reader.count(sums.unpriced, crate::text::Noun::Request));
        return view! { <span class="muted" title=why>{text.unpriced}</span> }.into_any();
    }
    let least = (sums.unpriced > 0).then(|| {
        let why = (text.unpriced_title)(&reader.count(sums.unpriced, crate::text::Noun::Request));
        view! { <span class="least" title=why>"+"<span class="unseen">{why.clone()}</span></span> }
    });
    let title = reader.exact_amount(sums.cost_usd, "usd");
    view! { <span title=title>{number(reader, sums.cost_usd, "usd")}</span>{least} }.into_any()
}
