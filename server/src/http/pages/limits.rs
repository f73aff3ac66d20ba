//! The page of limits, and its forms.

use app::api::limits::{LimitForm, LimitsPage};
use app::frame::Section;
use app::pages::head;
use app::pages::limits::{self as drawn, RefusedForm};
use axum::extract::State;
use axum::response::Response;
use vocabulary::Problem;

use super::super::services::Services;
use super::page::{Page, html};
use super::submitted::{Id, Submitted, done};
use super::visit::Visit;

/// Where the page is.
const LIMITS: &str = "/limits";

/// `GET /limits`
pub async fn page(State(services): State<Services>, visit: Visit) -> Response {
    show(&services, &visit, None, None).await
}

/// The page, with why what was sent is refused: beside the form that it was typed into, if the page has it.
async fn show(
    services: &Services,
    visit: &Visit,
    refusal: Option<Problem>,
    typed: Option<LimitForm>,
) -> Response {
    let reader = visit.reader(&services.dashboard);
    let text = reader.text();
    let limits = services.dashboard.limits_page().await;
    // Of a limit that is gone, or is not on the page, there is no form to say it beside.
    let typed = typed.filter(|form| limits.as_ref().is_ok_and(|limits| has_form(limits, &form.id)));
    let refused = typed.zip(refusal.as_ref());
    let refused = refused.map(|(form, why)| RefusedForm { form, why: text.refusals.sentence(why) });
    let mut page = Page::new(visit, text.frame.limits.to_owned()).at(Section::Limits);
    page = if refused.is_some() { page.refused_beside(refusal) } else { page.refused(refusal) };
    page = page.with("head", head(text.frame.limits, text.limits.lead));
    page = match limits {
        Ok(limits) => page
            .with("add", drawn::add(&reader, &limits, refused.as_ref()))
            .with_drawn("list", Ok(html(drawn::list(&reader, &limits, refused.as_ref())))),
        // What somebody is filling in stays.
        Err(problem) => page.with_kept("add").with_drawn("list", Err(problem)),
    };
    page.response(services, reader).await
}

/// Whether the page has a form for the limit with an id; without one it is that for a new one.
fn has_form(page: &LimitsPage, id: &str) -> bool {
    id.is_empty() || page.limits.iter().any(|limit| limit.id == id && limit.editable)
}

/// `POST /limits`: adds a limit, or changes the one whose id the form carries.
pub async fn save(Submitted { services, visit, author, fields }: Submitted<LimitForm>) -> Response {
    let typed = fields.as_ref().ok().cloned();
    let taken = async { services.commands.take_limit_form(fields?, author).await };
    done(taken.await, LIMITS, |refusal| show(&services, &visit, refusal, typed)).await
}

/// `POST /limits/remove`
pub async fn remove(Submitted { services, visit, author, fields }: Submitted<Id>) -> Response {
    let taken = async { services.commands.delete_limit(&fields?.id, author).await };
    done(taken.await, LIMITS, |refusal| show(&services, &visit, refusal, None)).await
}
