//! Forms that change something: sent as plain forms without JavaScript, and in place with it.
//!
//! Leptos's own `ActionForm` makes an action of every server function; that code is most of a page with a dozen
//! forms. This one knows only an address, and the browser does the encoding.

use gloo_net::http::{Request, Response};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use server_fn::ContentType;
use server_fn::error::{FromServerFnError, ServerFnErrorErr, ServerFnUrlError};
use server_fn::redirect::REDIRECT_HEADER;
use vocabulary::ProblemKind;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

use super::Erase;
use crate::api::ApiError;

/// How the server says why it refuses.
const REFUSALS: &str = <ApiError as FromServerFnError>::Encoder::CONTENT_TYPE;

/// A form for a server function. What is wrong with what was sent is said under its fields.
#[component]
pub fn PostForm(
    /// The path of the server function.
    to: &'static str,
    /// Grows by one when what was sent has been taken.
    taken: RwSignal<u32>,
    #[prop(optional)] class: &'static str,
    /// Whether the fields are emptied once they have been taken.
    #[prop(optional)]
    empties: bool,
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let refusal = RwSignal::new(None::<String>);
    let navigate = use_navigate();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(form) = event.current_target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
        else {
            return;
        };
        let navigate = navigate.clone();
        // The page may be gone when the answer comes.
        spawn_local(async move {
            match post(to, &form).await {
                Ok(next) => {
                    refusal.try_set(None);
                    if empties {
                        form.reset();
                    }
                    taken.try_update(|taken| *taken += 1);
                    if let Some(next) = next {
                        navigate(&next, NavigateOptions::default());
                    }
                }
                Err(error) => {
                    refusal.try_set(Some(error.message));
                }
            }
        });
    };
    view! {
        <form method="post" action=to class=class on:submit=send>
            {children()}
            {move || refusal.get().map(|message| view! { <p class="failure" role="alert">{message}</p> })}
        </form>
    }
}

/// The button of a form that is about one thing, with that thing's id.
#[component]
pub fn IdButton(
    id: String,
    #[prop(optional)] class: &'static str,
    /// What the button says.
    label: &'static str,
) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id/>
        <button type="submit" class=class>{label}</button>
    }
    .erased()
}

/// Why the last form was refused, when it was sent without JavaScript: the server puts it into the address of the
/// page it goes back to.
#[component]
pub fn LastRefusal() -> impl IntoView {
    let query = use_query_map();
    move || {
        let refusal =
            query.with(|query| query.get_str("__err").map(ServerFnUrlError::<ApiError>::decode_err));
        refusal.map(|error| view! { <p class="failure" role="alert">{error.message}</p> })
    }
}

/// Sends a form; the answer is where to go next, if anywhere.
async fn post(to: &str, form: &HtmlFormElement) -> Result<Option<String>, ApiError> {
    let fields = FormData::new_with_form(form)
        .and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields))
        .map_err(|_| {
            ApiError::new(
                ProblemKind::Internal,
                "connection",
                "the browser could not read the form; load the page again",
            )
        })?;
    let lost =
        |error: gloo_net::Error| ApiError::from_server_fn_error(ServerFnErrorErr::Request(error.to_string()));
    let request = Request::post(to).header("accept", REFUSALS).body(fields).map_err(lost)?;
    let response: Response = request.send().await.map_err(lost)?;
    if !response.ok() {
        return Err(ApiError::de(response.binary().await.map_err(lost)?.into()));
    }
    let headers = response.headers();
    Ok(headers.get(REDIRECT_HEADER).and_then(|_| headers.get("location")))
}
