//! Lanes: one scale for every limit.

use leptos::prelude::*;
use vocabulary::Severity;

use super::part;
use crate::parts::{Lane, lane};

/// Widths at which lanes are seen.
const WIDTHS: [&str; 3] = ["100%", "120", "56"];

/// Lanes in every state, wide and narrow.
pub(super) fn lanes() -> AnyView {
    let plain =
        |used: f64, state: Severity| Lane { used, state, warn_percent: 80, gone: None, projected: None };
    use Severity::{Critical, Ok, Warning};
    let shown = [
        ("0 %", plain(0.0, Ok)),
        ("12 %", plain(0.12, Ok)),
        ("79 %", plain(0.79, Ok)),
        ("80 %, a warning", plain(0.8, Warning)),
        ("84 %, a warning", plain(0.84, Warning)),
        ("60 %, falling: the alert still holds", plain(0.6, Warning)),
        ("100 %", plain(1.0, Critical)),
        ("125 %", plain(1.25, Critical)),
        ("1,769 %", plain(17.69, Critical)),
        ("unknown", plain(f64::NAN, Ok)),
        ("warns at 50 %", Lane { warn_percent: 50, ..plain(0.4, Ok) }),
        ("warns at its limit", Lane { warn_percent: 100, ..plain(0.4, Ok) }),
        ("warns beyond its limit", Lane { warn_percent: 120, ..plain(1.1, Ok) }),
        (
            "half of the window gone, it lasts",
            Lane { gone: Some(0.5), projected: Some(0.6), ..plain(0.3, Ok) },
        ),
        (
            "half of the window gone, it does not last",
            Lane { gone: Some(0.5), projected: Some(1.3), ..plain(0.65, Ok) },
        ),
        (
            "a tenth gone, far beyond at this pace",
            Lane { gone: Some(0.1), projected: Some(9.0), ..plain(0.9, Warning) },
        ),
        ("the window is nearly over", Lane { gone: Some(0.99), projected: Some(0.43), ..plain(0.42, Ok) }),
    ];
    let rows = shown.iter().map(|(said, shown)| {
        let cells = WIDTHS.map(|width| view! { <td><svg width=width height="14">{lane(shown)}</svg></td> });
        view! { <tr><th scope="row">{*said}</th>{cells}</tr> }
    });
    part("Lanes", vec![view! { <table><tbody>{rows.collect_view()}</tbody></table> }.into_any()])
}
