//! Answers are sent compressed to whoever takes them so.

use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// A smaller answer fits into one packet as it is.
const SMALLEST: u16 = 1_024;
/// How hard it is tried, of 9 for gzip and 11 for brotli: beyond this it takes longer than it saves.
const LEVEL: CompressionLevel = CompressionLevel::Precise(4);

/// Compresses with brotli or gzip, whichever is taken. Not streams: what is told there must not wait for more.
pub fn layer() -> CompressionLayer<impl Predicate> {
    let predicate = SizeAbove::new(SMALLEST).and(NotForContentType::SSE);
    CompressionLayer::new().quality(LEVEL).compress_when(predicate)
}
