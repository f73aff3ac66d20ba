use proptest::prelude::*;

use super::*;
use crate::Range;

fn read(pairs: &[(&str, &str)]) -> View {
    let (view, nonsense) = View::read(pairs.iter().copied());
    assert_eq!(nonsense, [], "{pairs:?}");
    view
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, Senseless)> {
    let (view, nonsense) = View::read(pairs.iter().copied());
    assert_eq!(view, View::default(), "{pairs:?}");
    nonsense.into_iter().map(|nonsense| (nonsense.name, nonsense.reason)).collect()
}

#[test]
fn an_address_says_what_is_shown() {
    let view = read(&[("range", "7d"), ("measure", "cost_usd"), ("-model", "a b"), ("page", "2")]);
    assert_eq!((view.stretch, view.measure), (Stretch::Last(Range::Week), Measure::CostUsd));
    assert_eq!(view.address("/"), "/?range=7d&measure=cost_usd&-model=a%20b");
    assert_eq!(View::default().address("/usage"), "/usage");
    let view = read(&[
        ("vs", "week"),
        ("project", ""),
        ("by", "user"),
        ("sort", "errors"),
        ("at", "Yesterday 14:02"),
    ]);
    assert_eq!(view.address("/"), "/?at=yesterday%2014:02&by=user&sort=errors&vs=week&project=");
    assert_eq!(view.order(), Measure::Errors);
}

#[test]
fn every_way_to_say_a_stretch_has_its_address() {
    for (pairs, address) in [
        (&[("range", "1h")][..], "/"),
        (&[("range", "last_month")], "/?range=last_month"),
        (&[("at", "60m")], "/"),
        (&[("at", "90m")], "/?at=90m"),
        (&[("at", "14 days")], "/?at=2w"),
        (&[("at", "yesterday")], "/?range=yesterday"),
        (&[("at", "Nov 22")], "/?at=22%20nov"),
        (&[("at", "last tuesday")], "/?at=last%20tue"),
        (&[("from", "2026-11-29T14:02"), ("to", "")], "/?from=2026-11-29T14:02"),
        (&[("from", "2026-11-29"), ("to", "2026-11-30")], "/?from=2026-11-29&to=2026-11-30"),
        (&[("from", "2026-11-29T12:00:00Z"), ("to", "1795957200")], "/?from=1795953600&to=1795957200"),
        // The nearest to a wish: what was typed, then what was set, then what was picked.
        (&[("range", "7d"), ("from", "2026-11-29"), ("at", "6h")], "/?range=6h"),
        (&[("at", "soon"), ("range", "7d"), ("range", "30d")], "/?range=30d"),
        (&[("range", "yesterday 14:02"), ("at", "soon")], "/?at=yesterday%2014:02"),
        (&[("at", "3시간 전")], "/?at=3h"),
        (&[("at", "지난 화요일 14:02")], "/?at=last%20tue%2014:02"),
    ] {
        assert_eq!(View::read(pairs.iter().copied()).0.address("/"), address, "{pairs:?}");
    }
    for stretch in Stretch::QUICK {
        let word = stretch.word().unwrap();
        assert_eq!((Stretch::of_word(word), read(&[("range", word)]).stretch), (Some(*stretch), *stretch));
    }
}

#[test]
fn nonsense_falls_back_and_is_told() {
    let long = "a".repeat(257);
    for (name, value, reason) in [
        ("range", "1y", Senseless::Unknown),
        ("measure", "mood", Senseless::Unknown),
        ("by", "-model", Senseless::Unknown),
        ("vs", "year", Senseless::Unknown),
        ("sort", "\u{202e}", Senseless::Unknown),
        ("at", "soon", Senseless::Unreadable),
        ("at", "9999w", Senseless::TooLong),
        ("from", "9999-12-31", Senseless::Unreachable),
        ("from", "now", Senseless::Unreadable),
        ("to", "2026-11-29", Senseless::Alone),
        ("measure", &long, Senseless::TooLong),
        ("-user", &long, Senseless::TooLong),
    ] {
        assert_eq!(told(&[(name, value)]), [(name.to_owned(), reason)], "{value}");
    }
    let too_long = [("from", "2020-01-01"), ("to", "2026-01-01")];
    assert_eq!(told(&too_long), [("from".to_owned(), Senseless::TooLong)]);
    assert_eq!(told(&[("-colour", "red"), ("measure", ""), ("at", "")]), []);
}

#[test]
fn there_are_no_more_filters_than_an_address_takes() {
    let values: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let (view, nonsense) = View::read(values.iter().map(|value| ("user", value.as_str())));
    assert_eq!((view.filters.len(), nonsense.len()), (32, 32));
    assert_eq!((nonsense[0].value.as_str(), nonsense[0].reason), ("32", Senseless::TooMany));
    assert_eq!(view.toggle(Filter::only(Dimension::User, "another")), view);
    assert_eq!(read(&[("user", "a"), ("user", "a")]).filters.len(), 1);
}

#[test]
fn filters_take_no_more_of_an_address_than_there_is_room_for() {
    // Each sign is three in an address.
    let values: Vec<String> = (0..32).map(|number| format!("{number}{}", "!".repeat(250))).collect();
    let (view, nonsense) = View::read(values.iter().map(|value| ("user", value.as_str())));
    assert_eq!((view.filters.len(), nonsense.len()), (8, 24));
    assert!(nonsense.iter().all(|nonsense| nonsense.reason == Senseless::TooMany), "{nonsense:?}");
    assert!((6_000..=6_145).contains(&view.address("/").len()), "{}", view.address("/").len());
    let (long, short) = (Filter::only(Dimension::User, &values[8]), Filter::only(Dimension::User, "short"));
    assert_eq!(view.toggle(long), view);
    assert_eq!(view.toggle(short).filters.len(), 9);
}

#[test]
fn a_filter_toggles() {
    let (only, except) = (Filter::only(Dimension::Model, "a"), Filter::except(Dimension::Model, "a"));
    let on = View::default().toggle(only.clone());
    assert_eq!(on.filters, vec![only.clone()]);
    assert_eq!(on.toggle(only.clone()), View::default());
    assert_eq!(on.toggle(except.clone()).filters, vec![except.clone()]);
    assert_eq!(on.without(&only), View::default());
    assert_eq!(on.without(&except), on);
}

fn date() -> impl Strategy<Value = Date> {
    (2024..=2026i16, 1..=12i8, 1..=31i8)
        .prop_filter_map("no such day", |(year, month, day)| Date::new(year, month, day))
}

fn time() -> impl Strategy<Value = TimeOfDay> {
    (0..24u16, 0..60u16).prop_filter_map("no such time", |(hour, minute)| TimeOfDay::new(hour, minute))
}

fn day() -> impl Strategy<Value = Day> {
    let weekday = || prop::sample::select(Weekday::ALL);
    prop_oneof![
        Just(Day::Today),
        Just(Day::Yesterday),
        weekday().prop_map(Day::Weekday),
        weekday().prop_map(Day::LastWeekday),
        date().prop_map(Day::Date),
        (1..=12i8, 1..=29i8)
            .prop_filter_map("no such day", |(month, day)| DayOfYear::new(month, day))
            .prop_map(Day::OfYear),
    ]
}

fn edge() -> impl Strategy<Value = Edge> {
    prop_oneof![
        (1_700_000_000..1_795_953_600i64).prop_map(Edge::Instant),
        (date(), time()).prop_map(|(date, time)| Edge::Local(date, time)),
        date().prop_map(Edge::Date),
    ]
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let hours = prop_oneof![
        time().prop_map(Hours::Around),
        (time(), time())
            .prop_filter_map("a minute", |(from, to)| (from != to).then_some(Hours::Between(from, to))),
    ];
    prop_oneof![
        prop::sample::select(Stretch::QUICK),
        (1..=LONGEST_MINUTES).prop_map(Stretch::past),
        (1..=LONGEST_MINUTES / 1_440).prop_map(|days| Stretch::past(days * 1_440)),
        day().prop_map(Stretch::Day),
        (prop::option::of(day()), hours).prop_map(|(day, hours)| Stretch::Hours(day, hours)),
        (edge(), prop::option::of(edge())).prop_map(|(from, to)| Stretch::Between(from, to)),
    ]
}

prop_compose! {
    fn view()(
        stretch in stretch(),
        measure in prop::sample::select(Measure::ALL),
        by in prop::sample::select(Dimension::ALL),
        sort in prop::option::of(prop::sample::select(Measure::ALL)),
        vs in prop::sample::select(Compare::ALL),
        filters in prop::collection::vec((prop::sample::select(Dimension::ALL), "\\PC{0,20}", any::<bool>()), 0..40),
    ) -> View {
        let view = View { stretch, measure, by, sort, vs, filters: Vec::new() };
        filters.into_iter().fold(view, |view, (dimension, value, is_excluded)| {
            view.toggle(Filter { dimension, value, is_excluded })
        })
    }
}

/// The pairs of an address, as whoever serves it decodes them.
fn decoded(address: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap() as u8;
            bytes.push(if byte == b'%' { hex(rest.next()) * 16 + hex(rest.next()) } else { byte });
        }
        String::from_utf8(bytes).unwrap()
    };
    let query = address.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

proptest! {
    #[test]
    fn what_is_shown_stays_where_what_is_typed_makes_no_sense(stretch in stretch()) {
        let kept = stretch.kept_pairs();
        let typed = [("at", "last fortnight")];
        let pairs = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(typed);
        let (view, nonsense) = View::read(pairs);
        prop_assert_eq!(view.stretch, stretch);
        prop_assert_eq!(nonsense, vec![Nonsense::new("at", "last fortnight", Senseless::Unreadable)]);
    }

    #[test]
    fn what_is_written_is_read(view in view()) {
        let pairs = decoded(&view.address("/"));
        let (again, nonsense) = View::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        prop_assert_eq!((&again, nonsense), (&view, vec![]));
        prop_assert_eq!(pairs, view.pairs());
    }

    #[test]
    fn whatever_is_typed_is_read_or_refused(text in "(last |now-|yesterday |tue |22 |nov |지난 |최근|어제 |11월 )?[-0-9:.+ TtZzhdwm²é–년월일시간분주전]{0,24}|\\PC{0,40}") {
        for name in ["at", "from", "to", "range"] {
            let (view, nonsense) = View::read([("from", "2026-11-29"), (name, text.as_str())]);
            prop_assert!(nonsense.len() <= 2);
            let (again, nonsense) = View::read(view.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())));
            prop_assert_eq!((again, nonsense), (view, vec![]));
        }
    }
}
