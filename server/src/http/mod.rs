//! The edge: HTTP in and out. Handlers extract, ask, answer; decisions are made elsewhere.

mod api;
mod assets;
mod body;
mod bundle;
mod channels;
mod connection;
mod connections;
mod corrections;
mod descriptors;
mod error;
mod events;
mod front;
pub mod gate;
pub mod head;
mod headers;
mod health;
mod hosts;
pub mod keeping;
mod limits;
mod live;
mod pace;
mod pages;
mod question;
mod refusals;
mod retry_after;
mod router;
mod series;
mod serve;
mod sessions;
mod sign_in;
mod uri;

use axum::Json;
use axum::extract::rejection::JsonRejection;

pub use bundle::Bundle;
pub use connections::Terms;
pub use descriptors::most_connections;
pub use error::HttpError;
pub use front::Front;
pub use gate::Peer;
pub use headers::ForBrowsers;
pub use hosts::{AllowedHosts, HostError, Hosts};
pub use live::Live;
pub use pace::Pace;
pub use question::{SeriesQuestion, read_question, write_cursor};
pub use retry_after::retry_after;
pub use router::{Parts, paths, router};
pub use serve::serve;

/// The body of a request, or why it is not what was expected.
fn json<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, HttpError> {
    body.map(|Json(value)| value).map_err(|rejection| {
        let error = HttpError::bad_request("invalid_body", rejection.body_text());
        HttpError { status: rejection.status(), ..error }
    })
}
