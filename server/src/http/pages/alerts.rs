//! The page of alerts and where they go, and its forms.

use app::api::channels::ChannelForm;
use app::frame::Section;
use app::pages::{alerts as drawn, head, now};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use vocabulary::Problem;

use super::super::services::Services;
use super::page::{Page, html};
use super::submitted::{Id, Submitted, done};
use super::visit::Visit;
use crate::commands::channels::{ChannelEdit, NewChannel};

/// Where the page is.
const ALERTS: &str = "/alerts";
/// Names the one-time token of a new channel's secret.
const REVEAL: &str = "reveal";
/// Lines of what happened.
const MOST_HAPPENED: usize = 50;

/// `GET /alerts`
pub async fn page(State(services): State<Services>, visit: Visit) -> Response {
    show(&services, &visit, None, None).await
}

/// The page, with why what was sent is refused: beside the form, if it was typed into that.
async fn show(
    services: &Services,
    visit: &Visit,
    refusal: Option<Problem>,
    typed: Option<ChannelForm>,
) -> Response {
    let reader = visit.reader(&services.dashboard);
    let text = reader.text();
    let refused = typed.zip(refusal.as_ref());
    let refused = refused.map(|(form, why)| (form, text.refusals.sentence(why)));
    let mut page = Page::new(visit, text.frame.alerts.to_owned()).at(Section::Alerts);
    page = if refused.is_some() { page.refused_beside(refusal) } else { page.refused(refusal) };
    page = page.with("head", head(text.frame.alerts, ""));
    let secret = visit.value(REVEAL).and_then(|token| services.commands.secret(token));
    page = match secret {
        Some(secret) => page.with("secret", drawn::secret(&reader, Some(&secret))),
        // It is told once, and stays where it was told for as long as the page is open.
        None if visit.have.is_some() => page.with_kept("secret"),
        None => page.with("secret", None),
    };
    let happened = services.dashboard.read_happened(MOST_HAPPENED).await;
    let happened = happened
        .map(|happened| html(now::happened(&reader, &happened, &visit.view, now::LogPlace::OfItsOwn)));
    page = page.with_drawn("happened", happened.map_err(Problem::from));
    page = match services.dashboard.channels_page().await {
        Ok(channels) => page
            .with("channels", drawn::channels(&reader, &channels))
            .with("add", drawn::add(&reader, refused.as_ref()))
            .with("deliveries", drawn::deliveries(&reader, &channels)),
        // What somebody is filling in stays.
        Err(problem) => page.with_drawn("channels", Err(problem)).with_kept("add").with_kept("deliveries"),
    };
    page.response(services, reader).await
}

/// `POST /alerts/channels`: adds a webhook, and leads to where its secret is shown once.
pub async fn add(Submitted { services, visit, author, fields }: Submitted<ChannelForm>) -> Response {
    let typed = fields.as_ref().ok().cloned();
    let added = async {
        let ChannelForm { name, url } = fields?;
        let new = NewChannel { kind: "webhook".to_owned(), name, url };
        services.commands.create_channel(new, author).await
    };
    match added.await {
        Ok(added) => {
            let token = services.commands.reveal_once(added);
            Redirect::to(&format!("{ALERTS}?{REVEAL}={token}")).into_response()
        }
        Err(problem) => show(&services, &visit, Some(problem), typed).await,
    }
}

/// `POST /alerts/channels/remove`
pub async fn remove(Submitted { services, visit, author, fields }: Submitted<Id>) -> Response {
    let taken = async { services.commands.delete_channel(&fields?.id, author).await };
    done(taken.await, ALERTS, |refusal| show(&services, &visit, refusal, None)).await
}

/// Which channel, and whether messages are sent to it.
#[derive(Debug, Deserialize)]
pub struct Enabled {
    id: String,
    enabled: bool,
}

/// `POST /alerts/channels/enable`
pub async fn enable(Submitted { services, visit, author, fields }: Submitted<Enabled>) -> Response {
    let taken = async {
        let Enabled { id, enabled } = fields?;
        let edit = ChannelEdit { enabled: Some(enabled), ..ChannelEdit::default() };
        services.commands.edit_channel(&id, edit, author).await
    };
    done(taken.await, ALERTS, |refusal| show(&services, &visit, refusal, None)).await
}

/// `POST /alerts/channels/test`
pub async fn test(Submitted { services, visit, author, fields }: Submitted<Id>) -> Response {
    let taken = async { services.commands.send_test(&fields?.id, author).await };
    done(taken.await, ALERTS, |refusal| show(&services, &visit, refusal, None)).await
}

/// `POST /alerts/redeliver`
pub async fn redeliver(Submitted { services, visit, author, fields }: Submitted<Id>) -> Response {
    let taken = async { services.commands.deliver_again(&fields?.id, author).await };
    done(taken.await, ALERTS, |refusal| show(&services, &visit, refusal, None)).await
}
