//! The first page; until something has arrived, how to connect an application.

use std::sync::Arc;

use app::frame::Section;
use app::pages::{head, now as drawn, settings};
use app::plot;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use futures::future::join_all;
use vocabulary::{Dimension, Problem};

use super::super::drawn::{Html, RegionKey};
use super::super::services::Services;
use super::page::{Page, html};
use super::visit::Visit;
use crate::dashboard::Dashboard;
use crate::dashboard::stretch::Resolved;

/// The regions, in the order in which they are read.
const REGIONS: [&str; 10] =
    ["notices", "verdict", "first", "sheet", "measures", "plot", "model", "by", "happened", "policies"];
/// Lines of what happened.
const MOST_HAPPENED: usize = 12;
/// A stretch longer than this is told by its dates: a day, and an hour of summer time.
const LONG_MS: i64 = 25 * 3_600_000;

/// `GET /`
pub async fn page(State(services): State<Services>, mut visit: Visit) -> Response {
    let dashboard = services.dashboard.clone();
    // Where it cannot be told, each region says itself why it cannot be shown.
    if let Ok(false) = dashboard.has_events().await {
        return setup(&services, &visit).await;
    }
    let stretch = visit.stretch(&dashboard);
    // What was shown before something else was typed has done its work.
    if visit.nonsense.is_empty() && visit.is_said_twice() {
        return Redirect::to(&visit.view.address("/")).into_response();
    }
    let reader = visit.reader(&dashboard);
    let room = dashboard.read_room().await;
    let (title, state) = match &room {
        Ok(room) => (drawn::title(&reader, room), drawn::Verdict::of(room).state()),
        Err(_) => (reader.text().frame.now.to_owned(), vocabulary::Severity::Ok),
    };
    let mut page = Page::new(&visit, title).at(Section::Now).in_state(state).over(&stretch);
    page = page.with("nonsense", drawn::nonsense(&reader, &visit.nonsense));
    if visit.has_all() {
        return REGIONS.into_iter().fold(page, Page::with_kept).response(&services, reader).await;
    }
    let regions = join_all(REGIONS.map(|region| draw_shared(&services, &visit, &stretch, region))).await;
    for (region, drawn) in REGIONS.into_iter().zip(regions) {
        page = page.with_drawn(region, drawn);
    }
    page.response(&services, reader).await
}

/// A region: of an open page it is drawn once for everybody who reads alike.
async fn draw_shared(
    services: &Services,
    visit: &Visit,
    stretch: &Resolved,
    region: &'static str,
) -> Result<Html, Problem> {
    let key = visit.key(region);
    let draw = {
        let (dashboard, visit, stretch) = (services.dashboard.clone(), visit.clone(), stretch.clone());
        move |key: RegionKey| {
            let (dashboard, visit, stretch) = (dashboard.clone(), visit.clone(), stretch.clone());
            async move { draw(&dashboard, &visit, &stretch, key.region).await }
        }
    };
    match visit.have {
        Some(_) => services.regions.reply(services.dashboard.moment(), key, draw).await,
        None => draw(key).await,
    }
}

async fn draw(
    dashboard: &Arc<Dashboard>,
    visit: &Visit,
    stretch: &Resolved,
    region: &'static str,
) -> Result<Html, Problem> {
    let (reader, view) = (visit.reader(dashboard), &visit.view);
    Ok(match region {
        "notices" => html(drawn::notices(&reader, &dashboard.read_notices().await?)),
        "verdict" => html(drawn::verdict(&reader, &*dashboard.read_room().await?, view)),
        "first" => html(drawn::first_call(&reader, dashboard.read_first_call().await?.as_ref())),
        "sheet" => html(drawn::sheet(&reader, &*dashboard.read_room().await?)),
        "measures" => {
            let totals = dashboard.read_totals(view, stretch).await?;
            let chips = html(drawn::chips(&reader, view));
            format!("{}{chips}", html(drawn::measures(&reader, &totals, view))).into()
        }
        "plot" => html(plot::figure(&reader, &dashboard.read_plot(view, stretch).await?, view, visit.width)),
        "model" => {
            let sums = dashboard.read_breakdown(view, stretch, Dimension::Model).await?;
            html(drawn::table(&reader, &sums, view, false))
        }
        "by" => {
            html(drawn::table(&reader, &dashboard.read_breakdown(view, stretch, view.by).await?, view, true))
        }
        "happened" => {
            let place = drawn::LogPlace::Beside { is_long: stretch.to_ms - stretch.from_ms > LONG_MS };
            html(drawn::happened(&reader, &dashboard.read_happened(MOST_HAPPENED).await?, view, place))
        }
        _ => {
            let report = dashboard.read_policies(stretch.from_ms, stretch.to_ms, &view.filters).await?;
            html(drawn::policies(&reader, &report.policies))
        }
    })
}

async fn setup(services: &Services, visit: &Visit) -> Response {
    let reader = visit.reader(&services.dashboard);
    let text = &reader.text().now;
    let heard = services.dashboard.read_heard().await.map(|heard| html(settings::heard(&reader, &heard)));
    let notices =
        services.dashboard.read_notices().await.map(|notices| html(drawn::notices(&reader, &notices)));
    Page::new(visit, text.setup_title.to_owned())
        .at(Section::Now)
        .with_drawn("notices", notices.map_err(Problem::from))
        .with("head", head(text.setup_title, text.setup_lead))
        .with("connect", settings::connect(&reader, &services.dashboard.ways()))
        .with_drawn("heard", heard)
        .response(services, reader)
        .await
}
