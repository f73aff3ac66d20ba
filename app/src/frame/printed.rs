//! What paper has to say in place of the bar: when and where its figures are from, and what they are of.

use leptos::prelude::*;
use vocabulary::view::{Compare, View as Shown};
use vocabulary::wording;

use super::picker::{between, dates, stretch_name};
use super::{Frame, StretchLinks};
use crate::parts::filter_name;
use crate::reader::Reader;

/// The line at the top of a printed page. The address is the one it was asked for under.
pub fn printed(reader: &Reader, frame: &Frame, address: &str) -> AnyView {
    let shown = frame.stretch.iter().flat_map(|links| shown(reader, &frame.view, links));
    let zone = (reader.text().plot.times_in)(&reader.zone.name);
    let all: Vec<String> = shown.chain([(reader.text().frame.as_of)(&now(reader)), zone]).collect();
    view! { <p id="printed" class="printed">{all.join(" · ")}<br/><bdi>{address.to_owned()}</bdi></p> }
        .into_any()
}

/// The stretch of time, in words and in dates, what it is compared with, and the filters.
fn shown(reader: &Reader, view: &Shown, links: &StretchLinks) -> Vec<String> {
    let text = &reader.text().time;
    let (name, dates) = (stretch_name(reader, view.stretch, links), dates(reader, links));
    let is_named = name != between(reader, links);
    let stretch = if is_named { format!("{name}: {dates}") } else { dates };
    let compared = (view.vs != Compare::Off).then(|| (text.compared_with)(text.compare[view.vs as usize]));
    let filters = view.filters.iter().map(|filter| filter_name(reader, filter));
    std::iter::once(stretch).chain(compared).chain(filters).collect()
}

/// The moment of the figures, with its year: paper is kept.
fn now(reader: &Reader) -> String {
    let now_s = reader.now_ms.div_euclid(1_000);
    let (year, month, day) = wording::date(now_s, reader.zone.offset_s(now_s));
    let date = (reader.text().words.date)(Some(year), month, day);
    format!("{date} {}", reader.clock_with_seconds(now_s))
}
