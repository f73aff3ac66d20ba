//! Forms are sent in place: what comes back is the page, with a word of what was wrong where something was.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, FormData, HtmlElement, HtmlFormElement, SubmitEvent, UrlSearchParams};

use super::morph::{EDITED, ask_again, forget};
use super::page::{self, Why};
use super::{dom, links};

pub fn listen() {
    dom::on(&dom::document(), "submit", |event: SubmitEvent| {
        let Some(form) = dom::around(&event, "form:not([data-plain])") else { return };
        let form: HtmlFormElement = form.unchecked_into();
        let Some(fields) = fields(&form) else { return };
        event.prevent_default();
        match form.method().as_str() {
            "post" => spawn_local(post(form, fields)),
            _ => {
                links::close_menus(&form);
                links::go(asked(&form, &fields));
            }
        }
    });
    dom::on(&dom::document(), "click", |event: Event| {
        let Some(details) =
            dom::around(&event, "[data-cancel]").and_then(|cancel| cancel.closest("details").ok()?)
        else {
            return;
        };
        event.prevent_default();
        dom::within(&details, "form").iter().for_each(forget);
        let _ = details.remove_attribute("open");
        let summary = dom::within(&details, "summary").into_iter().next();
        if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
            let _ = summary.focus();
        }
    });
    // What somebody fills in is theirs until it is sent.
    dom::on(&dom::document(), "input", |event: Event| {
        if let Some(form) = dom::around(&event, "form[method=post]") {
            dom::set(&form, EDITED, "");
        }
    });
}

async fn post(form: HtmlFormElement, fields: UrlSearchParams) {
    // Other forms about the same thing are over with it.
    let around = form.closest("li").ok().flatten().or_else(|| form.parent_element());
    let edited = around.map_or_else(Vec::new, |around| dom::within(&around, &format!("[{EDITED}]")));
    let address = form.get_attribute("action").unwrap_or_default();
    let focused = dom::document().active_element().filter(|focused| form.contains(Some(focused)));
    busy(&form, true);
    let is_taken = page::show(address, Why::Sent(fields)).await;
    busy(&form, false);
    // A button that cannot be pressed for a while loses the focus.
    if let Some(focused) = focused.and_then(|focused| focused.dyn_into::<HtmlElement>().ok())
        && dom::document().active_element().is_none_or(|now| now.tag_name() == "BODY")
    {
        let _ = focused.focus();
    }
    if is_taken && !edited.is_empty() {
        // What was kept from being changed is as the server has it, once it is asked again.
        edited.iter().for_each(forget);
        ask_again(&form);
        page::refresh();
    }
    if let Some(refusal) = dom::find(".refusal:not(:empty)").filter(|_| !is_taken) {
        refusal.scroll_into_view_with_bool(false);
    }
}

fn busy(form: &Element, is_busy: bool) {
    for button in dom::within(form, "button") {
        let _ = button.toggle_attribute_with_force("disabled", is_busy);
    }
}

fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let fields = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
}

/// The address that a form asks for. A field that somebody has left empty says nothing; one that the page has filled in
/// says what is shown, as `project=` says that there is none.
fn asked(form: &HtmlFormElement, fields: &UrlSearchParams) -> String {
    let said = UrlSearchParams::new().expect("no pairs");
    let kept: Vec<String> = dom::within(form, "input[type=hidden]")
        .iter()
        .filter_map(|field| field.get_attribute("name"))
        .collect();
    for pair in fields.entries().into_iter().flatten() {
        let pair: js_sys::Array = pair.unchecked_into();
        let [name, value] = [pair.get(0), pair.get(1)].map(|text| text.as_string().unwrap_or_default());
        if !value.is_empty() || kept.contains(&name) {
            said.append(&name, &value);
        }
    }
    let action = form.get_attribute("action").unwrap_or_default();
    format!("{action}?{}", String::from(said.to_string()))
}
