use proptest::prelude::*;
use vocabulary::view::{Compare, View};

use super::bins::MINUTE_MS;

const HOUR_MS: i64 = 60 * MINUTE_MS;
/// What is asked of clocks that are wrong is of this century.
const CENTURY_MS: i64 = 4_102_444_800_000 + 400 * 24 * HOUR_MS;

use super::*;

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Seoul",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
}

/// The stretch of an address such as `at=14:02`.
fn stretch(query: &str) -> Stretch {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (view, nonsense) = View::read(pairs);
    assert_eq!(nonsense, [], "{query}");
    view.stretch
}

fn address(stretch: Option<Stretch>) -> String {
    stretch.map_or_else(String::new, |stretch| View::default().with_stretch(stretch).address(""))
}

/// From when to when, and the width of a bin in minutes; `live` if it is.
fn told(resolved: &Resolved) -> String {
    let time = |at_ms| domain::time::rfc3339(at_ms).replace(":00:00Z", "Z").replace(":00Z", "Z");
    let live = if resolved.is_live { " live" } else { "" };
    let step = resolved.step_ms / MINUTE_MS;
    format!("{} {} {step}{live}", time(resolved.from_ms), time(resolved.to_ms))
}

#[test]
fn a_stretch_is_when_the_reader_means() {
    // A Monday; in Seoul and Kolkata it is Monday, too, and in Berlin 15:37.
    let now = "2026-11-30T14:37:20Z";
    for (query, zone_name, expected) in [
        ("range=15m", "UTC", "2026-11-30T14:23Z 2026-11-30T14:38Z 1 live"),
        ("range=1h", "Asia/Kolkata", "2026-11-30T13:38Z 2026-11-30T14:38Z 1 live"),
        ("range=6h", "UTC", "2026-11-30T08:40Z 2026-11-30T14:40Z 5 live"),
        ("range=24h", "UTC", "2026-11-29T14:45Z 2026-11-30T14:45Z 15 live"),
        ("range=7d", "UTC", "2026-11-23T15Z 2026-11-30T15Z 60 live"),
        ("range=30d", "UTC", "2026-10-31T18Z 2026-11-30T18Z 360 live"),
        ("at=90m", "UTC", "2026-11-30T13:08Z 2026-11-30T14:38Z 2 live"),
        ("at=14d", "UTC", "2026-11-16T18Z 2026-11-30T18Z 360 live"),
        ("range=today", "UTC", "2026-11-30T00Z 2026-11-30T14:45Z 15 live"),
        ("range=today", "Europe/Berlin", "2026-11-29T23Z 2026-11-30T14:45Z 15 live"),
        ("range=today", "Asia/Kolkata", "2026-11-29T18:30Z 2026-11-30T15Z 30 live"),
        ("range=today", "Asia/Seoul", "2026-11-29T15Z 2026-11-30T15Z 30 live"),
        ("range=yesterday", "Asia/Kolkata", "2026-11-28T18:30Z 2026-11-29T18:30Z 30"),
        ("range=this_week", "Europe/Berlin", "2026-11-29T23Z 2026-11-30T14:45Z 15 live"),
        ("range=last_week", "Asia/Kolkata", "2026-11-22T18:30Z 2026-11-29T18:30Z 180"),
        ("range=this_month", "Europe/Berlin", "2026-10-31T23Z 2026-11-30T23Z 720 live"),
        ("range=last_month", "UTC", "2026-10-01T00Z 2026-11-01T00Z 720"),
        ("at=14:02", "UTC", "2026-11-30T13:55Z 2026-11-30T14:10Z 1"),
        ("at=14:36", "UTC", "2026-11-30T14:29Z 2026-11-30T14:38Z 1 live"),
        // It has not come today.
        ("at=15:02", "UTC", "2026-11-29T14:55Z 2026-11-29T15:10Z 1"),
        ("at=14:00-15:30", "UTC", "2026-11-30T14Z 2026-11-30T14:38Z 1 live"),
        ("at=14:00-15:30", "Europe/Berlin", "2026-11-30T13Z 2026-11-30T14:30Z 2"),
        ("at=22:00-02:00", "UTC", "2026-11-29T22Z 2026-11-30T02Z 5"),
        ("at=yesterday 14:02", "Asia/Seoul", "2026-11-29T04:55Z 2026-11-29T05:10Z 1"),
        ("at=mon", "UTC", "2026-11-30T00Z 2026-11-30T14:45Z 15 live"),
        ("at=last mon", "UTC", "2026-11-23T00Z 2026-11-24T00Z 30"),
        ("at=tue", "UTC", "2026-11-24T00Z 2026-11-25T00Z 30"),
        ("at=last sun", "UTC", "2026-11-29T00Z 2026-11-30T00Z 30"),
        ("at=22 nov", "UTC", "2026-11-22T00Z 2026-11-23T00Z 30"),
        ("at=24 dec", "UTC", "2025-12-24T00Z 2025-12-25T00Z 30"),
        ("at=29 feb", "UTC", "2024-02-29T00Z 2024-03-01T00Z 30"),
        ("from=2024-02-29T10:00&to=2024-02-29T11:15", "UTC", "2024-02-29T10Z 2024-02-29T11:15Z 1"),
        ("from=2024-02-29T10:00&to=2024-02-29T11:16", "UTC", "2024-02-29T10Z 2024-02-29T11:16Z 2"),
        ("from=2026-11-30T11:00&to=2026-11-30T10:00", "UTC", "2026-11-30T10Z 2026-11-30T11Z 1"),
        ("from=2026-11-30T10:00&to=2026-11-30T10:00", "UTC", "2026-11-30T10Z 2026-11-30T10:01Z 1"),
        ("from=2026-11-30T14:00&to=2027-01-01", "UTC", "2026-11-30T14Z 2026-11-30T14:38Z 1 live"),
        ("from=2026-11-22&to=2026-11-23", "Asia/Seoul", "2026-11-21T15Z 2026-11-23T15Z 60"),
        ("from=2026-11-29", "UTC", "2026-11-29T00Z 2026-11-30T15Z 60 live"),
        ("from=2022-01-01", "UTC", "2022-01-01T00Z 2026-12-01T00Z 40320 live"),
    ] {
        let resolved = resolve(stretch(query), ms(now), &zone(zone_name));
        assert_eq!(told(&resolved), expected, "{query} {zone_name}");
        assert_eq!((resolved.refused, resolved.stretch), (None, stretch(query)));
    }
}

#[test]
fn days_are_as_long_as_the_clocks_say() {
    let berlin = zone("Europe/Berlin");
    for (now, query, expected) in [
        ("2026-10-26T09:00:00Z", "range=yesterday", "2026-10-24T22Z 2026-10-25T23Z 30"),
        ("2026-10-25T22:59:59Z", "range=today", "2026-10-24T22Z 2026-10-25T23Z 30 live"),
        ("2026-03-30T09:00:00Z", "range=yesterday", "2026-03-28T23Z 2026-03-29T22Z 30"),
        ("2026-03-30T09:00:00Z", "range=last_week", "2026-03-22T23Z 2026-03-29T22Z 180"),
        ("2026-11-01T09:00:00Z", "range=last_month", "2026-09-30T22Z 2026-10-31T23Z 720"),
        // 02:30 comes twice, and not at all.
        ("2026-10-26T09:00:00Z", "at=yesterday 02:30", "2026-10-25T00:23Z 2026-10-25T00:38Z 1"),
        ("2026-10-26T09:00:00Z", "at=yesterday 02:00-03:00", "2026-10-25T00Z 2026-10-25T02Z 2"),
        ("2026-03-30T09:00:00Z", "at=yesterday 02:30", "2026-03-29T01:23Z 2026-03-29T01:38Z 1"),
        ("2026-03-30T09:00:00Z", "at=yesterday 02:30-03:00", "2026-03-29T01Z 2026-03-29T01:30Z 1"),
    ] {
        assert_eq!(told(&resolve(stretch(query), ms(now), &berlin)), expected, "{now} {query}");
    }
}

/// The clock at each edge, with how many minutes the bin behind it has where it is another number than most have.
fn edges(query: &str, now: &str, zone_name: &str) -> Vec<String> {
    let resolved = resolve(stretch(query), ms(now), &zone(zone_name));
    let bins = resolved.edges_ms.windows(2).map(|edges| {
        let clock = zone(zone_name)
            .to_datetime(domain::time::timestamp(edges[0]))
            .strftime("%m-%d %H:%M")
            .to_string();
        match edges[1] - edges[0] {
            length_ms if length_ms == resolved.step_ms => clock,
            length_ms => format!("{clock} {}", length_ms / MINUTE_MS),
        }
    });
    bins.collect()
}

#[test]
fn bins_follow_the_clock_also_where_it_is_changed() {
    let now = "2026-11-30T14:37:20Z";
    // Weeks, and what is left of the last.
    let weeks = edges("from=2025-08-21&to=2026-11-10", now, "UTC");
    assert_eq!((weeks.len(), weeks.last()), (64, Some(&"11-05 00:00 8640".to_owned())));
    // Days of 25 and of 23 hours.
    let days = edges("from=2026-10-01&to=2026-11-28", now, "America/New_York");
    assert!(days.iter().all(|day| day.contains(" 00:00")), "{days:?}");
    assert_eq!(days.iter().filter(|day| day.ends_with(" 1500")).count(), 1, "{days:?}");
    // Some hours of a day are one more, or one less.
    let hours = edges("range=last_week", "2026-03-30T09:00:00Z", "Europe/Berlin");
    let sunday: Vec<&String> = hours.iter().filter(|hour| hour.starts_with("03-29")).collect();
    assert_eq!(sunday.len(), 8, "{sunday:?}");
    assert_eq!((sunday[0].as_str(), sunday[1].as_str()), ("03-29 00:00 120", "03-29 03:00"));
    // What a clock shows twice has bins of its own, where those are no longer than an hour.
    let halves = edges("at=2026-10-25", now, "Europe/Berlin");
    assert_eq!((halves.len(), halves.iter().filter(|half| half.ends_with(" 02:30")).count()), (50, 2));
}

#[test]
fn a_day_that_a_zone_has_left_out_is_shown_as_a_minute() {
    for at in ["at=2011-12-30", "from=2011-12-30&to=2011-12-30"] {
        let apia = resolve(stretch(at), ms("2026-11-30T14:37:20Z"), &zone("Pacific/Apia"));
        assert_eq!(told(&apia), "2011-12-30T10Z 2011-12-30T10:01Z 1", "{at}");
        assert!(Compare::ALL.iter().all(|vs| apia.beside(*vs).is_none_or(|edges_ms| edges_ms.len() == 2)));
    }
}

#[test]
fn what_begins_after_now_or_is_too_long_is_refused() {
    let now_ms = ms("2026-11-30T14:37:20Z");
    for (query, reason) in [
        ("at=2027-01-01", Senseless::Future),
        ("at=2099-12-31", Senseless::Future),
        ("at=today 15:02", Senseless::Future),
        ("from=2026-12-01&to=2026-12-24", Senseless::Future),
        ("from=2026-11-30T14:38", Senseless::Future),
        ("from=2021-01-01", Senseless::TooLong),
        ("from=2000-01-01T00:00", Senseless::TooLong),
    ] {
        let resolved = resolve(stretch(query), now_ms, &TimeZone::UTC);
        assert_eq!(resolved.refused, Some(reason), "{query}");
        assert_eq!(told(&resolved), "2026-11-30T13:38Z 2026-11-30T14:38Z 1 live");
        assert_eq!(resolved.stretch, Stretch::default());
    }
}

#[test]
fn what_lies_beside_a_stretch_has_an_address() {
    let now_ms = ms("2026-11-30T14:37:20Z");
    let seconds = |text: &str| (ms(text) / 1_000).to_string();
    let instants = |from: &str, to: &str| format!("?from={}&to={}", seconds(from), seconds(to));
    let instants =
        |from: &str, to: &str| instants(&format!("2026-11-{from}:00Z"), &format!("2026-11-{to}:00Z"));
    for (query, earlier, later, doubled) in [
        ("range=1h", instants("30T12:38", "30T13:38"), "", "?at=2h"),
        ("range=15m", instants("30T14:08", "30T14:23"), "", "?at=30m"),
        (
            "from=2026-11-30T08:00&to=2026-11-30T10:00",
            instants("30T06:00", "30T08:00"),
            &instants("30T10:00", "30T12:00"),
            &instants("30T07:00", "30T11:00"),
        ),
        // What would end later ends now.
        ("from=2026-11-30T13:00&to=2026-11-30T14:30", instants("30T11:30", "30T13:00"), "?at=90m", "?at=3h"),
        ("range=today", "?range=yesterday".to_owned(), "", "?from=2026-11-29&to=2026-11-30"),
        ("range=yesterday", "?at=2026-11-28".to_owned(), "?range=today", "?from=2026-11-28&to=2026-11-29"),
        ("at=2026-11-28", "?at=2026-11-27".to_owned(), "?range=yesterday", "?from=2026-11-27&to=2026-11-28"),
        ("range=this_week", "?range=last_week".to_owned(), "", "?from=2026-11-23&to=2026-12-06"),
        (
            "range=last_week",
            "?from=2026-11-16&to=2026-11-22".to_owned(),
            "?range=this_week",
            "?from=2026-11-16&to=2026-11-29",
        ),
        ("range=this_month", "?range=last_month".to_owned(), "", "?from=2026-10-01&to=2026-11-30"),
        (
            "range=last_month",
            "?from=2026-09-01&to=2026-09-30".to_owned(),
            "?range=this_month",
            "?from=2026-09-01&to=2026-10-31",
        ),
        (
            "from=2026-01-01&to=2026-03-31",
            "?from=2025-10-01&to=2025-12-31".to_owned(),
            "?from=2026-04-01&to=2026-06-30",
            "?from=2025-10-01&to=2026-03-31",
        ),
        (
            "from=2026-11-25&to=2026-11-26",
            "?from=2026-11-23&to=2026-11-24".to_owned(),
            "?from=2026-11-27&to=2026-11-28",
            "?from=2026-11-23&to=2026-11-26",
        ),
    ] {
        let resolved = resolve(stretch(query), now_ms, &TimeZone::UTC);
        assert_eq!(address(resolved.earlier()), earlier, "before {query}");
        assert_eq!(address(resolved.later()), later, "after {query}");
        assert_eq!(address(resolved.doubled()), doubled, "around {query}");
    }
    let hour = resolve(stretch("from=2026-11-30T13:00&to=2026-11-30T14:00"), now_ms, &TimeZone::UTC);
    assert_eq!(hour.later(), Some(Stretch::default()));
    let first = resolve(stretch("from=2000-01-01&to=2000-01-02"), now_ms, &TimeZone::UTC);
    assert_eq!((first.earlier(), first.doubled()), (None, None));
    let longest = resolve(stretch("at=1000d"), now_ms, &TimeZone::UTC);
    assert_eq!(longest.doubled(), None);
}

#[test]
fn what_it_is_compared_with_is_as_long_and_the_same_bins() {
    let (berlin, utc) = (zone("Europe/Berlin"), TimeZone::UTC);
    let between = |from: &str, to: &str| format!("?from={}&to={}", ms(from) / 1_000, ms(to) / 1_000);
    for (now, zone, query, vs, expected, beside) in [
        (
            "2026-11-30T14:37:20Z",
            &utc,
            "range=1h",
            Compare::Previous,
            between("2026-11-30T12:38:00Z", "2026-11-30T13:38:00Z"),
            60,
        ),
        (
            "2026-11-30T14:37:20Z",
            &utc,
            "range=1h",
            Compare::Day,
            between("2026-11-29T13:38:00Z", "2026-11-29T14:38:00Z"),
            60,
        ),
        (
            "2026-11-30T14:37:20Z",
            &utc,
            "range=1h",
            Compare::Week,
            between("2026-11-23T13:38:00Z", "2026-11-23T14:38:00Z"),
            60,
        ),
        ("2026-11-30T14:37:20Z", &utc, "range=1h", Compare::Off, String::new(), 0),
        ("2026-11-30T14:37:20Z", &utc, "range=today", Compare::Previous, "?range=yesterday".to_owned(), 885),
        (
            "2026-11-30T14:37:20Z",
            &utc,
            "range=today",
            Compare::Week,
            between("2026-11-23T00:00:00Z", "2026-11-23T14:45:00Z"),
            885,
        ),
        ("2026-11-30T14:37:20Z", &utc, "range=yesterday", Compare::Week, "?at=2026-11-22".to_owned(), 1_440),
        (
            "2026-11-30T14:37:20Z",
            &utc,
            "range=last_month",
            Compare::Previous,
            "?from=2026-09-01&to=2026-09-30".to_owned(),
            30 * 1_440,
        ),
        // The same time of day, across a day of 25 hours.
        (
            "2026-10-25T14:37:20Z",
            &berlin,
            "range=1h",
            Compare::Day,
            between("2026-10-24T12:38:00Z", "2026-10-24T13:38:00Z"),
            60,
        ),
        (
            "2026-10-26T14:37:20Z",
            &berlin,
            "range=yesterday",
            Compare::Previous,
            "?at=2026-10-24".to_owned(),
            1_440,
        ),
    ] {
        let resolved = resolve(stretch(query), ms(now), zone);
        assert_eq!(address(resolved.compared(vs)), expected, "{query} {vs}");
        let minutes = resolved
            .beside(vs)
            .map_or(0, |edges_ms| (edges_ms[edges_ms.len() - 1] - edges_ms[0]) / MINUTE_MS);
        assert_eq!(minutes, beside, "{query} {vs}");
    }
}

#[test]
fn a_quick_range_has_the_bins_it_has_always_had_also_when_it_is_over() {
    let now_ms = ms("2026-11-30T14:37:20Z");
    for range in Range::ALL {
        let now = resolve(Stretch::Last(*range), now_ms, &zone("Asia/Kolkata"));
        assert_eq!(now.step_ms, range.step_s() * 1_000);
        let earlier = resolve(now.earlier().expect("one"), now_ms, &TimeZone::UTC);
        assert_eq!((earlier.step_ms, earlier.to_ms), (now.step_ms, now.from_ms), "{range}");
    }
}

proptest! {
    #[test]
    fn whatever_is_asked_for_is_shown_in_so_many_bins(
        range in prop::sample::select(vec!["", "15m", "24h", "30d", "today", "this_week", "last_month"]),
        at in "(last |now-|yesterday |tue |22 nov |29 feb )?([0-9]{1,2}:[0-9]{2}(-[0-9]{1,2}:[0-9]{2})?)?|[0-9]{1,4}[mhdw]|\\PC{0,20}",
        from in "|[0-9]{1,13}|20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9])?",
        to in "|[0-9]{1,13}|20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9])?",
        now_ms in prop_oneof![
            946_684_800_000..4_102_444_800_000i64,
            1_700_000_000_000..1_900_000_000_000i64,
            prop::sample::select(vec![i64::MIN, -1, 0, i64::MAX]),
        ],
        zone_name in prop::sample::select(ZONES.to_vec()),
    ) {
        let pairs = [("range", range), ("at", at.as_str()), ("from", from.as_str()), ("to", to.as_str())];
        let (view, _) = View::read(pairs);
        let resolved = resolve(view.stretch, now_ms, &zone(zone_name));
        let check = |resolved: &Resolved| {
            let Resolved { from_ms, to_ms, step_ms, ref edges_ms, .. } = *resolved;
            prop_assert!(edges_ms.is_sorted_by(|one, other| one < other), "{:?}", resolved);
            prop_assert_eq!((edges_ms.first(), edges_ms.last()), (Some(&from_ms), Some(&to_ms)));
            prop_assert!(edges_ms.iter().all(|edge_ms| edge_ms % MINUTE_MS == 0), "{:?}", resolved);
            // No bin is longer than it says by more than clocks are changed by; a day that Apia has left out is one more.
            prop_assert!(edges_ms.windows(2).all(|edges| edges[1] - edges[0] <= step_ms + 3 * HOUR_MS), "{:?}", resolved);
            prop_assert!(from_ms < to_ms, "{:?}", resolved);
            prop_assert_eq!((from_ms % MINUTE_MS, to_ms % MINUTE_MS, step_ms % MINUTE_MS), (0, 0, 0), "{:?}", resolved);
            prop_assert!((to_ms - from_ms + step_ms - 1) / step_ms <= 200, "{:?}", resolved);
            let is_quick = Range::ALL.iter().any(|range| range.step_s() * 1_000 == step_ms);
            let most = if step_ms < 24 * HOUR_MS { 76 } else { 125 };
            prop_assert!(is_quick || (to_ms - from_ms + step_ms - 1) / step_ms <= most, "{:?}", resolved);
            prop_assert!(to_ms - from_ms > 75 * MINUTE_MS || step_ms == MINUTE_MS, "{:?}", resolved);
            if resolved.days.is_none() {
                prop_assert_eq!((from_ms % step_ms, to_ms % step_ms), (0, 0), "{:?}", resolved);
            }
            Ok(())
        };
        check(&resolved)?;
        let beside = [resolved.earlier(), resolved.later(), resolved.doubled()].into_iter();
        let compared = Compare::ALL.iter().map(|vs| resolved.compared(*vs));
        for stretch in beside.chain(compared).flatten() {
            let view = View::default().with_stretch(stretch);
            prop_assert_eq!(View::from(view.pairs()), view, "{:?}", resolved);
            check(&resolve(stretch, now_ms, &zone(zone_name)))?;
        }
        for vs in Compare::ALL {
            if let Some(edges_ms) = resolved.beside(*vs) {
                prop_assert!(edges_ms.is_sorted() && edges_ms[0] < edges_ms[edges_ms.len() - 1]);
                prop_assert_eq!(edges_ms.len(), resolved.edges_ms.len());
            }
            if let Some((from_ms, to_ms)) = resolved.summed_beside(*vs) {
                prop_assert!(from_ms < to_ms && to_ms <= now_ms.max(CENTURY_MS));
            }
        }
    }
}
