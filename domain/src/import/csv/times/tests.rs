//! Columns of times in every writing, and those that are asked about.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// 2026-11-24T20:00:00Z.
const LATEST_MS: i64 = 1_795_550_400_000;
/// 2026-11-20T10:30:00Z.
const AT_MS: i64 = 1_795_170_600_000;

fn column(cells: &[&str], format: Option<&str>) -> Times {
    let format = format.map(|format| format.parse().unwrap());
    let mut times = Times::new(format.as_ref(), LATEST_MS);
    for (line, cell) in (2..).zip(cells) {
        times.add(cell, line);
    }
    times
}

fn read(cells: &[&str], format: Option<&str>) -> Vec<Option<i64>> {
    let how = column(cells, format).decide().unwrap_or_else(|doubt| panic!("{cells:?}: {doubt:?}"));
    cells.iter().map(|cell| how.read(cell)).collect()
}

fn doubt(cells: &[&str]) -> (Vec<u64>, String) {
    let doubt = column(cells, None).decide().unwrap_err();
    (doubt.found.into_iter().map(|(_, line)| line).collect(), doubt.choices)
}

#[test]
fn numbers_have_one_unit_in_a_column() {
    for text in [
        "1795170600",
        "1795170600.0",
        "1795170600,5",
        "1795170600000",
        "1795170600000.0",
        "1795170600000000",
        "1795170600000000000",
        "202611201030",
        "20261120103000",
        "20261120103000000",
    ] {
        let at_ms = if text.ends_with(",5") { AT_MS + 500 } else { AT_MS };
        assert_eq!(read(&[text], None), [Some(at_ms)], "{text}");
    }
    assert_eq!(read(&["20261120"], None), [Some(1_795_132_800_000)]);
    // One that is no such time among those that are is refused by itself.
    assert_eq!(read(&["1795170600", "0", "17951706"], None), [Some(AT_MS), None, None]);
    assert_eq!(read(&["1795170600", "2026-11-20T10:30:00Z"], None), [Some(AT_MS); 2]);
    assert_eq!(doubt(&["1795170600", "7", "1795170600000"]), (vec![2, 4, 3], "s|ms".into()));
    assert_eq!(doubt(&["0", "12"]), (vec![2], "s|ms|us|ns|stamp|excel".into()));
    assert_eq!(doubt(&["46346.4375"]), (vec![2], "excel".into()));
}

#[test]
fn digits_of_a_date_are_no_count() {
    assert_eq!(doubt(&["202611201030", "2026-11-20 10:30:00 UTC"]), (vec![2, 3], "stamp".into()));
    assert_eq!(doubt(&["202611201030", "202613201030"]), (vec![2, 3], "stamp".into()));
    assert_eq!(doubt(&["20261120", "1795170600"]), (vec![3, 2], "s|stamp".into()));
    // With the hour alone they could be seconds, in 2034.
    assert_eq!(doubt(&["2026112010"]).0, [2]);
    assert_eq!(read(&["202611201030", "2026-11-20 10:30:00 UTC"], Some("stamp")), [Some(AT_MS); 2]);
}

#[test]
fn what_was_told_holds_for_all() {
    assert_eq!(read(&["0", "1795170600000"], Some("ms")), [Some(0), Some(AT_MS)]);
    assert_eq!(
        read(&["46346.4375", "46346,4375", "25569"], Some("excel")),
        [Some(AT_MS), Some(AT_MS), Some(0)]
    );
    assert_eq!(read(&["20/11/2026 10:30", "11/20/2026 10:30"], Some("dmy")), [Some(AT_MS), None]);
    assert_eq!(read(&["03/04/2026", "03.04.2026"], Some("mdy")), read(&["2026-03-04"; 2], None));
    let pattern = read(&["20-Nov-26 10.30", "20261120"], Some("%d-%b-%y %H.%M"));
    assert_eq!(pattern, [Some(AT_MS), None]);
    assert_eq!(read(&["2026112010"], Some("%Y%m%d%H")), [Some(AT_MS - 1_800_000)]);
    assert_eq!(read(&["20261120 11:30 +0100"], Some("%Y%m%d %H:%M %z")), [Some(AT_MS)]);
    assert!("weeks".parse::<TimeFormat>().unwrap_err().contains("stamp"));
}

#[test]
fn one_date_tells_the_order_of_all() {
    assert_eq!(read(&["11/20/2026", "03/04/2026"], None), read(&["2026-11-20", "2026-03-04"], None));
    assert_eq!(read(&["03.04.2026", "20.11.2026"], None), read(&["2026-04-03", "2026-11-20"], None));
    assert_eq!(read(&["11/11/2026"], None), read(&["2026-11-11"], None));
    assert_eq!(doubt(&["11/11/2026", "03/04/2026"]), (vec![3], "dmy|mdy".into()));
    assert_eq!(doubt(&["20.11.2026", "11/20/2026"]), (vec![2, 3], "dmy|mdy".into()));
}

#[test]
fn a_column_of_small_numbers_does_not_look_like_times() {
    for cells in [&["46346"][..], &["12"], &["yesterday"], &["2026-11-20", "never"], &[]] {
        assert!(!column(cells, None).looks_like_times(), "{cells:?}");
    }
    for cells in [&["2026-11-20"][..], &["1795170600"], &["03/04/2026", "20/04/2026"]] {
        assert!(column(cells, None).looks_like_times(), "{cells:?}");
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "179517[0-9]{4}(000){0,3}(\\.0)?",
        "2026(0[1-9]|1[0-2])(0[1-9]|[12][0-9])(1030(00)?)?",
        "[0-3]?[0-9][./][0-1]?[0-9][./]2026( 10:30)?",
        "2026-11-[0-3][0-9]( 10:30:00)?( UTC)?",
        "4[56][0-9]{3}(\\.5)?",
        "[0-9]{1,20}",
        "\\PC{0,12}",
    ]
}

proptest! {
    #[test]
    fn the_order_of_rows_decides_nothing((cells, shuffled) in vec(cell(), 0..6)
        .prop_flat_map(|cells| (Just(cells.clone()), Just(cells).prop_shuffle())))
    {
        let decided = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(String::as_str).collect();
            let found = |doubt: Doubt| doubt.found.into_iter().map(|(what, _)| what).collect::<Vec<_>>();
            column(&cells, None).decide().map_err(found)
        };
        prop_assert_eq!(decided(&cells), decided(&shuffled));
    }

    #[test]
    fn no_number_is_read_as_long_ago_or_as_the_future(cells in vec("[0-9]{1,20}([.,][0-9]{1,9})?", 1..4)) {
        let cells: Vec<_> = cells.iter().map(String::as_str).collect();
        if let Ok(how) = column(&cells, None).decide() {
            for at_ms in cells.iter().filter_map(|cell| how.read(cell)) {
                prop_assert!((EARLIEST_MS..=LATEST_MS).contains(&at_ms), "{:?}", cells);
            }
        }
    }
}
