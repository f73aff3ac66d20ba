//! However a response is cut into pieces, the same is metered.
//!
//! Two cuts in all places of all responses are some 19 million, which take minutes in a release build. By
//! default they are made in a tiny response, and in others at random; and of encoded ones it is checked that the
//! plain bytes are the same, from which a meter says the same however they are cut. All of it, from end to end:
//! `TACHO_EVERY_SPLIT=1 cargo test --release -p server meter::tests::splits`.

use proptest::prelude::*;

use super::super::decode::Decoder;
use super::*;

fn every_split() -> bool {
    std::env::var_os("TACHO_EVERY_SPLIT").is_some()
}

/// A response in one encoding, and what it says when it comes whole.
struct Whole {
    recorded: Recorded,
    encoding: Encoding,
    bytes: Vec<u8>,
    says: (Metered, bool),
}

/// Every response in every encoding.
fn all() -> Vec<Whole> {
    let encoded = |encoding: Encoding| {
        Recorded::all().into_iter().map(move |recorded| {
            let encoding = Encoding { ..encoding };
            let bytes = (encoding.encode)(&recorded.bytes);
            let says = recorded.metered(&encoding, [bytes.as_slice()]);
            Whole { recorded, encoding, bytes, says }
        })
    };
    ENCODINGS.into_iter().chain([IDENTITY]).flat_map(encoded).collect()
}

impl Whole {
    fn is_the_same_in_pieces<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]> + Clone) {
        let cut = || {
            let lengths: Vec<_> = pieces.clone().into_iter().map(<[u8]>::len).collect();
            format!("{} in {:?}, cut to {lengths:?}", self.recorded.name, self.encoding.header)
        };
        match self.encoding.header {
            Some(header) if !every_split() => {
                let mut plain = Vec::new();
                let mut decoder = Decoder::new(header, Budget::ANSWER).unwrap();
                for piece in pieces.clone() {
                    decoder.feed(piece, &mut |bytes| plain.extend_from_slice(bytes)).unwrap();
                }
                assert!(plain == self.recorded.bytes, "{}", cut());
            }
            _ => assert!(self.recorded.metered(&self.encoding, pieces.clone()) == self.says, "{}", cut()),
        }
    }
}

#[test]
fn one_cut_in_any_place_changes_nothing() {
    for whole in all() {
        for cut in 0..=whole.bytes.len() {
            let (head, tail) = whole.bytes.split_at(cut);
            whole.is_the_same_in_pieces([head, tail]);
        }
        let byte_by_byte = whole.recorded.metered(&whole.encoding, whole.bytes.chunks(1));
        assert_eq!(byte_by_byte, whole.says, "{} in {:?}", whole.recorded.name, whole.encoding.header);
    }
}

#[test]
fn two_cuts_in_any_places_change_nothing() {
    let mut splits = 0_u64;
    for whole in all() {
        if whole.recorded.name != "tiny" && !every_split() {
            continue;
        }
        for second in 0..=whole.bytes.len() {
            let (head, tail) = whole.bytes.split_at(second);
            for first in 0..=second {
                let (head, middle) = head.split_at(first);
                whole.is_the_same_in_pieces([head, middle, tail]);
                splits += 1;
            }
        }
    }
    assert!(splits > 80_000);
}

proptest! {
    #[test]
    fn cuts_in_random_places_change_nothing(
        recorded in any::<prop::sample::Index>(),
        encoding in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 2..6),
    ) {
        let all = Recorded::all();
        let recorded = recorded.get(&all);
        let encoding = encoding.get(&ENCODINGS);
        let bytes = (encoding.encode)(&recorded.bytes);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        prop_assert_eq!(recorded.metered(encoding, pieces), recorded.metered(encoding, [bytes.as_slice()]));
    }
}
