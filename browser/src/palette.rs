//! Dialogs that are opened by a button (`data-opens`), and the list of all that can be done, which is narrowed by typing.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{dom, links, pressed};

pub fn listen() {
    let platform = dom::window().navigator().platform().unwrap_or_default();
    if ["Mac", "iPhone", "iPad"].iter().any(|apple| platform.starts_with(apple)) {
        dom::all("[data-command-key]").iter().for_each(|key| dom::write(key, "⌘K"));
    }
    dom::on(&dom::document(), "click", |event: Event| {
        if let Some(button) = dom::around(&event, "[data-opens]") {
            event.prevent_default();
            open(&button.get_attribute("data-opens").unwrap_or_default());
        } else if let Some(dialog) = dom::around(&event, "dialog").filter(|dialog| is_itself(&event, dialog))
        {
            // Beside what it holds.
            links::close_menus(&dialog);
        }
    });
    dom::on(&dom::document(), "keydown", |event: KeyboardEvent| {
        if event.is_composing() {
            // The key is the input method's, which chooses among its own.
            return;
        }
        let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
        if is_command && pressed::key(&event).as_deref() == Some("k") {
            event.prevent_default();
            open("palette");
        } else if dom::around(&event, "#palette").is_some() {
            press(&event);
        } else if event.key() == "Escape" {
            for menu in dom::all("details[data-menu][open]") {
                let _ = menu.remove_attribute("open");
                if let Some(summary) = dom::within(&menu, "summary")
                    .into_iter()
                    .find_map(|summary| summary.dyn_into::<HtmlElement>().ok())
                {
                    let _ = summary.focus();
                }
            }
        }
    });
    dom::on(&dom::document(), "input", |event: Event| {
        if dom::around(&event, "#palette").is_some() {
            narrow();
        }
    });
}

fn is_itself(event: &Event, dialog: &Element) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| &target == dialog)
}

fn open(id: &str) {
    let Some(dialog) =
        dom::find(&format!("#{id}")).and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok())
    else {
        return;
    };
    if dialog.open() {
        return dialog.close();
    }
    // One at a time.
    dom::all("dialog[open]").iter().for_each(links::close_menus);
    let _ = dialog.show_modal();
    if let Some(field) =
        dom::find("#palette input").and_then(|field| field.dyn_into::<HtmlInputElement>().ok())
    {
        field.set_value("");
        narrow();
    }
}

/// Shows what has every word that is typed.
fn narrow() {
    let typed = dom::find("#palette input").and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    let typed = typed.map(|field| field.value().to_lowercase()).unwrap_or_default();
    let (mut first, mut group) = (true, None);
    for line in dom::all("#palette li") {
        let text = line.text_content().unwrap_or_default().to_lowercase();
        let fits = typed.split_whitespace().all(|word| text.contains(word));
        dom::show(&line, fits);
        mark(&line, fits && first);
        first &= !fits;
        if fits {
            let own = line.query_selector(".palette-group").ok().flatten().and_then(|own| own.text_content());
            let _ = line.toggle_attribute_with_force("data-first", own != group);
            group = own;
        }
    }
    if let Some(nothing) = dom::find("#palette .empty") {
        dom::show(&nothing, first);
    }
}

fn mark(line: &Element, is_marked: bool) {
    let _ = line.toggle_attribute_with_force("data-marked", is_marked);
}

fn press(event: &KeyboardEvent) {
    let lines: Vec<Element> =
        dom::all("#palette li").into_iter().filter(|line| !line.has_attribute("hidden")).collect();
    let at = lines.iter().position(|line| line.has_attribute("data-marked"));
    let to = match (event.key().as_str(), at) {
        ("ArrowDown", Some(at)) => (at + 1).min(lines.len() - 1),
        ("ArrowUp", Some(at)) => at.saturating_sub(1),
        ("Enter", Some(at)) => {
            event.prevent_default();
            let link = dom::within(&lines[at], "a, button")
                .into_iter()
                .find_map(|link| link.dyn_into::<HtmlElement>().ok());
            if let Some(link) = link {
                links::close_menus(&link);
                link.click();
            }
            return;
        }
        _ => return,
    };
    event.prevent_default();
    for (place, line) in lines.iter().enumerate() {
        mark(line, place == to);
    }
    lines[to].scroll_into_view_with_bool(false);
}
