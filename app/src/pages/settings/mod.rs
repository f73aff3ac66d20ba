//! Settings: how one reads, how applications are connected, who gets in, and how Tacho itself is.

mod access;
mod audit;
mod connect;
mod health;
mod look;

pub use access::{AccessPage, KeyRow, SessionRow, access};
pub use audit::{AuditRow, BrowserNames, Deed, Doer, FieldValue};
pub use connect::{connect, heard};
pub use health::{HealthPage, health};
pub use look::{Look, ZoneChoice, look};

use leptos::prelude::*;

use crate::reader::Reader;

/// The parts of the settings, as tabs.
pub fn tabs(reader: &Reader, current: &str) -> AnyView {
    let text = &reader.text().frame;
    let tab = |path: &'static str, name: &'static str| {
        view! { <a href=path aria-current=(path == current).then_some("page")>{name}</a> }
    };
    view! {
        <nav class="tabs" aria-label=text.settings>
            {tab("/settings", text.look)}
            {tab("/settings/connect", text.connect)}
            {tab("/settings/access", text.access)}
            {tab("/settings/health", text.health)}
        </nav>
    }
    .into_any()
}
