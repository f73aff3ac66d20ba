//! A limit as a lane: how much of it is used, on one scale for every limit, so that the red line always stands at one place.

use leptos::prelude::*;
use vocabulary::{Severity, wording};

use super::state_class;

/// Where the limit's line stands, in percent of the lane.
const LINE: f64 = 80.0;
/// What lies beyond the line reaches up to this share of the limit.
const BEYOND: f64 = 1.5;
/// So near to the limit's line, in percent of the lane, nothing else is marked.
const NEAR: f64 = 2.0;

/// A lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// How much is used, as a share of the limit.
    pub used: f64,
    /// The state that colours it.
    pub state: Severity,
    /// Percent of the limit from which a warning is raised.
    pub warn_percent: u32,
    /// How much of the window is over; of one that has an end.
    pub gone: Option<f64>,
    /// How much will be used at its end, at this pace.
    pub projected: Option<f64>,
}

/// Where a share of the limit lies, in percent of the lane.
fn place(share: f64) -> f64 {
    let share = if share.is_finite() { share.max(0.0) } else { 0.0 };
    match share {
        ..=1.0 => share * LINE,
        _ => LINE + (share.min(BEYOND) - 1.0) / (BEYOND - 1.0) * (100.0 - LINE),
    }
}

fn percent(place: f64) -> String {
    format!("{}%", wording::plain(place, 2))
}

/// The lane as a picture. What it shows is said beside it.
pub fn lane(lane: &Lane) -> AnyView {
    let warn = place(f64::from(lane.warn_percent) / 100.0);
    let used = place(lane.used);
    let pale = lane.projected.map(place).filter(|projected| *projected > used);
    let gone = lane.gone.map(place).filter(|gone| LINE - gone >= NEAR);
    // The scale ends there, what is used does not.
    let beyond = (lane.used > BEYOND).then(|| {
        view! { <svg class="lane-end" x="100%" width="8" height="14" overflow="visible"><path d="M-7 0L1 7L-7 14"></path></svg> }
    });
    let across = |class: &'static str, from: f64, to: f64| {
        view! { <rect class=class x=percent(from) width=percent((to - from).max(0.0)) y="4" height="6"></rect> }
    };
    view! {
        <svg class="lane" data-state=state_class(lane.state) width="100%" height="14" aria-hidden="true" focusable="false">
            {across("lane-track", 0.0, LINE)}
            {(warn < LINE).then(|| across("lane-warn", warn, LINE))}
            {across("lane-beyond", LINE, 100.0)}
            {pale.map(|pale| across("lane-pale", used, pale))}
            {across("lane-used", 0.0, used)}
            <rect class="lane-halo" x=percent(LINE) width="6" y="1" height="12" transform="translate(-3)"></rect>
            <rect class="lane-limit" x=percent(LINE) width="2" y="1" height="12" transform="translate(-1)"></rect>
            {gone.map(|gone| view! { <rect class="lane-gone" x=percent(gone) width="1.5" y="0" height="14"></rect> })}
            {beyond}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stands_at_one_place_and_what_is_beyond_it_is_told_apart() {
        assert_eq!(
            [0.0, 0.5, 1.0, 1.25, 1.5, 17.7, f64::NAN].map(place),
            [0.0, 40.0, 80.0, 90.0, 100.0, 100.0, 0.0]
        );
        let full =
            Lane { used: 17.69, state: Severity::Critical, warn_percent: 80, gone: None, projected: None };
        let html = lane(&full).to_html();
        assert!(html.contains("lane-end") && html.contains("data-state=\"critical\""), "{html}");
        let gone = |gone: f64| lane(&Lane { gone: Some(gone), ..full.clone() }).to_html();
        let (early, late) = (gone(0.9), gone(0.99));
        assert!(early.find("lane-gone") > early.find("lane-limit"), "{early}");
        assert!(!late.contains("lane-gone"), "{late}");
    }
}
