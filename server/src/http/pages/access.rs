//! The page of who gets in, and the form that ends a session.

use app::pages::settings as drawn;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use vocabulary::Problem;

use super::super::services::Services;
use super::page::html;
use super::settings;
use super::submitted::{Submitted, done};
use super::visit::Visit;

/// Where the page is.
const ACCESS: &str = "/settings/access";

/// `GET /settings/access`
pub async fn page(State(services): State<Services>, visit: Visit, headers: HeaderMap) -> Response {
    show(&services, &visit, &headers, None).await
}

/// The page, with why what was sent is refused.
async fn show(services: &Services, visit: &Visit, headers: &HeaderMap, refusal: Option<Problem>) -> Response {
    let reader = visit.reader(&services.dashboard);
    // What makes no sense is the latest.
    let before = visit.value("before").and_then(|before| before.parse().ok());
    let own = services.gate.session_hash(headers);
    let access = services.dashboard.access_page(own, before).await;
    let drawn = access.map(|access| html(drawn::access(&reader, access))).map_err(Problem::from);
    settings::page(visit, &reader, ACCESS, reader.text().frame.access, "")
        .refused(refusal)
        .with_drawn("access", drawn)
        .response(services, reader)
        .await
}

/// The session that a form ends; all others, where it names none.
#[derive(Debug, Deserialize)]
pub struct Ended {
    id: String,
}

/// `POST /settings/access/end`
pub async fn end(
    headers: HeaderMap,
    Submitted { services, visit, author, fields }: Submitted<Ended>,
) -> Response {
    let taken = async {
        match fields?.id.as_str() {
            "" => {
                Ok(services.commands.end_other_sessions(services.gate.session_hash(&headers), author).await?)
            }
            id => services.commands.end_session(id, author).await,
        }
    };
    done(taken.await, ACCESS, |refusal| show(&services, &visit, &headers, refusal)).await
}
