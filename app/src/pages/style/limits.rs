//! Limits: the verdict, their rows, the matrix of pools, and the lists on their own page.

use leptos::prelude::*;
use vocabulary::Severity;
use vocabulary::view::View as Shown;

use super::standings::{learned, of_day, of_user, own, pool, room, subscription};
use super::{NOON_MS, part, state};
use crate::api::room::{Mostly, RefusedMinute, Room};
use crate::api::standing::{HeldAlert, Standing, StandingScope};
use crate::pages::now;
use crate::reader::Reader;

/// What the first page says.
pub(super) fn verdicts(reader: &Reader) -> AnyView {
    let view = Shown::default();
    let say = |said: &str, room: &Room| state(said, now::verdict(reader, room, &view));
    let near = |fraction| learned("Opus 5", "", "requests_per_minute", 1_000.0, fraction);
    let refusal = |ago_s: i64, project: &str| {
        Some(RefusedMinute {
            at_s: NOON_MS / 1_000 - ago_s,
            models: Mostly { name: "claude-opus-5".to_owned(), calls: 112, values: 1 },
            projects: Mostly { name: project.to_owned(), calls: 96, values: 2 },
            calls: 112,
        })
    };
    let held = HeldAlert { since_ms: NOON_MS - 120_000, below_percent: 78, for_ms: 300_000 };
    let falling = Standing { state: Severity::Critical, held: Some(held), ..near(0.6) };
    let bound =
        Standing { usage_incomplete: true, ..of_day(own("bound", "tokens_per_day", "tokens", 1e6, 0.91)) };
    let long = Standing {
        name: "The budget of the team that answers what customers of the shop ask at night".to_owned(),
        ..near(0.9)
    };
    let long = of_user(
        Standing { learned: None, scope: StandingScope::default(), ..long },
        "u_0123456789abcdef@example.com",
        1,
    );
    part(
        "Verdicts",
        vec![
            say("No limit is known", &Room { limits: 0, ..room(Vec::new()) }),
            say("There is room", &room(pool("Opus 5", "", [0.4, 0.1, 0.02]))),
            say(
                "There is room, and calls were refused",
                &Room { refusal: refusal(1_400, "checkout"), ..room(vec![near(0.4)]) },
            ),
            say("A warning", &room(vec![near(0.84)])),
            say("A limit is reached", &room(vec![near(1.25)])),
            say("Far beyond", &room(vec![near(17.69)])),
            say("Falling, while the alert holds", &room(vec![falling])),
            say("A window with an end, of which not all is known", &room(vec![bound])),
            say("A long name, for a long value", &room(vec![long])),
            say("The API refuses calls", &Room { refusal: refusal(20, ""), ..room(vec![near(1.0)]) }),
        ],
    )
}

/// The sheet: the API's limits, and one's own.
pub(super) fn sheets(reader: &Reader) -> AnyView {
    let pools = [
        pool("Haiku 4.5", "", [0.12, 0.04, 0.0]),
        pool("Opus 5", "wrkspc_shop", [0.84, 0.8, 0.31]),
        pool("Opus 5", "wrkspc_research_with_a_long_name", [1.0, 1.25, 17.69]),
        pool("Sonnet 5.5", "", [0.79, 0.02, 0.5]).into_iter().take(2).collect(),
    ];
    let rows = [
        own("a", "requests_per_minute", "requests", 500.0, 0.12),
        of_day(own("b", "tokens_per_day", "tokens", 5e8, 0.31)),
        of_day(own("c", "spend_per_day", "usd", 60.0, 0.72)),
        of_day(own("d", "spend_per_day", "usd", 20.0, 1.25)),
        of_day(of_user(own("e", "tokens_per_day", "tokens", 6e7, 0.86), "u_0042", 1_204)),
        Standing { usage_incomplete: true, ..own("f", "input_tokens_per_minute", "tokens", 400_000.0, 0.55) },
        Standing { source: "preset".to_owned(), ..own("g", "requests_per_hour", "requests", 60.0, 17.69) },
        Standing {
            scope: StandingScope { dimension: Some("user".to_owned()), ..StandingScope::default() },
            ..own("h", "concurrent_requests", "in_flight", 40.0, 0.0)
        },
    ];
    let named = Standing {
        name: "Checkout, which has the longest name of all limits there are".to_owned(),
        ..rows[2].clone()
    };
    let both: Vec<Standing> =
        pools.iter().flatten().chain(&rows).cloned().chain([subscription(0.62)]).collect();
    let many: Vec<Standing> = (0..12)
        .flat_map(|number| pool(&format!("Model {number}"), "", [0.1, 0.2, 0.3]))
        .chain((0..12).map(|number| {
            own(&format!("many{number}"), "requests_per_minute", "requests", 100.0, f64::from(number) / 10.0)
        }))
        .collect();
    let sheet = |said: &str, standings: Vec<Standing>| state(said, now::sheet(reader, &room(standings)));
    part(
        "Limits",
        vec![
            sheet("Every state", both),
            sheet("No limits", Vec::new()),
            sheet("More than there is room for", many),
            state("A row by itself, with a long name", now::standing_rows(reader, &[&named])),
        ],
    )
}
