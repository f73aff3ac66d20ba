//! All that can be done from anywhere, as a list to search: in a dialog, or on a page of its own without scripts.

use leptos::prelude::*;
use vocabulary::view::{Compare, Day, Stretch};

use super::picker::{day_by_day_name, stretch_name};
use super::{Frame, StretchLinks};
use crate::documents::{DOCS, INDEX};
use crate::parts::{DIMENSIONS, MEASURES, csv_address};
use crate::reader::Reader;

/// Something that can be done, and the address that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What kind of thing it is.
    pub group: &'static str,
    pub name: String,
    pub address: String,
    /// It is a file, and no page.
    pub is_file: bool,
}

/// Every command, from what a page shows.
pub fn commands(reader: &Reader, frame: &Frame) -> Vec<Command> {
    let text = reader.text();
    let view = &frame.view;
    let command = |group: &'static str, name: &str, address: String| Command {
        group,
        name: name.to_owned(),
        address,
        is_file: false,
    };
    let page = |name: &str, path: &str| command(text.frame.pages, name, view.address(path));
    let mut all = vec![
        page(text.frame.now, "/"),
        page(text.frame.limits, "/limits"),
        page(text.frame.alerts, "/alerts"),
        page(text.frame.settings, "/settings"),
        page(text.frame.connect, "/settings/connect"),
        page(text.frame.access, "/settings/access"),
        page(text.frame.health, "/settings/health"),
        page(text.frame.docs, "/docs"),
        command(text.frame.limits, text.now.set_a_limit, "/limits#add".to_owned()),
    ];
    let nowhere = StretchLinks { from_s: 0, to_s: 0, earlier: None, later: None, doubled: None };
    let links = frame.stretch.as_ref().unwrap_or(&nowhere);
    all.extend(Stretch::QUICK.iter().map(|stretch| {
        command(
            text.time.title,
            &stretch_name(reader, *stretch, links),
            view.with_stretch(*stretch).address("/"),
        )
    }));
    all.extend(Compare::ALL.iter().map(|vs| {
        command(
            text.time.title,
            &(text.time.compared_with)(text.time.compare[*vs as usize]),
            view.with_vs(*vs).address("/"),
        )
    }));
    let day_by_day = view.with_stretch(Stretch::Day(Day::Today)).with_vs(Compare::Day);
    all.push(command(text.time.title, &day_by_day_name(reader), day_by_day.address("/")));
    all.extend(MEASURES.iter().map(|measure| {
        command(text.now.measures, text.words.measure(*measure), view.with_measure(*measure).address("/"))
    }));
    all.extend(
        DIMENSIONS
            .iter()
            .map(|by| command(text.now.breakdown, text.words.dimension(*by), view.with_by(*by).address("/"))),
    );
    all.extend(DIMENSIONS.iter().map(|by| Command {
        is_file: true,
        ..command("CSV", text.words.dimension(*by), csv_address(view, *by))
    }));
    let docs = DOCS.iter().filter(|doc| doc.name != INDEX);
    all.extend(docs.map(|doc| command(text.frame.docs, doc.title(), doc.address())));
    all
}

/// The dialog.
pub fn palette(reader: &Reader, frame: &Frame) -> AnyView {
    let text = &reader.text().frame;
    let lines = palette_lines(commands(reader, frame));
    view! {
        <dialog id="palette" class="palette" aria-label=text.palette>
            <form method="get" action="/search">
                <input type="search" name="q" placeholder=text.palette_hint aria-label=text.palette_hint autocomplete="off" spellcheck="false"/>
            </form>
            <ul>{lines}</ul>
            <p class="empty" role="status" data-own="" hidden>{text.nothing_found}</p>
        </dialog>
    }
    .into_any()
}

/// Commands as lines; the first of a group says which group it is.
pub fn palette_lines(commands: Vec<Command>) -> AnyView {
    let mut before = "";
    let lines = commands.into_iter().map(|command| {
        let is_first = std::mem::replace(&mut before, command.group) != command.group;
        palette_line(command, is_first)
    });
    lines.collect_view().into_any()
}

fn palette_line(command: Command, is_first: bool) -> AnyView {
    let Command { group, name, address, is_file } = command;
    // Documents have their titles in English.
    let language = address.starts_with("/docs/").then_some("en");
    view! { <li data-first=is_first.then_some("")><a href=address download=is_file.then_some("")><span class="palette-group">{group}</span>" "<span lang=language>{name}</span></a></li> }.into_any()
}
