//! All that can be done, as a page: what the dialog shows, for who has no scripts.

use leptos::prelude::*;

use crate::frame::{Command, help_list, palette_lines};
use crate::reader::Reader;

/// What has every word that is asked for.
pub fn search(reader: &Reader, commands: Vec<Command>, asked: &str) -> AnyView {
    let text = &reader.text().frame;
    let words: Vec<String> = asked.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let fits = |command: &Command| {
        let told = format!("{} {}", command.group, command.name).to_lowercase();
        words.iter().all(|word| told.contains(word))
    };
    let found: Vec<Command> = commands.into_iter().filter(fits).collect();
    let is_empty = found.is_empty();
    view! {
        <h1>{text.palette}</h1>
        {search_field(reader, asked)}
        {is_empty.then(|| view! { <p class="empty">{text.nothing_found}</p> })}
        <ul class="commands">{palette_lines(found)}</ul>
        {words.is_empty().then(|| view! { <h2>{reader.text().keys.title}</h2>{help_list(reader)} })}
    }
    .into_any()
}

/// Where somebody types what they look for.
pub fn search_field(reader: &Reader, asked: &str) -> AnyView {
    let text = &reader.text().frame;
    view! {
        <form method="get" action="/search" class="search">
            <input type="search" name="q" value=asked.to_owned() placeholder=text.palette_hint aria-label=text.palette_hint/>
            <button type="submit">{text.find}</button>
        </form>
    }
    .into_any()
}
