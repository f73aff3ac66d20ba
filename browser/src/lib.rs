//! What the browser does with pages. The server alone draws them: here they are kept up to date, and given hands.
//!
//! A page is HTML that works without any of this. What is added listens at the document, by attributes (`data-copy`,
//! `data-hotkey`, …), so that nothing has to be attached again to what the server has drawn anew.
//!
//! The modules stand from the ground up: each uses only those above it in this list.

mod dom;
mod morph;
mod settings;
mod status;
mod reading;
mod page;
mod live;
mod links;
mod forms;
mod copy;
mod plot;
mod pressed;
mod keys;
mod palette;

use wasm_bindgen::prelude::wasm_bindgen;

/// Begins to listen.
#[wasm_bindgen(start)]
pub fn start() {
    reading::listen();
    page::listen();
    links::listen();
    forms::listen();
    copy::listen();
    plot::listen();
    keys::listen();
    palette::listen();
    live::listen();
    dom::root().set_attribute("data-alive", "").unwrap_or_default();
}
