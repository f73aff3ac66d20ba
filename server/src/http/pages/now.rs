//! The first page; until something has arrived, how to connect an application.

use std::sync::Arc;

use app::frame::Section;
use app::pages::{head, now as drawn, settings};
use app::plot;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use futures::future::join_all;
use vocabulary::{Dimension, Problem};

use super::super::drawn::{GoesBy, Html, RegionKey};
use super::super::services::Services;
use super::page::{Page, html};
use super::visit::Visit;
use crate::dashboard::Dashboard;
use crate::dashboard::stretch::Resolved;

/// The regions, in the order in which they are read.
const REGIONS: [(&str, GoesBy); 10] = [
    ("notices", GoesBy::Reader),
    ("verdict", GoesBy::View),
    ("first", GoesBy::Reader),
    ("sheet", GoesBy::Reader),
    ("measures", GoesBy::View),
    ("plot", GoesBy::Width),
    ("model", GoesBy::View),
    ("by", GoesBy::View),
    ("happened", GoesBy::View),
    ("policies", GoesBy::View),
];
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
        let kept = REGIONS.into_iter().fold(page, |page, (region, _)| page.with_kept(region));
        return kept.response(&services, reader).await;
    }
    let drawn =
        REGIONS.map(|(region, goes_by)| draw_shared(&services, &visit, &stretch, visit.key(region, goes_by)));
    for ((region, _), drawn) in REGIONS.into_iter().zip(join_all(drawn).await) {
        page = page.with_drawn(region, drawn);
    }
    page.response(&services, reader).await
}

/// A region: of an open page it is drawn once for everybody who reads alike.
async fn draw_shared(
    services: &Services,
    visit: &Visit,
    stretch: &Resolved,
    key: RegionKey,
) -> Result<Html, Problem> {
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
            // Of what is over, what happened then.
            let happened = match stretch.is_live {
                true => dashboard.read_happened(MOST_HAPPENED).await?,
                false => dashboard.read_happened_in(stretch, MOST_HAPPENED).await?,
            };
            html(drawn::happened(&reader, &happened, view, place))
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

#[cfg(test)]
mod tests {
    use app::pages::settings::ZoneChoice;
    use app::text::Language;
    use jiff::tz::TimeZone;
    use vocabulary::view::View;

    use super::*;

    fn visit(range: &str, width: u32) -> Visit {
        Visit {
            view: View::read([("range", range)]).0,
            nonsense: Vec::new(),
            address: String::new(),
            pairs: Vec::new(),
            language: Language::English,
            theme: None,
            here: None,
            zone_choice: ZoneChoice::Browser,
            browser_zone: None,
            zone: TimeZone::UTC,
            width,
            is_guessed: false,
            has_keys: true,
            have: None,
        }
    }

    #[test]
    fn readers_share_the_regions_that_do_not_go_by_what_they_differ_in() {
        let shared = |one: &Visit, other: &Visit| -> Vec<&str> {
            let regions = REGIONS.into_iter();
            let same =
                regions.filter(|(region, goes_by)| one.key(region, *goes_by) == other.key(region, *goes_by));
            same.map(|(region, _)| region).collect()
        };
        let hour = visit("1h", 1_360);
        assert_eq!(shared(&hour, &visit("24h", 800)), ["notices", "first", "sheet"]);
        let all_but_plot = REGIONS.map(|(region, _)| region).into_iter().filter(|region| *region != "plot");
        assert_eq!(shared(&hour, &visit("1h", 800)), all_but_plot.collect::<Vec<_>>());
        let korean = Visit { language: Language::Korean, ..hour.clone() };
        assert_eq!(shared(&hour, &korean), Vec::<&str>::new());
        let seoul = Visit { zone: TimeZone::get("Asia/Seoul").expect("a zone"), ..hour.clone() };
        assert_eq!(shared(&hour, &seoul), Vec::<&str>::new());
    }
}
