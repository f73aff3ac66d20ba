//! What a page may ask, and the shape of each answer.
//!
//! The server implements [`Questions`] and hands it over in Leptos context, so this crate never depends on
//! it. The same answer types are served under `/v1`, so what the interface shows can be asked for by anyone.
//!
//! To add a question: a file here with its answer type and server function, one method in [`Questions`],
//! and its implementation in `server/src/dashboard/`.

#![allow(missing_docs, reason = "the server macro makes argument structs without documentation")]

pub mod alerts;
pub mod breakdown;
pub mod channels;
pub mod chart;
pub mod error;
pub mod limits;
pub mod live;
pub mod range;
pub mod series;
pub mod setup;
pub mod standing;
pub mod vocabulary;

use std::sync::Arc;

use futures::future::BoxFuture;
use leptos::prelude::expect_context;

pub use error::ApiError;

/// The reply to a question, or why there is none.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ApiError>>;

/// Everything a page may ask of the server.
pub trait Questions: Reading + Managing {}
impl<T: Reading + Managing> Questions for T {}

/// Questions that change nothing.
pub trait Reading: Send + Sync + 'static {
    /// Whether anything has arrived yet, and the lines to paste until then.
    fn setup(&self) -> Answer<'_, setup::Setup>;
    /// Where every limit stands, worst first.
    fn standings(&self) -> Answer<'_, standing::Standings>;
    /// One measure over a range, with the limit lines that apply to it.
    fn chart(&self, question: chart::ChartQuestion) -> Answer<'_, chart::Chart>;
    /// All measures of a range, by one dimension.
    fn breakdown(&self, question: breakdown::BreakdownQuestion) -> Answer<'_, breakdown::Breakdown>;
    /// The latest alert transitions, newest first.
    fn feed(&self) -> Answer<'_, alerts::Feed>;
    /// Every limit with its standings, and the kinds that can be added.
    fn limits(&self) -> Answer<'_, limits::LimitsPage>;
    /// Every channel with its latest deliveries. `reveal` is the one-time token that shows a new secret.
    fn channels(&self, reveal: Option<String>) -> Answer<'_, channels::ChannelsPage>;
}

/// Questions that change something.
pub trait Managing: Send + Sync + 'static {
    /// Adds a limit, or changes the one whose id the form carries.
    fn save_limit(&self, form: limits::LimitForm) -> Answer<'_, ()>;
    /// Removes a limit; its open incidents are resolved.
    fn remove_limit(&self, id: String) -> Answer<'_, ()>;
    /// Adds a webhook channel; the answer is the one-time token under which its page shows the secret.
    fn add_channel(&self, form: channels::ChannelForm) -> Answer<'_, String>;
    /// Removes a channel; its pending deliveries are dropped.
    fn remove_channel(&self, id: String) -> Answer<'_, ()>;
    /// Pauses or resumes a channel.
    fn enable_channel(&self, id: String, enabled: bool) -> Answer<'_, ()>;
    /// Sends a `limit.test` message.
    fn test_channel(&self, id: String) -> Answer<'_, ()>;
    /// Sends a past delivery again, as the same message.
    fn redeliver(&self, id: String) -> Answer<'_, ()>;
    /// Sends the browser to `path`.
    fn go_to(&self, path: &str);
    /// Sends a browser without JavaScript to `path` after its form has been handled; with JavaScript the page
    /// stays where it is, and asks again.
    fn go_back_to(&self, path: &str);
}

/// The server's answers for the current request.
///
/// Server functions call this by path (`super::backend()`): their bodies are removed from the browser build,
/// where an import would be unused.
pub fn backend() -> Arc<dyn Questions> {
    expect_context()
}
