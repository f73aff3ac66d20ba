//! What regions of open pages show: drawn once for everybody who reads alike.

use std::sync::Arc;

use app::text::Language;
use vocabulary::view::View;

use crate::dashboard::shared::SharedReplies;

/// What a region shows.
pub type Html = Arc<str>;

/// What regions of open pages show.
pub type Regions = SharedReplies<RegionKey, Html>;

/// The key of what is drawn for everybody who reads alike. What a region does not go by is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegionKey {
    pub region: &'static str,
    pub view: Option<View>,
    pub language: Language,
    pub zone: String,
    pub width: Option<u32>,
}

/// What a region goes by, beside the language and the clock of who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GoesBy {
    /// Nothing else.
    Reader,
    /// What the address says is shown, too.
    View,
    /// And how wide a plot is.
    Width,
}
