//! Asks the server for a page, and makes the one on screen like it.

use std::cell::{Cell, RefCell};

use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Document, DomParser, Event, Headers, Request, RequestInit, Response, SupportedType,
    UrlSearchParams,
};

use super::dom;
use super::morph::{EDITED, ask_again, forget, morph};
use super::{reading, settings, status};

/// A page that takes longer than this may wait for a connection: a browser has six to one place.
const SLOW_MS: i32 = 5_000;
/// How long a page is waited for. The server gives up a question long before.
const DEADLINE_MS: i32 = 20_000;
/// What is told to the document: that an answer takes long, and that one has come.
pub const SLOW: &str = "tacho:slow";
pub const ANSWERED: &str = "tacho:answered";
/// Names the parts that are on screen already, so that they are not sent again.
const HAVE: &str = "x-tacho-have";
/// How wide a plot may be in this window, in pixels.
const WIDTH: &str = "x-tacho-width";
/// Stands for all of them.
const ALL: &str = "*";

/// What the document says of how somebody reads: their language, their theme, and whether single keys do something.
const LOOK: [&str; 3] = ["lang", "data-theme", "data-keys"];

/// Why a page is asked for.
#[derive(Clone, PartialEq)]
pub enum Why {
    /// The same page, since something has happened.
    Beat,
    /// Another one, as a new entry of the history.
    Go,
    /// The one that an entry of the history stands for, and where it was read.
    Back(Option<f64>),
    /// What a form has sent.
    Sent(UrlSearchParams),
    /// The same page, of which nobody sees more than the browser's tab.
    Glance,
}

thread_local! {
    /// What is on its way.
    static ASKING: RefCell<Option<(Why, AbortController)>> = const { RefCell::new(None) };
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    /// Path and query of the page on screen.
    static ON_SCREEN: RefCell<(String, String)> = const { RefCell::new((String::new(), String::new())) };
    /// Something has happened since.
    static AGAIN: Cell<bool> = const { Cell::new(false) };
}

/// Notes which page is on screen.
pub fn listen() {
    has_left();
}

/// Asks for the page again, unless it is being asked for.
pub fn refresh() {
    if ASKING.with_borrow(Option::is_some) {
        AGAIN.set(true);
        return;
    }
    spawn_local(async {
        let address = dom::window().location().href().unwrap_or_default();
        show(address, Why::Beat).await;
    });
}

/// Asks for a page and shows it. What was on its way before is given up, unless it is a form. False where it is refused.
pub async fn show(address: String, why: Why) -> bool {
    let Ok(controller) = AbortController::new() else { return false };
    let before = ASKING.replace(Some((why.clone(), controller.clone())));
    if let Some((before, other)) = before
        && !matches!(before, Why::Sent(_))
    {
        other.abort();
    }
    let number = NUMBER.get().wrapping_add(1);
    NUMBER.set(number);
    let gives_up = controller.clone();
    dom::after(DEADLINE_MS, move || gives_up.abort());
    dom::after(SLOW_MS, move || {
        if NUMBER.get() == number && ASKING.with_borrow(Option::is_some) {
            tell(SLOW);
        }
    });
    let answer = ask(&address, &why, &controller).await;
    if NUMBER.get() != number {
        return false;
    }
    ASKING.set(None);
    let is_taken = match answer {
        Ok(answer) => {
            tell(ANSWERED);
            draw(&answer, &why)
        }
        Err(failure) => {
            fail(failure, &why);
            false
        }
    };
    if AGAIN.take() {
        refresh();
    }
    is_taken
}

/// Stays with the page on screen: what was asked for to go back to is not wanted any more.
pub fn stay() {
    let goes_back = ASKING.with_borrow(|asking| matches!(asking, Some((Why::Back(_), _))));
    if goes_back && let Some((_, other)) = ASKING.take() {
        NUMBER.set(NUMBER.get().wrapping_add(1));
        other.abort();
        if AGAIN.take() {
            refresh();
        }
    }
}

fn tell(what: &str) {
    if let Ok(event) = Event::new(what) {
        let _ = dom::document().dispatch_event(&event);
    }
}

/// Asks for what the browser's tab shows, where that tells how things stand.
pub fn glance() {
    if dom::find("link[rel=icon][data-state]").is_none() {
        return;
    }
    spawn_local(async {
        let Ok(controller) = AbortController::new() else { return };
        let gives_up = controller.clone();
        dom::after(DEADLINE_MS, move || gives_up.abort());
        let address = dom::window().location().href().unwrap_or_default();
        let answer = ask(&address, &Why::Glance, &controller).await;
        if !dom::document().hidden() {
            return;
        }
        match answer {
            Ok(Answer { document, .. }) if is_of_interface(&document) => tab(&document),
            Ok(Answer { document, .. }) => {
                dom::document().set_title(&reason(&document).unwrap_or_else(|| said("data-unreachable")));
            }
            Err(_) => dom::document().set_title(&said("data-unreachable")),
        }
    });
}

/// Why there is no page.
enum Failure {
    /// Nobody answers.
    Unreachable,
    /// Tacho refuses, and says why.
    Refused(String),
}

impl From<JsValue> for Failure {
    fn from(_: JsValue) -> Self {
        Failure::Unreachable
    }
}

/// Says it: of what somebody wanted where it stays to be read, of a beat in the bar.
fn fail(failure: Failure, why: &Why) {
    let is_beat = *why == Why::Beat;
    let message = match failure {
        Failure::Refused(message) => message,
        Failure::Unreachable if is_beat => said("data-unreachable"),
        // It may have arrived, and its answer not.
        Failure::Unreachable if matches!(why, Why::Sent(_)) => said("data-unknown"),
        Failure::Unreachable => said("data-undone"),
    };
    if is_beat {
        return status::trouble(Some(message));
    }
    if let Some(place) = dom::find("#refusal") {
        let line = dom::document().create_element("p");
        let Ok(line) = line else { return };
        line.set_class_name("notice failure");
        dom::set(&line, "role", "alert");
        line.set_text_content(Some(&message));
        place.replace_children_with_node_1(&line);
        place.scroll_into_view_with_bool(false);
    }
}

/// A page as it came.
struct Answer {
    status: u16,
    address: String,
    document: Document,
}

async fn ask(address: &str, why: &Why, controller: &AbortController) -> Result<Answer, Failure> {
    let headers = Headers::new()?;
    headers.append("accept", "text/html")?;
    headers.append(HAVE, &if *why == Why::Glance { ALL.to_owned() } else { have() })?;
    if let Some(width_px) = settings::width_px() {
        headers.append(WIDTH, &width_px.to_string())?;
    }
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_signal(Some(&controller.signal()));
    if let Why::Sent(fields) = why {
        init.set_method("POST");
        init.set_body(fields);
    }
    let request = Request::new_with_str_and_init(address, &init)?;
    let response: Response = JsFuture::from(dom::window().fetch_with_request(&request)).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let is_page = response.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("text/html"));
    if !is_page {
        let said = JSON::parse(&text).and_then(|said| Reflect::get(&said, &"error".into()));
        let message = said.and_then(|error| Reflect::get(&error, &"message".into()));
        let message = message.ok().and_then(|message| message.as_string());
        return Err(message.map_or(Failure::Unreachable, Failure::Refused));
    }
    let document = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    // What it leads to within the page is no part of what is asked for.
    let place = address.split_once('#').filter(|_| *why == Why::Go && !response.redirected());
    let place = place.map(|(_, place)| format!("#{place}")).unwrap_or_default();
    Ok(Answer { status: response.status(), address: response.url() + &place, document })
}

/// The marks of the parts on screen; of those that failed none.
fn have() -> String {
    let marks = dom::all("[data-mark]:not([data-failed])").into_iter();
    let marks: Vec<String> = marks.filter_map(|part| part.get_attribute("data-mark")).collect();
    marks.join(" ")
}

fn draw(answer: &Answer, why: &Why) -> bool {
    let Answer { status, address, document: new } = answer;
    // Not a page of the interface: the session has ended, or something between here and Tacho answers.
    let (Some(body), Some(new_body), true) = (dom::document().body(), new.body(), is_of_interface(new))
    else {
        fail(reason(new).map_or(Failure::Unreachable, Failure::Refused), why);
        return false;
    };
    let build =
        |document: &Document| document.document_element().and_then(|root| root.get_attribute("data-build"));
    if build(&dom::document()) != build(new) && !matches!(why, Why::Sent(_)) {
        // Unless somebody is filling in a form: then as soon as that is sent, or left.
        if *why == Why::Beat && dom::find(&format!("[{EDITED}]")).is_some() {
            return true;
        }
        // Another build serves now: its pages may need other scripts and styles.
        let _ = dom::window().location().assign(address);
        return true;
    }
    let is_another = matches!(why, Why::Go) || matches!(why, Why::Sent(_)) && *status < 400;
    if is_another && dom::window().location().href().ok().as_ref() != Some(address) {
        reading::note();
        let history = dom::window().history();
        let _ = history.and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(address)));
    }
    if *why == Why::Beat {
        // Why something was refused is told until something else is sent, or somebody goes elsewhere.
        for refusal in dom::within(&new_body, ".refusal") {
            dom::set(&refusal, "data-same", "");
        }
    }
    let is_elsewhere = has_left();
    if is_elsewhere {
        // What is half typed was for the page that it was typed on.
        dom::all(&format!("[{EDITED}]")).iter().for_each(forget);
    }
    tab(new);
    take_look(new);
    morph(&body, &new_body);
    // Of what keeps a refusal the server does not know how it looks.
    for refusal in dom::all(".refusal:not(:empty)") {
        ask_again(&refusal);
    }
    status::trouble(None);
    tell("tacho:drawn");
    match why {
        Why::Go => reading::begin(is_elsewhere),
        Why::Back(at) => reading::go_on(*at, is_elsewhere),
        // The page that somebody went back to did not come, and does now.
        Why::Beat if is_elsewhere => reading::go_on(reading::returned(), is_elsewhere),
        _ if is_elsewhere => reading::top(),
        _ => {}
    }
    *status < 400
}

/// Takes over how somebody reads, which they may have chosen in another window.
fn take_look(new: &Document) {
    if let Some(new) = new.document_element() {
        for name in LOOK {
            let _ = match new.get_attribute(name) {
                Some(value) => dom::root().set_attribute(name, &value),
                None => dom::root().remove_attribute(name),
            };
        }
    }
    status::take_words(new);
}

/// Shows title and icon in the browser's tab.
fn tab(new: &Document) {
    dom::document().set_title(&new.title());
    if let (Some(icon), Ok(Some(new))) = (dom::find("link[rel=icon]"), new.query_selector("link[rel=icon]"))
        && icon.outer_html() != new.outer_html()
    {
        let _ = icon.replace_with_with_node_1(&new);
    }
}

/// Why what came is no page of the interface, if Tacho says so.
fn reason(document: &Document) -> Option<String> {
    document.query_selector("[data-reason]").ok()??.get_attribute("data-reason")
}

/// Whether the address is that of another page than was shown before; from now on it is this one.
fn has_left() -> bool {
    let here = here();
    let path = here.0.clone();
    ON_SCREEN.replace(here).0 != path
}

/// Whether the address is that of the page on screen, wherever on it.
pub fn is_on_screen() -> bool {
    ON_SCREEN.with_borrow(|shown| *shown == here())
}

fn here() -> (String, String) {
    let location = dom::window().location();
    (location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

fn is_of_interface(document: &Document) -> bool {
    matches!(document.query_selector("main[data-at]"), Ok(Some(_)))
}

/// A sentence of the page's language, which the bar carries.
fn said(name: &str) -> String {
    dom::find("#freshness").and_then(|bar| bar.get_attribute(name)).unwrap_or_default()
}
