//! The edge: HTTP in and out. Handlers extract, ask, answer; decisions are made elsewhere.

mod assets;
mod body;
mod bundle;
mod callers;
mod channels;
mod compression;
mod connection;
mod connections;
mod corrections;
mod descriptors;
mod error;
mod drawn;
mod events;
mod forms;
mod front;
mod headers;
mod health;
mod language;
mod limits;
mod listen;
mod live;
mod pace;
mod pages;
mod question;
mod router;
mod series;
mod services;
mod serve;
mod sessions;
mod sign_in;
mod status;
mod uri;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use vocabulary::ProblemKind;

pub use bundle::Bundle;
pub use callers::Peer;
pub use connections::Terms;
pub use descriptors::most_connections;
pub use drawn::Regions;
pub use error::HttpError;
pub use front::Front;
pub use headers::ForBrowsers;
pub use listen::{ListenError, listen};
pub use live::{LiveHub, LiveSources};
pub use pace::Pace;
pub use question::read_question;
pub use router::{paths, router};
pub use serve::serve;
pub use services::Services;

/// The body of a request, or why it is not what was expected.
fn json<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, HttpError> {
    body.map(|Json(value)| value).map_err(|rejection| {
        let kind = match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::Unsupported,
            StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
            StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::Unfit,
            _ => ProblemKind::Invalid,
        };
        HttpError::new(kind, "invalid_body", rejection.body_text())
    })
}
