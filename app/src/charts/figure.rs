//! The chart on the page: picture, legend, a cursor for pointer and keyboard, and the numbers as a table.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use vocabulary::wording;
use wasm_bindgen::JsCast;

use super::usage_over_time::{Drawing, MOST_SERIES, buckets, colors, draw, is_drawn};
use crate::api::chart::Chart;
use crate::parts::Erase;

/// Drawn for a desk, a tablet and a phone, so that its text is as large as the page's; the style sheet shows the
/// one that fits.
const SIZES: [(&str, u32, u32); 3] = [("wide", 960, 300), ("medium", 640, 280), ("narrow", 320, 260)];

/// One measure over time.
#[component]
pub fn UsageFigure(
    /// What is drawn.
    chart: Chart,
    /// Start of the bucket that is being looked at, Unix seconds; nothing for the latest.
    cursor: RwSignal<Option<i64>>,
) -> impl IntoView {
    let summary = summary(&chart);
    let (from, step) = (chart.series.from, chart.series.step_s.max(1));
    let count = ((chart.series.to - from) / step).max(1);
    // Buckets are counted from the left; one that has left the picture is none.
    let index_of =
        move |at: i64| Some((at - from).div_euclid(step)).filter(|index| (0..count).contains(index));
    let chosen = move || cursor.get().and_then(index_of);
    let choose = move |index: Option<i64>| cursor.set(index.map(|index| from + index * step));
    let chart = StoredValue::new(chart);
    let drawings = SIZES.map(|(class, width, height)| {
        let drawing = chart.with_value(|chart| draw(chart, width, height));
        let chosen = Signal::derive(chosen);
        view! { <Picture class drawing count chosen choose summary=summary.clone()/> }
    });
    let readout = move || chart.with_value(|chart| readout(chart, chosen().unwrap_or(count - 1)));
    view! {
        <figure class="chart">
            {drawings.into_iter().collect_view()}
            <div class="chart-cursor">
                <input
                    type="range"
                    min="0"
                    max=(count - 1).to_string()
                    step="1"
                    value=(count - 1).to_string()
                    aria-label="Inspect a moment"
                    aria-valuetext=readout
                    prop:value=move || chosen().unwrap_or(count - 1).to_string()
                    on:input=move |event| choose(event_target_value(&event).parse().ok())
                />
                <output aria-live="off">{readout}</output>
            </div>
            {chart.with_value(|chart| view! { <Legend chart=chart.clone()/> })}
            {chart.with_value(|chart| view! { <Numbers chart=chart.clone()/> })}
        </figure>
    }
    .erased()
}

#[component]
fn Picture(
    class: &'static str,
    drawing: Drawing,
    count: i64,
    chosen: Signal<Option<i64>>,
    choose: impl Fn(Option<i64>) + Copy + 'static,
    summary: String,
) -> impl IntoView {
    let Drawing { svg, size: (width, height), x: (left, right), y: (top, bottom) } = drawing;
    let middle = move |index: i64| {
        let share = (index as f64 + 0.5) / count as f64;
        wording::plain(f64::from(left) + share * f64::from(right - left), 1)
    };
    let at = move |event: &PointerEvent| -> Option<i64> {
        let picture: web_sys::Element = event.current_target()?.dyn_into().ok()?;
        let frame = picture.get_bounding_client_rect();
        let x = (f64::from(event.client_x()) - frame.left()) / frame.width() * f64::from(width);
        let share = (x - f64::from(left)) / f64::from(right - left);
        (0.0..1.0).contains(&share).then_some((share * count as f64) as i64)
    };
    view! {
        <svg
            class=format!("picture {class}")
            viewBox=format!("0 0 {width} {height}")
            role="img"
            aria-label=summary
            on:pointermove=move |event| choose(at(&event))
            on:pointerleave=move |_| choose(None)
        >
            <g inner_html=svg></g>
            <line
                class="cursor"
                x1=move || middle(chosen.get().unwrap_or(0))
                x2=move || middle(chosen.get().unwrap_or(0))
                y1=top.to_string()
                y2=bottom.to_string()
                visibility=move || if chosen.get().is_some() { "visible" } else { "hidden" }
            ></line>
        </svg>
    }
    .erased()
}

#[component]
fn Legend(chart: Chart) -> impl IntoView {
    let unit = chart.series.unit.clone();
    let entry = |class: String, name: String, value: String| {
        view! {
            <li>
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                    <rect class=class width="10" height="10" rx="2"></rect>
                </svg>
                <span class="name">{name}</span>
                <span class="value">{value}</span>
            </li>
        }
    };
    let groups = &chart.series.groups;
    let named = groups.iter().zip(colors(&chart)).map(|(group, color)| {
        entry(format!("s{color}"), model(group.key.values().next()), wording::amount(group.total, &unit))
    });
    let rest = groups.get(MOST_SERIES..).filter(|rest| !rest.is_empty()).map(|rest| {
        let total = rest.iter().map(|group| group.total).sum();
        entry(
            format!("s{MOST_SERIES}"),
            wording::count(rest.len() as u64, "other"),
            wording::amount(total, &unit),
        )
    });
    let lines = chart.lines.iter().map(|line| {
        let place = if is_drawn(&chart, line) { "" } else { ", above this picture" };
        let name = format!("{} (warns at {} %{place})", line.name, line.warn_percent);
        view! {
            <li>
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                    <path class="limit" d="M0 5L10 5"></path>
                </svg>
                <span class="name">{name}</span>
                <span class="value">{wording::amount(line.amount, &unit)}</span>
            </li>
        }
    });
    view! { <ul class="legend">{named.chain(rest).collect_view()} {lines.collect_view()}</ul> }
}

#[component]
fn Numbers(chart: Chart) -> impl IntoView {
    let names: Vec<String> =
        chart.series.groups.iter().take(MOST_SERIES).map(|group| model(group.key.values().next())).collect();
    let others = chart.series.groups.len() > MOST_SERIES;
    let unit = chart.series.unit.clone();
    let rows = buckets(&chart).into_iter().rev().map(|(at, values)| {
        let cells = values.into_iter().map(|value| view! { <td>{cell(value, &unit)}</td> }).collect_view();
        view! { <tr><th scope="row">{wording::date_and_clock(at, chart.zone.offset_s(at))}</th>{cells}</tr> }
    });
    let heads = names.into_iter().chain(others.then(|| "Others".to_owned()));
    view! {
        <details class="numbers">
            <summary>"Show the numbers"</summary>
            <div class="scroll">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"From"</th>
                            {heads.map(|name| view! { <th scope="col">{name}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

fn cell(value: f64, unit: &str) -> String {
    if unit == "usd" { wording::usd(value) } else { wording::exact(value) }
}

fn model(name: Option<&String>) -> String {
    name.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| "none".to_owned())
}

/// What the bucket under the cursor holds, in words.
fn readout(chart: &Chart, index: i64) -> String {
    let series = &chart.series;
    let at = series.from + index * series.step_s;
    let time = wording::date_and_clock(at, chart.zone.offset_s(at));
    let Some(values) = buckets(chart).remove(&at) else { return format!("{time}: nothing") };
    let total: f64 = values.iter().sum();
    let unit = if series.unit == "usd" { String::new() } else { format!(" {}", series.unit) };
    let open = if series.partial && at + series.step_s >= series.to { " so far" } else { "" };
    let mut text = format!("{time}: {}{unit}{open}", cell(total, &series.unit));
    if let Some(line) = chart.lines.first()
        && line.amount > 0.0
    {
        text.push_str(&format!(", {} of {}", wording::percent(total / line.amount), line.name));
    }
    text
}

/// One sentence for who cannot see the picture.
fn summary(chart: &Chart) -> String {
    let series = &chart.series;
    let highest = buckets(chart)
        .into_iter()
        .map(|(at, values)| (values.iter().sum::<f64>(), at))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let each = wording::step(series.step_s);
    match highest {
        None => format!("{}: nothing in this range", series.measure.label()),
        Some((value, at)) => format!(
            "{} per {each}: highest {} at {}",
            series.measure.label(),
            cell(value, &series.unit),
            wording::date_and_clock(at, chart.zone.offset_s(at))
        ),
    }
}
