//! The page of alerts and where they go, and its forms.

use app::api::channels::ChannelForm;
use app::frame::Section;
use app::pages::{alerts as drawn, head, now};
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use vocabulary::Problem;

use super::super::callers::Peer;
use super::super::forms::fields;
use super::super::services::Services;
use super::limits::Id;
use super::page::{Page, html};
use super::visit::Visit;
use crate::commands::channels::{ChannelEdit, NewChannel};
use crate::store::Author;

/// Where the page is.
const ALERTS: &str = "/alerts";
/// Names the one-time token of a new channel's secret.
const REVEAL: &str = "reveal";
/// Lines of what happened.
const MOST_HAPPENED: usize = 50;

/// `GET /alerts`
pub async fn page(State(services): State<Services>, visit: Visit) -> Response {
    show(&services, &visit, None).await
}

/// The page, with why what was sent is refused.
async fn show(services: &Services, visit: &Visit, refusal: Option<Problem>) -> Response {
    let reader = visit.reader(&services.dashboard, None);
    let text = reader.text();
    let mut page = Page::new(visit, text.frame.alerts.to_owned()).at(Section::Alerts).refused(refusal);
    page = page.with("head", head(text.frame.alerts, ""));
    let secret = visit.value(REVEAL).and_then(|token| services.commands.secret(token));
    page = match secret {
        Some(secret) => page.with("secret", drawn::secret(&reader, Some(&secret))),
        // It is told once, and stays where it was told for as long as the page is open.
        None if visit.have.is_some() => page.with_kept("secret"),
        None => page.with("secret", None),
    };
    let happened = services.dashboard.read_happened(MOST_HAPPENED).await;
    let happened = happened.map(|happened| html(now::happened(&reader, &happened, &visit.view)));
    page = page.with_drawn("happened", happened.map_err(Problem::from));
    page = match services.dashboard.channels_page().await {
        Ok(channels) => page
            .with("channels", drawn::channels(&reader, &channels))
            .with("add", drawn::add(&reader))
            .with("deliveries", drawn::deliveries(&reader, &channels)),
        // What somebody is filling in stays.
        Err(problem) => page.with_drawn("channels", Err(problem)).with_kept("add").with_kept("deliveries"),
    };
    page.response(services, reader).await
}

/// The page anew after what was sent is done, or with why it is refused.
async fn done(services: &Services, visit: &Visit, taken: Result<(), Problem>) -> Response {
    match taken {
        Ok(()) => Redirect::to(ALERTS).into_response(),
        Err(problem) => show(services, visit, Some(problem)).await,
    }
}

/// `POST /alerts/channels`: adds a webhook, and leads to where its secret is shown once.
pub async fn add(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<ChannelForm>, FormRejection>,
) -> Response {
    let added = async {
        let ChannelForm { name, url } = fields(form)?;
        let new = NewChannel { kind: "webhook".to_owned(), name, url };
        services.commands.create_channel(new, Author::person(Some(address))).await
    };
    match added.await {
        Ok(added) => {
            let token = services.commands.reveal_once(added);
            Redirect::to(&format!("{ALERTS}?{REVEAL}={token}")).into_response()
        }
        Err(problem) => show(&services, &visit, Some(problem)).await,
    }
}

/// `POST /alerts/channels/remove`
pub async fn remove(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<Id>, FormRejection>,
) -> Response {
    let taken =
        async { services.commands.delete_channel(&fields(form)?.id, Author::person(Some(address))).await };
    done(&services, &visit, taken.await).await
}

/// Which channel, and whether messages are sent to it.
#[derive(Debug, Deserialize)]
pub struct Enabled {
    id: String,
    enabled: bool,
}

/// `POST /alerts/channels/enable`
pub async fn enable(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<Enabled>, FormRejection>,
) -> Response {
    let taken = async {
        let Enabled { id, enabled } = fields(form)?;
        let edit = ChannelEdit { enabled: Some(enabled), ..ChannelEdit::default() };
        services.commands.edit_channel(&id, edit, Author::person(Some(address))).await
    };
    done(&services, &visit, taken.await).await
}

/// `POST /alerts/channels/test`
pub async fn test(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<Id>, FormRejection>,
) -> Response {
    let taken = async { services.commands.send_test(&fields(form)?.id, Author::person(Some(address))).await };
    done(&services, &visit, taken.await).await
}

/// `POST /alerts/redeliver`
pub async fn redeliver(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<Id>, FormRejection>,
) -> Response {
    let taken =
        async { services.commands.deliver_again(&fields(form)?.id, Author::person(Some(address))).await };
    done(&services, &visit, taken.await).await
}
