//! The plot on its page: the picture, the key under it, and its numbers.

use leptos::prelude::*;
use vocabulary::view::{Stretch, View as Shown};

use super::draw::{Drawing, HEIGHT, draw, per_window};
use super::numbers::{highest, numbers};
use crate::api::plot::{Plot, Stack};
use crate::parts::{named, value_name};
use crate::reader::Reader;

/// What hatches what is over the limit, and the times of which nothing is known.
const PATTERNS: &str = "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M1 0V6\"/></pattern><pattern id=\"unknown\" width=\"8\" \
    height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\"><path class=\"unknown\" d=\"M1 0V8\"/>\
    </pattern></defs>";

/// The figure, so many pixels wide.
pub fn figure(reader: &Reader, plot: &Plot, view: &Shown, width: u32) -> AnyView {
    let text = &reader.text().plot;
    let Drawing { svg, left, right } = draw(reader, plot, width);
    let measure = reader.text().words.measure(plot.measure);
    let unit = match plot.measure.unit() {
        // Of some bins it is not told how many calls have no price.
        "usd" if plot.unpriced > 0 => (reader.text().words.at_least)("${}"),
        "usd" => "${}".to_owned(),
        unit => format!("{{}} {}", reader.text().words.unit(unit)),
    };
    let picture = format!(
        "<svg class=\"picture\" width=\"{width}\" height=\"{HEIGHT}\" viewBox=\"0 0 {width} {HEIGHT}\" \
         aria-hidden=\"true\" focusable=\"false\">{PATTERNS}{svg}</svg>"
    );
    view! {
        <figure class="plot-figure" aria-label=measure>
            <div class="plot-frame" data-plot-frame="">
                <div
                    id="plot"
                    class="plot"
                    tabindex="0"
                    role="img"
                    aria-label=measure
                    aria-description=highest(reader, plot)
                    data-plot=""
                    data-left=left.to_string()
                    data-right=right.to_string()
                    data-edges=edges(plot)
                    data-unit=unit
                    data-zoom=zoom(view)
                >
                    <div class="plot-picture" inner_html=picture></div>
                    <div id="plot-selection" class="plot-selection" data-own="" hidden></div>
                    <div id="plot-cursor" class="plot-cursor" data-own="" hidden></div>
                </div>
            </div>
            <div class="plot-foot">
                {key(reader, plot)}
                <p id="plot-read" class="plot-read" data-own="" hidden></p>
                <div id="plot-choice" class="plot-choice" data-own="" hidden>
                    <a class="button" href="/" data-forget="">{text.zoom_in}</a>
                    <button type="button" class="quiet" data-forget="">{text.forget}</button>
                </div>
                <p class="plot-how">{how(reader, plot)}</p>
            </div>
            {numbers(reader, plot)}
        </figure>
    }
    .into_any()
}

/// The start of the first bin, in Unix seconds, and then how long each bin is.
fn edges(plot: &Plot) -> String {
    let lengths = (0..plot.bins()).map(|bin| format!(" {}", plot.length_s(bin)));
    format!("{}{}", plot.start_s(), lengths.collect::<String>())
}

/// The address of a part of it, to which browsers add where it begins and ends.
fn zoom(view: &Shown) -> String {
    let address = view.with_stretch(Stretch::default()).address("/");
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}")
}

/// What each colour stands for, with what it adds up to.
fn key(reader: &Reader, plot: &Plot) -> AnyView {
    let text = &reader.text().plot;
    let unit = plot.measure.unit();
    let stacks = plot.stacks.iter().enumerate().map(|(place, stack)| {
        let (Stack { name, color, total, .. }, left_out) = (stack, stack.all_left_out());
        let is_others = plot.others > 0 && place + 1 == plot.stacks.len();
        let name = match name.as_str() {
            _ if is_others => (reader.text().now.others)(&reader.exact(plot.others as f64)),
            name => value_name(reader, name),
        };
        view! {
            <li>
                <svg class="swatch" width="8" height="8" aria-hidden="true"><rect class=format!("m{color}") width="8" height="8"></rect></svg>
                <span class="key-name">{name}</span>" "<span class="figures">{reader.sum(*total, unit, left_out)}</span>
            </li>
        }
    });
    let exact = plot.limits.iter().filter(|line| line.window_s == plot.told_s());
    let tightest = exact.map(|line| line.amount).fold(f64::INFINITY, f64::min);
    let limits = plot.limits.iter().map(|line| {
        let class = match line.window_s == plot.told_s() {
            true if line.amount <= tightest => "limit",
            true => "other-limit",
            false => "even-pace",
        };
        let name = named(reader, &line.name, &line.kind);
        let amount = reader.allowed(line.amount, unit);
        let evenly = (line.window_s != plot.told_s())
            .then(|| (text.evenly)(&reader.amount(per_window(plot, line), unit)));
        view! {
            <li>
                <svg class="swatch" width="12" height="8" aria-hidden="true"><path class=class d="M0 4H12"></path></svg>
                <span class="key-name">{name}</span>" "<span class="figures">{amount}</span>{evenly}
            </li>
        }
    });
    let compared = plot.compared_from_s.map(|from_s| {
        let since = plot.first_s.filter(|first_s| *first_s > from_s);
        let since = since.map(|first_s| (text.compared_since)(&reader.date_and_clock(first_s)));
        view! { <li><svg class="swatch" width="16" height="8" aria-hidden="true"><path class="compared" d="M0 4H16"></path></svg>{text.compared}{since}</li> }
    });
    let busiest = (!plot.busiest.is_empty()).then(|| {
        let said = (text.busiest)(&reader.step(plot.window_s));
        view! { <li><svg class="swatch" width="10" height="8" aria-hidden="true"><rect class="busiest" y="3" width="10" height="2"></rect></svg>{said}</li> }
    });
    view! { <ul id="plot-key" class="plot-key">{stacks.collect_view()}{limits.collect_view()}{busiest}{compared}</ul> }.into_any()
}

/// What columns are told per, and what they leave out.
fn how(reader: &Reader, plot: &Plot) -> String {
    let text = &reader.text().plot;
    let mut said = vec![(text.per)(&reader.step(plot.told_s()))];
    if plot.window_s < plot.step_s {
        said.push((text.mean_of)(&reader.step(plot.step_s)));
    }
    said.push((text.times_in)(&reader.zone.name));
    if plot.unpriced > 0 && plot.measure == vocabulary::Measure::CostUsd {
        said.push((text.without_price)(&reader.count(plot.unpriced, crate::text::Noun::Request)));
    }
    if plot.unknown_usage > 0 && plot.measure.unit() == "tokens" {
        said.push((reader.text().now.unknown_usage)(
            &reader.count(plot.unknown_usage, crate::text::Noun::Request),
        ));
    }
    said.join(" · ")
}
