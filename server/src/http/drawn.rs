//! What regions of open pages show: drawn once for everybody who reads alike.

use std::sync::Arc;

use app::text::Language;
use vocabulary::view::View;

use crate::dashboard::shared::SharedReplies;

/// What a region shows.
pub type Html = Arc<str>;

/// What regions of open pages show.
pub type Regions = SharedReplies<RegionKey, Html>;

/// The key of what is drawn for everybody who reads alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegionKey {
    pub region: &'static str,
    pub view: View,
    pub language: Language,
    pub zone: String,
    pub width: u32,
}
