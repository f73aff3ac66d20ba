//! What is pressed, chosen and typed.

use leptos::prelude::*;
use vocabulary::view::{Compare, Stretch, View as Shown};
use vocabulary::{Dimension, Filter, Severity};

use super::standings::{learned, own};
use super::{NOON_MS, part, state};
use crate::api::limits::{KindItem, LimitChange, LimitForm, LimitItem, LimitWindow, LimitsPage};
use crate::api::setup::{Heard, Way};
use crate::api::standing::Standing;
use crate::frame::{Frame, Section, StretchLinks, bar, commands};
use crate::pages::limits::RefusedForm;
use crate::pages::search::search;
use crate::pages::settings::{
    self, AccessPage, AuditRow, BrowserNames, Deed, Doer, HealthPage, KeyRow, Look, SessionRow, ZoneChoice,
};
use crate::pages::{limits, now};
use crate::parts::copy_button;
use crate::reader::Reader;

fn frame(open_alerts: (u64, Severity)) -> Frame {
    let links = StretchLinks {
        from_s: NOON_MS / 1_000 - 3_600,
        to_s: NOON_MS / 1_000,
        earlier: Some(Stretch::default()),
        later: None,
        doubled: Some(Stretch::default()),
    };
    let view = Shown::default().with_vs(Compare::Previous);
    Frame {
        place: Section::Now,
        back: "/style".to_owned(),
        view,
        stretch: Some(links),
        open_alerts,
        theme: None,
    }
}

/// Buttons, chips, the bar with its menus, commands and keys.
pub(super) fn controls(reader: &Reader) -> AnyView {
    let text = &reader.text().frame;
    let buttons = view! {
        <p class="buttons">
            <button type="button">"Button"</button>
            <button type="button" class="primary">"Primary"</button>
            <button type="button" class="quiet">"Quiet"</button>
            <button type="button" class="danger">"Danger"</button>
            <button type="button" disabled>"Disabled"</button>
            <a class="button" href="#main">"A link"</a>
            <kbd>"Ctrl+K"</kbd>
        </p>
    };
    let paste = view! { <div class="paste"><pre tabindex="0"><code>"export ANTHROPIC_BASE_URL=http://127.0.0.1:8787/proxy"</code></pre>{copy_button(reader)}</div> };
    let chosen = [("project", "checkout", false), ("user", "", false), ("model", "claude-haiku-4-5", true)]
        .into_iter()
        .fold(Shown::default(), |view, (word, value, is_excluded)| {
            let dimension = word.parse().unwrap_or(Dimension::Project);
            view.toggle(Filter { dimension, value: value.to_owned(), is_excluded })
        });
    let fresh = [
        ("waiting", (text.as_of)(&reader.clock_with_seconds(NOON_MS / 1_000))),
        ("live", text.seconds_fresh.replace("{}", "4")),
        ("paused", text.paused.replace("{}", &reader.clock(NOON_MS / 1_000))),
        ("lost", text.not_live.replace("{}", &reader.clock(NOON_MS / 1_000))),
        ("troubled", text.unreachable.to_owned()),
    ]
    .map(|(word, said)| {
        view! { <button type="button" class="fresh" data-state=word><span class="fresh-dot" aria-hidden="true"></span><span class="fresh-text">{said}</span></button> }
    });
    let listed = commands(reader, &frame((0, Severity::Ok))).into_iter().take(8).collect();
    part(
        "Controls",
        vec![
            state("Buttons", buttons.into_any()),
            state("Lines to copy; the button needs scripts", paste.into_any()),
            state("Filters that hold", now::chips(reader, &chosen)),
            state("No filter", now::chips(reader, &Shown::default())),
            state("The bar, with a stretch of time and menus", bar(reader, &frame((0, Severity::Ok)))),
            state(
                "The bar of a page without a stretch, with open alerts",
                bar(
                    reader,
                    &Frame { stretch: None, place: Section::Limits, ..frame((12, Severity::Critical)) },
                ),
            ),
            state("How fresh the figures are", view! { <p class="buttons">{fresh}</p> }.into_any()),
            state("Commands, and the keys there are", search(reader, listed, "")),
            state("No command is found", search(reader, Vec::new(), "nonsense")),
        ],
    )
}

fn item(standing: &Standing) -> LimitItem {
    LimitItem {
        id: standing.limit_id.clone(),
        name: standing.name.clone(),
        kind: standing.kind.clone(),
        unit: standing.unit.clone(),
        amount: standing.amount,
        scope: standing.scope.clone(),
        window: LimitWindow { tz: None },
        warn_percent: 80,
        critical_percent: 100,
        source: standing.source.clone(),
        enabled: true,
        enforce: false,
        endpoints: if standing.unit == "requests" { vec!["messages".to_owned()] } else { Vec::new() },
        revision: 1,
        editable: true,
        learned: standing.learned.clone(),
        history: Vec::new(),
    }
}

/// Forms, refused and not, and the lists with forms in them.
pub(super) fn forms(reader: &Reader) -> AnyView {
    let standings = [
        own("plain", "requests_per_minute", "requests", 500.0, 0.84),
        own("file", "spend_per_day", "usd", 60.0, 0.2),
        own("off", "tokens_per_day", "tokens", 5e8, 0.0),
        learned("Opus 5", "", "requests_per_minute", 1_000.0, 0.4),
    ];
    let change = |before: Option<f64>, after: f64, ago_ms: i64| LimitChange {
        at: String::new(),
        at_ms: NOON_MS - ago_ms,
        before,
        after,
        event_id: "req_1".to_owned(),
    };
    let items = vec![
        LimitItem { enforce: true, ..item(&standings[0]) },
        LimitItem { editable: false, source: "file".to_owned(), ..item(&standings[1]) },
        LimitItem { enabled: false, ..item(&standings[2]) },
        LimitItem {
            history: vec![change(Some(500.0), 1_000.0, 86_400_000), change(None, 500.0, 300_000_000)],
            ..item(&standings[3])
        },
    ];
    let page = |limits: Vec<LimitItem>, not_learned: u64, more: u64| LimitsPage {
        limits,
        standings: standings.iter().filter(|standing| !standing.limit_id.ends_with("off")).cloned().collect(),
        not_learned,
        more,
        kinds: vec![KindItem { word: "requests_per_minute".to_owned(), unit: "requests".to_owned() }],
        time_zone: "Asia/Seoul".to_owned(),
    };
    let refused = RefusedForm {
        form: LimitForm { name: "Mine".to_owned(), amount: "12".to_owned(), ..LimitForm::default() },
        why: "the thresholds must be 1 <= warning <= critical <= 1000 percent, for example 80 and 100"
            .to_owned(),
    };
    part(
        "Forms",
        vec![
            state("A form that is refused", limits::add(reader, &page(Vec::new(), 0, 0), Some(&refused))),
            state(
                "Limits: enforced, from the file, switched off, learned",
                limits::list(reader, &page(items, 3, 40), None),
            ),
            state("No limits to list", limits::list(reader, &page(Vec::new(), 0, 0), None)),
        ],
    )
}

/// What the settings show.
pub(super) fn settings(reader: &Reader) -> AnyView {
    let look = Look {
        theme: None,
        zone: ZoneChoice::Browser,
        browser_zone: None,
        configured_zone: "Asia/Seoul".to_owned(),
        has_keys: true,
    };
    let way = |name: &str| Way {
        name: name.to_owned(),
        lines: vec![(
            "What it does".to_owned(),
            "export ANTHROPIC_BASE_URL=http://127.0.0.1:8787/proxy".to_owned(),
        )],
        keys: vec![("$TACHO_KEY".to_owned(), "tacho keys create --scope ingest".to_owned())],
    };
    let heard =
        Heard { latest: Some(("claude-opus-5".to_owned(), NOON_MS - 4_000)), learned: 4, delivered: None };
    let nothing = Heard { latest: None, learned: 0, delivered: None };
    let session = |browser: &'static str, is_own: bool| SessionRow {
        id: browser.to_owned(),
        browser: BrowserNames { browser: Some(browser), system: Some("Linux") },
        address: Some("192.0.2.7".to_owned()),
        opened_at_ms: NOON_MS - 2 * 86_400_000,
        used_at_ms: NOON_MS,
        is_own,
    };
    let page = AccessPage {
        sessions: vec![session("Firefox", true), session("Chrome", false)],
        keys: vec![KeyRow {
            public: "a1b2c3d4".to_owned(),
            name: "nightly".to_owned(),
            scope: "ingest".to_owned(),
            made_at_ms: NOON_MS - 2 * 86_400_000,
            revoked_at_ms: None,
        }],
        audit: vec![AuditRow {
            at_ms: NOON_MS - 120_000,
            who: Doer { name: "Tacho itself".to_owned(), public: String::new(), address: None },
            what: Deed::Done {
                action: "limit_removed",
                name: "Requests per minute (example)".to_owned(),
                of: String::new(),
            },
        }],
        earlier: Some("/settings/access?before=1".to_owned()),
    };
    let well = HealthPage {
        version: "0.1.0".to_owned(),
        data_dir: "/var/lib/tacho".to_owned(),
        database_bytes: 48_213_000,
        first_ms: Some(NOON_MS - 86_400_000),
        waiting_bytes: 0,
        lost: 0,
        refused: 0,
        unreadable: 0,
        stores: true,
        queued_bytes: 0,
    };
    let ill = HealthPage {
        first_ms: None,
        waiting_bytes: 4_821_300,
        lost: 12,
        refused: 3,
        unreadable: 7,
        stores: false,
        queued_bytes: 2_400_000,
        ..well.clone()
    };
    part(
        "Settings",
        vec![
            state("Tabs", settings::tabs(reader, "/settings")),
            state("How one reads", settings::look(reader, &look)),
            state(
                "How applications are connected",
                settings::connect(reader, &[way("Claude Code"), way("Python"), way("TypeScript")]),
            ),
            state("Something was heard", settings::heard(reader, &heard)),
            state("Nothing was heard yet", settings::heard(reader, &nothing)),
            state("Who gets in", settings::access(reader, page)),
            state("Nothing was done yet", settings::access(reader, AccessPage::default())),
            state("All is well", settings::health(reader, &well)),
            state("All is wrong", settings::health(reader, &ill)),
        ],
    )
}
