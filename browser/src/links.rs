//! Links within Tacho change the page that is there, so that what is open and where one reads stays.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, MouseEvent, Url};

use super::dom;
use super::page::{self, Why};
use super::reading;

pub fn listen() {
    dom::on(&dom::document(), "click", |event: MouseEvent| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        let Some(link) = dom::around(&event, "a[href]").filter(|_| is_plain && !event.default_prevented())
        else {
            return;
        };
        reading::note();
        if let Some(address) = address(&link) {
            event.prevent_default();
            close_menus(&link);
            go(address);
        }
    });
    dom::on(&dom::window(), "popstate", |_: Event| {
        let returned = reading::returned();
        if page::is_on_screen() {
            // A place on the page that is there: a link has led to it, or the history. An answer to that would come when
            // somebody has gone on from it.
            page::stay();
            return reading::go_on(returned, false);
        }
        let address = dom::window().location().href().unwrap_or_default();
        spawn_local(async move {
            page::show(address, Why::Back(returned)).await;
        });
    });
}

/// Shows another page.
pub fn go(address: String) {
    spawn_local(async move {
        page::show(address, Why::Go).await;
    });
}

/// Where a link leads, if that is a page of the interface.
fn address(link: &Element) -> Option<String> {
    if link.has_attribute("download")
        || link.has_attribute("target")
        || link.has_attribute("data-plain")
        || link.has_attribute("data-opens")
        || link.has_attribute("data-cancel")
    {
        return None;
    }
    let here = dom::window().location();
    let to = Url::new_with_base(&link.get_attribute("href")?, &here.href().ok()?).ok()?;
    let is_elsewhere = to.origin() != here.origin().ok()?;
    // Within the page the browser knows the way.
    let is_place = !to.hash().is_empty()
        && to.pathname() == here.pathname().ok()?
        && to.search() == here.search().ok()?;
    (!is_elsewhere && !is_place).then(|| to.href())
}

/// What a link was chosen from has done its work.
pub fn close_menus(around: &Element) {
    let mut menu = around.closest("details[data-menu]").ok().flatten();
    while let Some(open) = menu {
        let _ = open.remove_attribute("open");
        menu = open.parent_element().and_then(|parent| parent.closest("details[data-menu]").ok().flatten());
    }
    let dialog = around.closest("dialog").ok().flatten();
    if let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
        dialog.close();
    }
}
