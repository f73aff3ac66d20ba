//! Which dimensions a rollup keeps.
//!
//! The cube keeps all of them and answers any filter; a panel keeps one, so that a breakdown reads few rows
//! however many combinations there are; the total keeps none.

use sha2::{Digest, Sha256};
use vocabulary::Dimension;

use crate::usage::Dimensions;

/// The dimensions that rollups keep, in the order of the `series` columns.
pub const ROLLED_DIMENSIONS: [Dimension; 7] = [
    Dimension::Model,
    Dimension::Project,
    Dimension::Feature,
    Dimension::User,
    Dimension::ApiKey,
    Dimension::Workspace,
    Dimension::Organization,
];

/// The dimensions a rollup row keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// All that rollups know.
    Cube,
    /// None.
    Total,
    /// One.
    By(Dimension),
}

impl Shape {
    /// Every shape that is kept.
    pub const ALL: &'static [Shape] = &[
        Shape::Cube,
        Shape::Total,
        Shape::By(Dimension::Model),
        Shape::By(Dimension::Project),
        Shape::By(Dimension::Feature),
        Shape::By(Dimension::User),
        Shape::By(Dimension::ApiKey),
        Shape::By(Dimension::Workspace),
        Shape::By(Dimension::Organization),
    ];

    /// The number that names it in the store; never reused.
    pub fn code(self) -> u8 {
        match self {
            Shape::Cube => 0,
            Shape::Total => 1,
            Shape::By(Dimension::Model) => 2,
            Shape::By(Dimension::Project) => 3,
            Shape::By(Dimension::Feature) => 4,
            Shape::By(Dimension::User) => 5,
            Shape::By(Dimension::ApiKey) => 6,
            Shape::By(Dimension::Workspace) => 7,
            Shape::By(Dimension::Organization) => 8,
            Shape::By(Dimension::Session) => 9,
        }
    }

    /// The values it keeps of an event's; the others are empty.
    pub fn keep(self, dimensions: &Dimensions) -> Dimensions {
        let mut kept = Dimensions::default();
        for dimension in ROLLED_DIMENSIONS {
            if self == Shape::Cube || self == Shape::By(dimension) {
                dimensions.get(dimension).clone_into(kept.get_mut(dimension));
            }
        }
        kept
    }

    /// The narrowest shape that can answer; nothing when only the events themselves can.
    pub fn for_question(by: &[Dimension], filtered: &[Dimension]) -> Option<Shape> {
        let mut asked = by.iter().chain(filtered);
        if asked.clone().any(|dimension| !ROLLED_DIMENSIONS.contains(dimension)) {
            return None;
        }
        Some(match asked.next() {
            None => Shape::Total,
            Some(first) if asked.all(|other| other == first) => Shape::By(*first),
            Some(_) => Shape::Cube,
        })
    }
}

/// Names a series: the same values give the same positive number everywhere, without asking anybody.
pub fn series_id(shape: Shape, dimensions: &Dimensions) -> i64 {
    let mut hash = Sha256::new();
    hash.update([shape.code()]);
    for dimension in ROLLED_DIMENSIONS {
        if shape == Shape::Cube || shape == Shape::By(dimension) {
            let value = dimensions.get(dimension);
            hash.update((value.len() as u64).to_be_bytes());
            hash.update(value);
        }
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hash.finalize()[..8]);
    i64::from_be_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_shape_answers() {
        use Dimension::{Model, Session, User};
        assert_eq!(Shape::for_question(&[], &[]), Some(Shape::Total));
        assert_eq!(Shape::for_question(&[Model], &[]), Some(Shape::By(Model)));
        assert_eq!(Shape::for_question(&[Model], &[Model]), Some(Shape::By(Model)));
        assert_eq!(Shape::for_question(&[Model], &[User]), Some(Shape::Cube));
        assert_eq!(Shape::for_question(&[Session], &[Model]), None);
    }

    #[test]
    fn a_series_is_named_by_what_its_shape_keeps() {
        let of = |model: &str, user: &str| Dimensions {
            model: model.to_owned(),
            user: user.to_owned(),
            ..Dimensions::default()
        };
        let by_model = Shape::By(Dimension::Model);
        assert_eq!(series_id(by_model, &of("a", "x")), series_id(by_model, &of("a", "y")));
        assert_ne!(series_id(Shape::Cube, &of("a", "x")), series_id(Shape::Cube, &of("a", "y")));
        // Values cannot run into each other.
        assert_ne!(series_id(Shape::Cube, &of("ab", "")), series_id(Shape::Cube, &of("a", "b")));
        assert_eq!(series_id(Shape::Total, &of("a", "x")), series_id(Shape::Total, &of("b", "y")));
    }

    #[test]
    fn codes_are_distinct() {
        let codes: std::collections::HashSet<u8> = Shape::ALL.iter().map(|shape| shape.code()).collect();
        assert_eq!(codes.len(), Shape::ALL.len());
    }
}
