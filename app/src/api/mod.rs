//! What a page may ask, and the shape of each answer.
//!
//! The server implements [`Questions`] and hands it over in Leptos context, so this crate never depends on
//! it. The same answer types are served under `/v1`, so what the interface shows can be asked for by anyone.
//!
//! To add a question: a file here with the type of its answer, its name in [`Question`] and [`Reply`], and its
//! answer in `server/src/dashboard/`.

pub mod alerts;
pub mod breakdown;
pub mod channels;
pub mod chart;
pub mod error;
pub mod limits;
pub mod live;
pub mod policies;
pub mod question;
pub mod series;
pub mod setup;
pub mod standing;
pub mod zone;

use std::sync::Arc;

use futures::future::BoxFuture;
use leptos::prelude::expect_context;

pub use error::ApiError;
pub use question::{Question, Replied, Reply};

/// The reply to a question, or why there is none.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ApiError>>;

/// Everything a page may ask of the server.
pub trait Questions: Send + Sync + 'static {
    /// Answers questions, one reply to each, and changes nothing.
    fn ask(&self, questions: Vec<Question>) -> Answer<'_, Vec<Replied>>;
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
