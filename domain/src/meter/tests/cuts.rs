//! A response that is cut off tells what is right, or nothing: never a wrong number.

use super::*;

/// Encoded responses are cut off after every so many bytes. Where they are, the plain ones are cut off anyway.
const STEP_BYTES: usize = 7;

/// Checks what is metered of a response of which only a part came.
fn check(recorded: &Recorded, part: &Metered, whole: &Metered, start: &Metered, cut: usize) {
    let name = &recorded.name;
    let of = |metered: &Metered| {
        let usage = metered.usage;
        [
            usage.input_tokens,
            usage.cache_write_5m_tokens,
            usage.cache_write_1h_tokens,
            usage.cache_read_tokens,
        ]
    };
    for ((part, whole), start) in of(part).into_iter().zip(of(whole)).zip(of(start)) {
        assert!(part.is_none() || part == whole || part == start, "{name} cut at {cut}: {part:?}");
    }
    let output_tokens = part.usage.output_tokens;
    assert!(
        output_tokens.is_none() || output_tokens == whole.usage.output_tokens,
        "{name} cut at {cut}: {output_tokens:?}"
    );
    assert_eq!(part.fault, None, "{name} cut at {cut}");
    assert!(part.generated_bytes <= whole.generated_bytes, "{name} cut at {cut}");
    assert!(whole.items.starts_with(&part.items), "{name} cut at {cut}");
    assert!(part.model.is_none() || part.model == whole.model, "{name} cut at {cut}");
    assert!(part.message_id.is_none() || part.message_id == whole.message_id, "{name} cut at {cut}");
}

/// The first event alone, which tells the input.
fn message_start(recorded: &Recorded) -> Metered {
    let text = String::from_utf8_lossy(&recorded.bytes);
    let start = text.find("message_start").or(text.find("mess\\u0061ge")).unwrap_or(0);
    let lengths =
        ["\n\n", "\r\n\r\n", "\r\r"].iter().filter_map(|end| Some(text[start..].find(end)? + end.len()));
    let end = lengths.min().map_or(0, |length| start + length);
    recorded.metered(&IDENTITY, [&recorded.bytes[..end]]).0
}

#[test]
fn cut_off_anywhere_it_tells_what_is_right_or_nothing() {
    for recorded in Recorded::all() {
        let start = message_start(&recorded);
        let (whole, _) = recorded.metered(&IDENTITY, [recorded.bytes.as_slice()]);
        if whole.streamed && recorded.name != "nulls" {
            assert!(start.usage.input_tokens.is_some(), "{}", recorded.name);
            assert_eq!(start.usage.output_tokens, None, "{}", recorded.name);
        }
        for cut in 0..recorded.bytes.len() {
            let (part, _) = recorded.metered(&IDENTITY, [&recorded.bytes[..cut]]);
            check(&recorded, &part, &whole, &start, cut);
        }
        for encoding in ENCODINGS {
            let bytes = (encoding.encode)(&recorded.bytes);
            for cut in (0..bytes.len()).step_by(STEP_BYTES) {
                let (part, _) = recorded.metered(&encoding, [&bytes[..cut]]);
                check(&recorded, &part, &whole, &start, cut);
            }
        }
    }
}

#[test]
fn what_was_generated_is_counted_up_to_the_cut() {
    let recorded = Recorded::named("cut-off");
    let (metered, _) = recorded.metered(&IDENTITY, [recorded.bytes.as_slice()]);
    assert_eq!(metered.generated_bytes, 19);
    assert_eq!(metered.usage.output_tokens, None);
    assert!(!metered.is_complete);
}
