//! Makes what is on screen like what the server has drawn, with as few changes as there can be: elements stay the same, so
//! that focus, selection and what is opened or typed stay with them.

use std::collections::HashMap;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement, Node};

use super::dom;

/// Elements that are changed here alone.
const OWN: &str = "data-own";
/// A form that somebody is filling in.
pub const EDITED: &str = "data-edited";

/// A form is as the server has drawn it again, and may be changed.
pub fn forget(form: &Element) {
    let _ = form.remove_attribute(EDITED);
    if let Some(form) = form.dyn_ref::<HtmlFormElement>() {
        form.reset();
    }
}

/// Makes `old` like `new`, which is of the same kind.
pub fn morph(old: &Element, new: &Element) {
    // The same as before; the server does not send it again.
    if new.has_attribute("data-same") || old.has_attribute(OWN) || old.has_attribute(EDITED) {
        return;
    }
    // Somebody is choosing from it.
    if old.tag_name() == "DIALOG" && old.has_attribute("open") {
        ask_again(old);
        return;
    }
    if new.has_attribute("data-failed") && old.has_child_nodes() {
        fail(old, new);
        return;
    }
    attributes(old, new);
    children(old, new);
}

/// Keeps what was there, and says why there is nothing newer.
fn fail(old: &Element, new: &Element) {
    dom::set(old, "data-failed", "");
    let said = old.query_selector(":scope > .failure").ok().flatten();
    let says = new.query_selector(":scope > .failure").ok().flatten();
    match (said, says) {
        (Some(said), Some(says)) => morph(&said, &says),
        (None, Some(says)) => {
            let _ = old.insert_before(&says, old.first_child().as_ref());
        }
        _ => {}
    }
}

fn attributes(old: &Element, new: &Element) {
    let names = new.attributes();
    for place in 0..names.length() {
        let Some(attribute) = names.item(place) else { continue };
        if !is_of_reader(&attribute.name()) {
            dom::set(old, &attribute.name(), &attribute.value());
        }
    }
    let names = old.attributes();
    let known: Vec<String> =
        (0..names.length()).filter_map(|place| Some(names.item(place)?.name())).collect();
    for name in known {
        if !new.has_attribute(&name) && !is_of_reader(&name) {
            let _ = old.remove_attribute(&name);
        }
    }
}

/// What is open is so because somebody has opened it.
fn is_of_reader(name: &str) -> bool {
    name == "open" || name == "style" || name == "data-alive" || name == "data-live"
}

fn children(old: &Element, new: &Element) {
    let mut keyed: HashMap<String, Node> =
        nodes(old).into_iter().filter_map(|node| Some((key(&node)?, node))).collect();
    let fresh = nodes(new);
    let wanted: Vec<Option<String>> = fresh.iter().map(key).collect();
    keyed.retain(|key, _| wanted.iter().flatten().any(|wanted| wanted == key));
    let mut next = old.first_child();
    for (node, key) in fresh.into_iter().zip(wanted) {
        // What is not wanted any more.
        while let Some(gone) =
            next.clone().filter(|next| self::key(next).is_some_and(|key| !keyed.contains_key(&key)))
        {
            next = gone.next_sibling();
            remove(old, &gone);
        }
        let same = match key {
            Some(key) => keyed.remove(&key),
            None => next.clone().filter(|next| self::key(next).is_none() && is_alike(next, &node)),
        };
        let Some(same) = same.filter(|same| is_alike(same, &node)) else {
            let _ = old.insert_before(&node, next.as_ref());
            continue;
        };
        if next.as_ref().is_some_and(|next| next.is_same_node(Some(&same))) {
            next = same.next_sibling();
        } else {
            let _ = old.insert_before(&same, next.as_ref());
        }
        match (same.dyn_ref::<Element>(), node.dyn_ref::<Element>()) {
            (Some(same), Some(node)) => morph(same, node),
            _ if same.node_value() != node.node_value() => same.set_node_value(node.node_value().as_deref()),
            _ => {}
        }
    }
    while let Some(gone) = next {
        next = gone.next_sibling();
        remove(old, &gone);
    }
}

/// Removes what is not wanted any more, unless somebody is filling in a form of it.
fn remove(from: &Element, gone: &Node) {
    let edited = format!("[{EDITED}]");
    let is_edited =
        |gone: &Element| gone.matches(&edited).unwrap_or_default() || !dom::within(gone, &edited).is_empty();
    if gone.dyn_ref::<Element>().is_some_and(is_edited) {
        ask_again(from);
    } else {
        let _ = from.remove_child(gone);
    }
}

/// What is here by then is to be sent again, since it could not be shown.
pub fn ask_again(place: &Element) {
    if let Ok(Some(region)) = place.closest("[data-mark]") {
        let _ = region.remove_attribute("data-mark");
    }
}

fn nodes(of: &Element) -> Vec<Node> {
    let list = of.child_nodes();
    (0..list.length()).filter_map(|place| list.item(place)).collect()
}

fn key(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    element.get_attribute("data-key").or_else(|| element.get_attribute("id"))
}

fn is_alike(one: &Node, other: &Node) -> bool {
    one.node_type() == other.node_type() && one.node_name() == other.node_name()
}
