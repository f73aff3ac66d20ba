//! What is said where there is nothing to draw: that nobody called, or what did not happen to the calls there were.

use vocabulary::Measure;

use crate::api::plot::Plot;
use crate::reader::Reader;
use crate::text::Noun;

/// Why every column is 0.
pub(super) fn nothing(reader: &Reader, plot: &Plot) -> String {
    let text = &reader.text().plot;
    let calls: u64 = plot.calls.iter().map(|(_, calls)| calls).sum();
    let of = |calls: u64| reader.count(calls, Noun::Request);
    match plot.measure {
        _ if calls == 0 => text.nothing.to_owned(),
        Measure::Throttled => (text.none_refused)(calls, &of(calls)),
        Measure::Errors => (text.none_failed)(calls, &of(calls)),
        Measure::CostUsd if plot.unpriced > 0 => (text.none_priced)(&of(plot.unpriced)),
        Measure::CostUsd => (text.none_cost)(calls, &of(calls)),
        _ if plot.unknown_usage > 0 => (text.none_known)(&of(plot.unknown_usage)),
        _ => (text.none_used)(calls, &of(calls)),
    }
}
