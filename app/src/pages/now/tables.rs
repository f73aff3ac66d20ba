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
    let (by, order) = (breakdown.by, view.order());
    let most = breakdown.rows.iter().map(|row| row.sums.measure(order)).fold(0.0, f64::max);
    let mut shares = shares(reader, breakdown, view.measure).into_iter();
    let head = if is_chosen {
        choice(reader, view)
    } else {
        view! { <h2>{reader.text().words.dimension(by)}</h2> }.into_any()
    };
    let rows = breakdown.rows.iter().enumerate().map(|(place, row)| {
        let color = breakdown.colors.get(place).copied();
        self::row(reader, view, by, row, color, shares.next().unwrap_or_default(), most)
    });
    let rows = rows.collect_view();
    let others = breakdown.others.as_ref().map(|row| {
        let name = (text.others)(&reader.exact(breakdown.other_count as f64));
        let share = shares.next().unwrap_or_default();
        view! { <tr class="others"><th scope="row"><span class="row-name">{name}</span></th>{cells(reader, &row.sums, view.measure, share)}</tr> }
    });
    let has_any = breakdown.total.measure(view.measure) > 0.0;
    let whole = if has_any { reader.share(1.0) } else { "·".to_owned() };
    let csv = csv_address(view, by);
    let is_empty = breakdown.rows.is_empty();
    view! {
        <section class="breakdown" aria-label=reader.text().words.dimension(by)>
            <div class="table-head">{head}<a class="aside" href=csv download="" data-plain="">"CSV"</a></div>
            <table class="sums" data-by=by.word()>
                <thead>
                    <tr>
                        <th scope="col"><span class="unseen">{reader.text().words.dimension(by)}</span></th>
                        {sortable(reader, view, view.measure)}
                        <th scope="col" class="share-column">{text.share}</th>
                        {beside(view.measure).map(|measure| sortable(reader, view, measure)).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    <tr class="total"><th scope="row"><span class="row-name">{text.total}</span></th>{cells(reader, &breakdown.total, view.measure, whole)}</tr>
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

/// What is told beside a measure.
fn beside(measure: Measure) -> impl Iterator<Item = Measure> {
    [Measure::CostUsd, Measure::Throttled].into_iter().filter(move |other| *other != measure)
}

/// The head of a column, which puts the rows in its order.
fn sortable(reader: &Reader, view: &Shown, measure: Measure) -> AnyView {
    let name = reader.text().words.measure_short(measure);
    let is_count = (measure == Measure::Throttled && measure != view.measure).then_some("count-column");
    let sort = (measure != view.measure).then_some(measure);
    let sorted = (measure == view.order()).then_some("descending");
    view! { <th scope="col" class=is_count aria-sort=sorted><a href=view.with_sort(sort).address("/") title=reader.text().words.measure(measure)>{name}</a></th> }
        .into_any()
}

/// What part of the whole each row has, and the others: to a tenth of a percent, and together exactly all of it.
fn shares(reader: &Reader, breakdown: &Breakdown, measure: Measure) -> Vec<String> {
    let rows = breakdown.rows.iter().chain(&breakdown.others);
    let values: Vec<f64> = rows.map(|row| row.sums.measure(measure)).collect();
    let parts = parts_of(&values, 1_000);
    let told = values.iter().zip(parts).map(|(value, part)| match (*value > 0.0, part) {
        (false, _) => "·".to_owned(),
        (true, 0) => reader.share(0.0004),
        (true, part) => reader.share(f64::from(part) / 1_000.0),
    });
    told.collect()
}

/// Values as whole parts of so many, which add up to them: each is rounded down, and what is left goes to those that have
/// lost most (the largest remainder).
fn parts_of(values: &[f64], all: u32) -> Vec<u32> {
    let total: f64 = values.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return vec![0; values.len()];
    }
    let exact = values.iter().map(|value| value / total * f64::from(all));
    let (mut parts, rests): (Vec<u32>, Vec<f64>) = exact.map(|exact| (exact as u32, exact.fract())).unzip();
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|one, other| rests[*other].total_cmp(&rests[*one]));
    let left = all.saturating_sub(parts.iter().sum()) as usize;
    places.into_iter().take(left).for_each(|place| parts[place] += 1);
    parts
}

fn row(
    reader: &Reader,
    view: &Shown,
    by: Dimension,
    row: &BreakdownRow,
    color: Option<u8>,
    share: String,
    most: f64,
) -> AnyView {
    let filter = Filter { dimension: by, value: row.value.clone(), is_excluded: false };
    let is_chosen = view.filters.contains(&filter);
    let order = view.order();
    let name = value_name(reader, &row.name);
    let width = if most > 0.0 { row.sums.measure(order) / most * 100.0 } else { 0.0 };
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
            {cells(reader, &row.sums, view.measure, share)}
        </tr>
    }
    .into_any()
}

fn cells(reader: &Reader, sums: &BreakdownSums, measure: Measure, share: String) -> AnyView {
    let others = beside(measure).map(|other| {
        let bad = (other == Measure::Throttled && sums.throttled > 0).then_some("");
        view! { <td data-bad=bad>{sum(reader, sums, other)}</td> }
    });
    let others = others.collect_view();
    view! { <td>{sum(reader, sums, measure)}</td><td class="share-column">{share}</td>{others} }.into_any()
}

fn number(reader: &Reader, value: f64, unit: &str) -> String {
    if value == 0.0 { "·".to_owned() } else { reader.amount(value, unit) }
}

/// A sum; where it leaves something out also what, and why.
fn sum(reader: &Reader, sums: &BreakdownSums, measure: Measure) -> AnyView {
    let (text, unit) = (&reader.text().now, measure.unit());
    let (value, left_out) = (sums.measure(measure), sums.left_out(measure));
    if left_out == 0 {
        let title = reader.exact_amount(value, unit);
        return view! { <span title=title>{number(reader, value, unit)}</span> }.into_any();
    }
    let why = if measure == Measure::CostUsd { text.unpriced_title } else { text.unknown_usage };
    let why = why(&reader.count(left_out, crate::text::Noun::Request));
    let title = format!("{}. {why}", reader.exact_sum(value, unit, left_out));
    let muted = (value == 0.0).then_some("muted");
    view! { <span class=muted title=title>{reader.sum(value, unit, left_out)}<span class="unseen">" "{why}</span></span> }.into_any()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_add_up_and_none_is_one_away(values in prop::collection::vec(0.0..1e12, 1..40)) {
            let parts = parts_of(&values, 1_000);
            let total: f64 = values.iter().sum();
            prop_assert_eq!(parts.iter().sum::<u32>(), if total > 0.0 { 1_000 } else { 0 });
            for (value, part) in values.iter().zip(parts).filter(|_| total > 0.0) {
                prop_assert!((value / total * 1_000.0 - f64::from(part)).abs() < 1.0);
            }
        }
    }
}
