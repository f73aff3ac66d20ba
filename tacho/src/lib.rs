//! The browser bundle, embedded. A crate of its own, so that the server compiles while the bundle is built.

use rust_embed::Embed;
use server::http::Bundle;

/// In release builds the files are part of the program. In development they are read from disk on each request, so
/// that `cargo xtask dev` can replace the CSS under a running build.
#[derive(Embed)]
#[folder = "$OUT_DIR/web"]
struct Web;

/// What the build script left.
pub fn bundle() -> Bundle {
    Bundle::of::<Web>(env!("TACHO_WEB_NAME"))
}
