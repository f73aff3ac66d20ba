//! Refusals bring their own sentences in English.

use crate::text::shape::RefusalsTexts;

pub(super) const REFUSALS: RefusalsTexts = RefusalsTexts { sentences: &[], events: &[] };
