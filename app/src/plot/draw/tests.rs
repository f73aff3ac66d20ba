//! The picture as it is written, and what is left out of it.

use vocabulary::view::View;
use vocabulary::{Measure, Severity};

use super::*;
use crate::api::plot::{MOST_SERIES, Stack};
use crate::api::zone::Zone;
use crate::text::Language;

/// 2026-11-18T12:27:00Z
const FROM_S: i64 = 1_795_004_820;

fn reader() -> Reader {
    let zone = Zone { name: "UTC".to_owned(), offsets: Vec::new() };
    Reader { language: Language::English, zone, now_ms: (FROM_S + 290) * 1_000 }
}

fn minutes(bins: i64) -> Vec<i64> {
    (0..=bins).map(|bin| FROM_S + bin * 60).collect()
}

fn stack(name: &str, color: u8, points: &[(usize, f64)]) -> Stack {
    let total = points.iter().map(|(_, value)| value).sum();
    Stack { name: name.to_owned(), color, total, points: points.to_vec(), left_out: Vec::new() }
}

/// Five minutes: one over the limit, one without a call, one in which Tacho did not run, and one that is not over yet.
fn plot() -> Plot {
    let line = |id: &str, amount: f64, window_s: i64| LimitLine {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: id.to_owned(),
        amount,
        warn_percent: 80,
        window_s,
    };
    Plot {
        measure: Measure::Requests,
        edges_s: minutes(5),
        step_s: 60,
        now_s: FROM_S + 290,
        is_live: true,
        stacks: vec![stack("a", 0, &[(0, 40.0), (2, 30.0), (4, 8.0)]), stack("b", 1, &[(0, 30.0)])],
        others: 0,
        busiest: Vec::new(),
        window_s: 60,
        limits: vec![line("requests_per_minute", 60.0, 60), line("requests_per_hour", 6_000.0, 3_600)],
        compared: vec![(0, 20.0), (3, 10.0)],
        compared_from_s: None,
        incidents: vec![(FROM_S + 30, FROM_S + 150, Severity::Critical)],
        calls: vec![(0, 70), (2, 30), (4, 8)],
        refused: vec![(0, 2)],
        gaps: vec![(FROM_S + 180, FROM_S + 240)],
        first_s: Some(FROM_S - 86_400),
        unpriced: 0,
        unknown_usage: 0,
    }
}

#[test]
fn a_plot_is_classes_not_colours() {
    let Drawing { svg, left, right } = draw(&reader(), &plot(), 400);
    assert!(!svg.contains("fill=") && !svg.contains("stroke=") && !svg.contains('#'), "{svg}");
    assert!(0 < left && left < right && right < 400, "{left} to {right}");
    insta::assert_snapshot!(svg.replace("/><", "/>\n<").replace("text><", "text>\n<"));
}

#[test]
fn an_empty_plot_has_axes_and_no_series() {
    let empty =
        Plot { stacks: Vec::new(), calls: Vec::new(), limits: Vec::new(), compared: Vec::new(), ..plot() };
    let svg = draw(&reader(), &empty, 400).svg;
    assert!(svg.contains("class=\"label\"") && svg.contains("class=\"zero\""), "{svg}");
    for class in ["m0", "m1", "limit", "over", "pace", "compared"] {
        assert!(!svg.contains(&format!("class=\"{class}")), "{class}: {svg}");
    }
    assert!(svg.contains(">No call in this time range<"), "{svg}");
    // That nobody called is told from that Tacho did not run.
    assert!(svg.contains("class=\"foot\"") && svg.contains("class=\"gap\""), "{svg}");
}

#[test]
fn calls_of_which_nothing_is_counted_are_told_of() {
    let of = |measure, calls: u64, unpriced, unknown_usage| Plot {
        measure,
        stacks: Vec::new(),
        calls: vec![(0, calls)],
        unpriced,
        unknown_usage,
        ..plot()
    };
    for (plot, said) in [
        (of(Measure::Throttled, 48, 0, 0), "48\u{a0}requests, none was refused"),
        (of(Measure::Throttled, 1, 0, 0), "1\u{a0}request, which was not refused"),
        (of(Measure::Errors, 48, 0, 0), "48\u{a0}requests, none failed"),
        (of(Measure::CostUsd, 50, 50, 0), "50\u{a0}requests without a known price"),
        (of(Measure::CostUsd, 50, 0, 0), "50\u{a0}requests, none cost anything"),
        (of(Measure::OutputTokens, 3, 0, 3), "3\u{a0}requests without known usage"),
        (of(Measure::CacheReadTokens, 3, 0, 0), "3\u{a0}requests, none used any of these tokens"),
    ] {
        let svg = draw(&reader(), &plot, 400).svg;
        assert!(svg.contains(&format!(">{said}<")), "{said}: {svg}");
    }
}

#[test]
fn a_foot_is_where_nobody_called_whatever_is_counted() {
    let foot = |plot: Plot| {
        let svg = draw(&reader(), &plot, 400).svg;
        svg.split('<').find(|element| element.contains("class=\"foot\"")).map(str::to_owned)
    };
    let of_calls = foot(plot());
    assert!(of_calls.is_some());
    let of_refusals = Plot { measure: Measure::Throttled, stacks: Vec::new(), limits: Vec::new(), ..plot() };
    assert_eq!(foot(of_refusals), of_calls);
}

#[test]
fn a_plot_of_no_time_or_no_room_is_drawn_all_the_same() {
    for (bins, width) in [(0, 400), (1, 240), (5, 1_680)] {
        let drawing = draw(&reader(), &Plot { edges_s: minutes(bins), ..plot() }, width);
        assert!(drawing.svg.starts_with('<') && !drawing.svg.contains("NaN"), "{}", drawing.svg);
    }
}

#[test]
fn what_has_no_colour_of_its_own_is_drawn_and_named_as_one() {
    let mut many = plot();
    let mut models: Vec<Stack> =
        (0..MOST_SERIES).map(|color| stack(&format!("m{color}"), color as u8, &[(0, 1.0)])).collect();
    models.push(stack("", 9, &[(0, 7.0)]));
    (many.stacks, many.others) = (models, 7);
    let svg = draw(&reader(), &many, 400).svg;
    assert_eq!(svg.matches("class=\"m9\"").count(), 1, "{svg}");
    let figure =
        leptos::prelude::RenderHtml::to_html(super::super::figure(&reader(), &many, &View::default(), 400));
    assert!(figure.contains("7 others"), "{figure}");
}

#[test]
fn a_bin_that_is_not_over_says_where_it_is_going() {
    let open = plot();
    assert_eq!(pace(&open), Some(8.0 * 60.0 / 50.0));
    assert_eq!(pace(&Plot { now_s: FROM_S + 245, ..plot() }), None, "too early to say");
    assert_eq!(pace(&Plot { is_live: false, ..plot() }), None, "it is over");
    let svg = draw(&reader(), &open, 400).svg;
    assert!(svg.contains("class=\"m0 open\"") && svg.contains("class=\"pace\""), "{svg}");
}

/// What is written, with its class, where it begins or ends, and its anchor.
fn words(svg: &str) -> Vec<(String, String, f64, String)> {
    let of = |element: &str, name: &str| {
        let (_, rest) = element.split_once(&format!(" {name}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    let word = |element: &str| {
        let text = element.split_once('>')?.1.split('<').next()?.to_owned();
        Some((text, of(element, "class")?, of(element, "x")?.parse().ok()?, of(element, "text-anchor")?))
    };
    svg.split("<text").skip(1).filter_map(word).collect()
}

#[test]
fn amounts_are_told_apart_and_fit_however_small_they_are() {
    for cost in [0.000_000_2, 0.001_2, 3.0, 950.0, 71_000.0] {
        let stacks = vec![stack("a", 0, &[(0, cost)])];
        let plot =
            Plot { measure: Measure::CostUsd, stacks, limits: Vec::new(), compared: Vec::new(), ..plot() };
        let svg = draw(&reader(), &plot, 400).svg;
        let amounts =
            words(&svg).into_iter().filter(|(_, class, _, anchor)| class == "label" && anchor == "start");
        let amounts: Vec<(String, f64)> = amounts.map(|(text, _, x, _)| (text, x)).collect();
        assert!(amounts.len() >= 3, "{amounts:?}");
        for (place, (text, x)) in amounts.iter().enumerate() {
            assert!(x + f64::from(label_px(text)) <= 400.0, "{text} at {x}");
            assert!(amounts[..place].iter().all(|(other, _)| other != text), "{amounts:?}");
        }
    }
}

#[test]
fn where_nothing_is_there_are_no_amounts() {
    let empty =
        Plot { stacks: Vec::new(), calls: Vec::new(), limits: Vec::new(), compared: Vec::new(), ..plot() };
    let svg = draw(&reader(), &empty, 400).svg;
    assert!(words(&svg).iter().all(|(_, _, _, anchor)| anchor != "start"), "{svg}");
    assert!(svg.contains("class=\"zero\""), "{svg}");
}

#[test]
fn the_first_event_is_told_of_beside_its_column_and_on_top_of_all() {
    let late = Plot { first_s: Some(FROM_S + 290), ..plot() };
    for width in [400, 1_360] {
        let Drawing { svg, left, right } = draw(&reader(), &late, width);
        let (_, _, x, anchor) =
            words(&svg).into_iter().find(|(text, ..)| text.contains("first event")).expect("the words");
        assert_eq!(anchor, "end");
        assert!(x < f64::from(left) + f64::from(right - left) * 0.8, "{width}: it ends at {x}");
        let said = svg.find("first event").unwrap_or_default();
        assert!(svg.rfind("<path").is_some_and(|last| last < said), "{width}: something is drawn over it");
    }
}
