//! A form that somebody sends from a page: what it holds, who sends it, and the page that follows.

use std::future::Future;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vocabulary::Problem;

use super::super::callers::Peer;
use super::super::forms::fields;
use super::super::services::Services;
use super::visit::Visit;
use crate::store::Author;

/// The id of what a form is about.
#[derive(Debug, Deserialize)]
pub struct Id {
    pub id: String,
}

/// A form with fields `T`.
pub struct Submitted<T> {
    pub services: Services,
    pub visit: Visit,
    /// Who sends it, for the audit log.
    pub author: Author,
    /// What it holds, or why that cannot be read.
    pub fields: Result<T, Problem>,
}

impl<T: DeserializeOwned> FromRequest<Services> for Submitted<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, services: &Services) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, services).await?;
        let author = Author::person(Peer::of(&parts));
        let form = Form::from_request(Request::from_parts(parts, body), services).await;
        Ok(Submitted { services: services.clone(), visit, author, fields: fields(form) })
    }
}

/// Leads back to a page after what was sent is done, or shows it with why that is refused.
pub async fn done<R: Future<Output = Response>>(
    taken: Result<(), Problem>,
    page: &'static str,
    refuse: impl FnOnce(Option<Problem>) -> R,
) -> Response {
    match taken {
        Ok(()) => Redirect::to(page).into_response(),
        Err(problem) => refuse(Some(problem)).await,
    }
}
