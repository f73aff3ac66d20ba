//! What people see: Tacho's interface, rendered on the server and alive in the browser.
//!
//! The modules stand from the ground up: each uses only those above it in this list (`tests/it/architecture.rs`).

// Views nest their types; this is as deep as the largest page goes.
#![recursion_limit = "256"]

pub mod api;
pub mod live;
pub mod parts;
pub mod charts;
pub mod pages;
pub mod shell;
#[cfg(not(feature = "hydrate"))]
pub mod plain;

/// The browser's entry: brings the server's HTML to life. This file and `parts/erase.rs` are all that knows of features.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(shell::App);
}
