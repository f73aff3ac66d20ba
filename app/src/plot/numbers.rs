//! The plot's numbers: a table for who cannot see it, from which the cursor reads, too.

use leptos::prelude::*;

use super::draw::per_window;
use super::nothing::nothing;
use crate::api::plot::Plot;
use crate::parts::value_name;
use crate::reader::Reader;

/// Every bin is a row, so that the row of a bin is found by its place.
pub(super) fn numbers(reader: &Reader, plot: &Plot) -> AnyView {
    let text = &reader.text().plot;
    let unit = plot.measure.unit();
    let limit = tightest(plot);
    let heads = plot.stacks.iter().enumerate().map(|(place, stack)| {
        match plot.others > 0 && place + 1 == plot.stacks.len() {
            true => (reader.text().now.others)(&reader.exact(plot.others as f64)),
            false => value_name(reader, &stack.name),
        }
    });
    let values: Vec<Vec<f64>> = plot.stacks.iter().map(|stack| plot.per_bin(&stack.points)).collect();
    let (busiest, compared) = (plot.per_bin(&plot.busiest), plot.per_bin(&plot.compared));
    let has_compared = !plot.compared.is_empty();
    let has_busiest = plot.window_s < plot.step_s;
    // Beside what its busiest window holds, a bin's own sum says how long it is.
    let measure = reader.text().words.measure_short(plot.measure);
    let measure = match has_busiest {
        true => (text.within)(measure, &reader.duration(plot.step_s)),
        false => measure.to_owned(),
    };
    let rows = (0..plot.bins()).map(|bin| {
        let (start_s, _) = plot.sides_s(bin);
        let total: f64 = values.iter().map(|values| values[bin]).sum();
        let peak = if busiest[bin] > 0.0 { busiest[bin] } else { total * plot.scale(bin) };
        let share = limit.filter(|amount| *amount > 0.0).map(|amount| reader.percent(peak / amount));
        let sum = |value: f64, left_out: u64| match value == 0.0 && left_out == 0 {
            true => "·".to_owned(),
            false => reader.exact_sum(value, unit, left_out),
        };
        let cell = |value: f64| sum(value, 0);
        let left_out: Vec<u64> = plot.stacks.iter().map(|stack| stack.left_out_of(bin)).collect();
        let cells = values.iter().zip(&left_out).map(|(values, left_out)| sum(values[bin], *left_out));
        let cells = cells.map(|cell| view! { <td>{cell}</td> }).collect_view();
        view! {
            <tr
                data-bin=bin.to_string()
                data-value=vocabulary::wording::plain(total, 9)
            >
                <th scope="row">{said(reader, plot, start_s)}{plot.is_open(bin).then_some(text.so_far)}</th>
                <td>{reader.exact_sum(total, unit, left_out.iter().sum())}</td>
                {has_busiest.then(|| view! { <td>{cell(busiest[bin])}</td> })}
                {share.map(|share| view! { <td>{share}</td> })}
                {has_compared.then(|| view! { <td>{cell(compared[bin])}</td> })}
                {cells}
            </tr>
        }
    });
    view! {
        <details class="numbers" id="plot-numbers">
            <summary>{text.show_numbers}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=text.show_numbers>
                <table data-end=said(reader, plot, plot.end_s())>
                    <thead>
                        <tr>
                            <th scope="col">{text.from}</th>
                            <th scope="col">{measure}</th>
                            {has_busiest.then(|| view! { <th scope="col">{(text.busiest)(&reader.step(plot.window_s))}</th> })}
                            {limit.map(|_| view! { <th scope="col">{text.of_limit}</th> })}
                            {has_compared.then(|| view! { <th scope="col">{text.compared}</th> })}
                            {heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// When a bin begins: with its date where not all of them are near.
fn said(reader: &Reader, plot: &Plot, at_s: i64) -> String {
    let is_near = reader.moment(plot.start_s()) == reader.clock(plot.start_s());
    if is_near { reader.moment(at_s) } else { reader.date_and_clock(at_s) }
}

/// The tightest limit whose window is what columns are told per.
fn tightest(plot: &Plot) -> Option<f64> {
    let exact = plot.limits.iter().filter(|line| line.window_s == plot.told_s());
    exact.map(|line| per_window(plot, line)).min_by(f64::total_cmp)
}

/// One sentence for who cannot see the picture.
pub(super) fn highest(reader: &Reader, plot: &Plot) -> String {
    let text = &reader.text().plot;
    let sums = plot.per_bin(plot.stacks.iter().flat_map(|stack| &stack.points));
    let highest =
        sums.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1)).filter(|(_, sum)| **sum > 0.0);
    match highest {
        None => nothing(reader, plot),
        Some((bin, sum)) => {
            let at = said(reader, plot, plot.sides_s(bin).0);
            (text.highest)(&reader.exact_amount(*sum, plot.measure.unit()), &at, &reader.step(plot.step_s))
        }
    }
}
