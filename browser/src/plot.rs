//! The plot's cursor and selection: by pointer, by finger and by keyboard. What is read is what the table of its numbers
//! says, and where a selection leads is an address like any other.

use std::cell::RefCell;

use web_sys::{Element, Event, KeyboardEvent, PointerEvent};

use super::{dom, links, settings};

/// What is chosen, in Unix seconds: it stays where it is while the plot moves on.
#[derive(Clone, Copy, Default)]
struct Chosen {
    /// The bin under the cursor.
    cursor_s: Option<f64>,
    /// Where a selection began; it ends with the bin of the cursor.
    anchor_s: Option<f64>,
    /// A pointer is held down.
    is_dragged: bool,
}

thread_local! {
    static CHOSEN: RefCell<Chosen> = RefCell::new(Chosen::default());
}

pub fn listen() {
    let document = dom::document();
    dom::on(&document, "pointermove", |event: PointerEvent| {
        let is_dragged = chosen().is_dragged;
        match Plot::around(&event).filter(|_| !is_dragged).or_else(|| Plot::find().filter(|_| is_dragged)) {
            Some(plot) => plot.point(&event),
            None if event.pointer_type() == "mouse" && chosen().anchor_s.is_none() && !has_focus() => {
                choose(|chosen| chosen.cursor_s = None);
            }
            None => {}
        }
    });
    dom::on(&document, "pointerdown", |event: PointerEvent| {
        let Some(plot) = Plot::around(&event).filter(|_| event.button() == 0) else { return };
        if dom::around(&event, "a, button").is_some() {
            return;
        }
        choose(|chosen| (chosen.anchor_s, chosen.is_dragged) = (None, event.pointer_type() == "mouse"));
        plot.point(&event);
        choose(|chosen| chosen.anchor_s = chosen.cursor_s.filter(|_| chosen.is_dragged));
    });
    dom::on(&document, "pointerup", |_: PointerEvent| {
        // A click has chosen one bin.
        choose(|chosen| chosen.is_dragged = false);
    });
    dom::on(&document, "keydown", press);
    dom::on(&document, "focusout", |event: Event| {
        if Plot::around(&event).is_some() && chosen().anchor_s.is_none() {
            choose(|chosen| chosen.cursor_s = None);
        }
    });
    dom::on(&document, "click", |event: Event| {
        if dom::around(&event, "[data-forget]").is_some() {
            choose(|chosen| *chosen = Chosen::default());
        }
    });
    dom::on(&document, "tacho:drawn", |_: Event| {
        // What has left the plot is not chosen any more.
        let chosen = chosen();
        let latest_s =
            chosen.cursor_s.map(|at_s| chosen.anchor_s.map_or(at_s, |anchor_s| anchor_s.max(at_s)));
        let has_left = Plot::find().zip(latest_s).is_some_and(|(plot, at_s)| at_s < plot.start_s(0.0));
        choose(|chosen| {
            if has_left {
                *chosen = Chosen::default();
            }
        });
    });
    show();
}

fn chosen() -> Chosen {
    CHOSEN.with_borrow(Clone::clone)
}

fn choose(change: impl FnOnce(&mut Chosen)) {
    CHOSEN.with_borrow_mut(change);
    show();
}

fn has_focus() -> bool {
    dom::document().active_element().is_some_and(|focused| focused.id() == "plot")
}

fn press(event: KeyboardEvent) {
    let Some(plot) =
        Plot::around(&event).filter(|_| !(event.ctrl_key() || event.meta_key() || event.alt_key()))
    else {
        return;
    };
    let now = chosen();
    let at = now.cursor_s.map_or(plot.bins - 1.0, |at_s| plot.bin(at_s));
    let to = match event.key().as_str() {
        "ArrowLeft" => at - if now.cursor_s.is_some() { 1.0 } else { 0.0 },
        "ArrowRight" => at + if now.cursor_s.is_some() { 1.0 } else { 0.0 },
        "PageUp" => at - 10.0,
        "PageDown" => at + 10.0,
        "Home" => 0.0,
        "End" => plot.bins - 1.0,
        "Enter" if now.cursor_s.is_some() => {
            event.prevent_default();
            let (first, last) = plot.selected(&now);
            choose(|chosen| *chosen = Chosen::default());
            return links::go(plot.zoom(first, last));
        }
        "Escape" => return choose(|chosen| *chosen = Chosen::default()),
        _ => return,
    };
    event.prevent_default();
    let to_s = plot.start_s(to.clamp(0.0, plot.bins - 1.0));
    choose(|chosen| {
        chosen.anchor_s =
            if event.shift_key() { chosen.anchor_s.or(chosen.cursor_s).or(Some(to_s)) } else { None };
        chosen.cursor_s = Some(to_s);
    });
}

/// The plot on screen.
struct Plot {
    element: Element,
    /// Where its first bin begins and its last one ends, in pixels of the picture.
    left: f64,
    right: f64,
    /// Where its bins begin, in order, and where the last one ends.
    edges_s: Vec<f64>,
    bins: f64,
}

impl Plot {
    fn of(element: Element) -> Option<Self> {
        let number = |name| dom::number(&element, name);
        let (left, right) = (number("data-left")?, number("data-right")?);
        let mut edge_s = 0.0;
        let edges = element.get_attribute("data-edges")?;
        let edges_s: Vec<f64> = edges
            .split(' ')
            .filter_map(|length| length.parse::<f64>().ok())
            .map(|length| {
                edge_s += length;
                edge_s
            })
            .collect();
        let bins = edges_s.len().checked_sub(1)? as f64;
        (bins >= 1.0).then_some(Plot { element, left, right, edges_s, bins })
    }

    fn find() -> Option<Self> {
        Plot::of(dom::find("[data-plot]")?)
    }

    fn around(event: &Event) -> Option<Self> {
        Plot::of(dom::around(event, "[data-plot]")?)
    }

    /// The bin that a time lies in; -1 or [`Plot::bins`] where it lies before or after all.
    fn bin(&self, at_s: f64) -> f64 {
        self.edges_s.partition_point(|edge_s| *edge_s <= at_s) as f64 - 1.0
    }

    fn start_s(&self, bin: f64) -> f64 {
        self.edges_s.get(bin as usize).copied().unwrap_or_default()
    }

    /// From the first edge to the last.
    fn length_s(&self) -> f64 {
        self.start_s(self.bins) - self.start_s(0.0)
    }

    fn x(&self, bin: f64) -> f64 {
        self.left + (self.right - self.left) * (self.start_s(bin) - self.start_s(0.0)) / self.length_s()
    }

    /// The middle of a bin.
    fn middle(&self, bin: f64) -> f64 {
        (self.x(bin) + self.x(bin + 1.0)) / 2.0
    }

    fn point(&self, event: &PointerEvent) {
        let frame = self.element.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - frame.left() - self.left) / (self.right - self.left);
        let is_held = chosen().is_dragged;
        if !is_held && !(0.0..1.0).contains(&share) {
            return choose(|chosen| chosen.cursor_s = chosen.cursor_s.filter(|_| chosen.anchor_s.is_some()));
        }
        let bin = self.bin(self.start_s(0.0) + share * self.length_s()).clamp(0.0, self.bins - 1.0);
        let at_s = self.start_s(bin);
        choose(|chosen| {
            if chosen.anchor_s.is_none() || chosen.is_dragged {
                chosen.cursor_s = Some(at_s);
            }
        });
    }

    /// The first and the last bin of what is chosen.
    fn selected(&self, chosen: &Chosen) -> (f64, f64) {
        let cursor = self.bin(chosen.cursor_s.unwrap_or_default());
        let anchor = chosen.anchor_s.map_or(cursor, |at_s| self.bin(at_s));
        (cursor.min(anchor).max(0.0), cursor.max(anchor).min(self.bins - 1.0))
    }

    fn zoom(&self, first: f64, last: f64) -> String {
        let address = self.element.get_attribute("data-zoom").unwrap_or_default();
        let (from_s, to_s) = (self.start_s(first), self.start_s(last + 1.0));
        format!("{address}from={from_s:.0}&to={to_s:.0}")
    }

    fn row(&self, bin: f64) -> Option<Element> {
        dom::find(&format!("[data-bin=\"{bin:.0}\"]"))
    }
}

/// What is chosen, on screen.
fn show() {
    let (Some(plot), chosen) = (Plot::find(), chosen()) else { return };
    let cursor = chosen.cursor_s.map(|at_s| plot.bin(at_s)).filter(|bin| (0.0..plot.bins).contains(bin));
    if let Some(line) = dom::find("#plot-cursor") {
        dom::show(&line, cursor.is_some() && chosen.anchor_s.is_none());
        dom::place(&line, "left", plot.middle(cursor.unwrap_or_default()));
    }
    let range = cursor.filter(|_| chosen.anchor_s.is_some()).map(|_| plot.selected(&chosen));
    if let Some(area) = dom::find("#plot-selection") {
        dom::show(&area, range.is_some());
        let (first, last) = range.unwrap_or_default();
        dom::place(&area, "left", plot.x(first));
        dom::place(&area, "width", plot.x(last + 1.0) - plot.x(first));
    }
    let said = match (range, cursor) {
        (Some((first, last)), _) => summed(&plot, first, last),
        (None, Some(bin)) => plot.row(bin).map(|row| read(&row)).unwrap_or_default(),
        (None, None) => String::new(),
    };
    if let Some(place) = dom::find("#plot-read") {
        dom::show(&place, !said.is_empty());
        dom::write(&place, &said);
    }
    if let Some(place) = dom::find("#plot-key") {
        dom::show(&place, said.is_empty());
    }
    if let Some(place) = dom::find("#plot-choice") {
        dom::show(&place, range.is_some() && !chosen.is_dragged);
        if let (Some((first, last)), Ok(Some(link))) = (range, place.query_selector("a")) {
            dom::set(&link, "href", &plot.zoom(first, last));
        }
    }
    // To who cannot see it the plot is one value among its bins.
    let element = &plot.element;
    dom::set(element, "role", "slider");
    dom::set(element, "aria-valuemin", "1");
    dom::set(element, "aria-valuemax", &format!("{:.0}", plot.bins));
    dom::set(element, "aria-valuenow", &format!("{:.0}", cursor.unwrap_or(plot.bins - 1.0) + 1.0));
    let summary = element.get_attribute("aria-description").unwrap_or_default();
    dom::set(element, "aria-valuetext", if said.is_empty() { &summary } else { &said });
}

/// A row of the table, on a line.
fn read(row: &Element) -> String {
    let heads = dom::all("#plot-numbers thead th");
    let heads: Vec<String> = heads.into_iter().filter_map(|head| head.text_content()).collect();
    let cells = dom::within(row, "th, td").into_iter().filter_map(|cell| cell.text_content());
    let cells = cells.zip(heads).enumerate().filter(|(_, (cell, _))| cell != "·");
    let said: Vec<String> =
        cells.map(|(place, (cell, head))| if place == 0 { cell } else { format!("{head} {cell}") }).collect();
    said.join(" · ")
}

/// From when to when, and what the rows between add up to.
fn summed(plot: &Plot, first: f64, last: f64) -> String {
    let rows = (first as u32..=last as u32).filter_map(|bin| plot.row(f64::from(bin)));
    let sum: f64 = rows.filter_map(|row| dom::number(&row, "data-value")).sum();
    let start =
        |bin: f64| plot.row(bin).and_then(|row| row.query_selector("th").ok().flatten()?.text_content());
    let end = || dom::find("#plot-numbers table").and_then(|table| table.get_attribute("data-end"));
    let (from, to) = (start(first).unwrap_or_default(), start(last + 1.0).or_else(end).unwrap_or_default());
    let unit = plot.element.get_attribute("data-unit").unwrap_or_default();
    let sum = settings::number(sum, unit.contains('$'));
    format!("{from} – {to} · {}", unit.replace("{}", &sum))
}
