//! Every recorded response says what stands beside it, in every encoding.

use super::*;

#[test]
fn recorded_responses_say_what_they_used() {
    for recorded in Recorded::all() {
        let expected: Value = serde_json::from_str(&recorded.expected).unwrap();
        let (metered, has_begun_output) = recorded.metered(&IDENTITY, [recorded.bytes.as_slice()]);
        assert_eq!(told(&metered), expected, "{}", recorded.name);
        assert_eq!(has_begun_output, metered.generated_bytes > 0, "{}", recorded.name);
        for encoding in ENCODINGS {
            let encoded = (encoding.encode)(&recorded.bytes);
            let (again, _) = recorded.metered(&encoding, [encoded.as_slice()]);
            assert_eq!(again, metered, "{} in {:?}", recorded.name, encoding.header);
        }
    }
}

#[test]
fn nothing_that_was_said_is_kept() {
    for recorded in Recorded::all() {
        let (metered, _) = recorded.metered(&IDENTITY, [recorded.bytes.as_slice()]);
        let told = format!("{metered:?}");
        for said in
            ["four", "cache.", "Let me", "rich", "Tides", "quoted", "dark", "line", "Overloaded", "long"]
        {
            assert!(!told.contains(said), "{}: {said}", recorded.name);
        }
    }
}
