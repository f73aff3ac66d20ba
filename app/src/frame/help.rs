//! The keys there are.

use leptos::prelude::*;

use crate::reader::Reader;

/// What opens the list of all that can be done; browsers on Apple's machines say how it is called there.
pub(super) const COMMAND_KEY: &str = "Ctrl+K";

/// The dialog with all keys.
pub fn help(reader: &Reader) -> AnyView {
    let text = &reader.text().keys;
    view! {
        <dialog id="help" class="help" aria-labelledby="help-title">
            <h2 id="help-title">{text.title}</h2>
            {help_list(reader)}
            <p class="footnote">{text.note}" "<a href="/settings#keys">{text.switch_off}</a></p>
            <form method="dialog" data-plain=""><button type="submit" autofocus="">{text.close}</button></form>
        </dialog>
    }
    .into_any()
}

/// Every key, and what it does.
pub fn help_list(reader: &Reader) -> AnyView {
    let lines = reader.text().keys.all.iter().map(|(keys, what)| {
        let keys = keys.split(' ').map(|key| {
            let is_command = (key == COMMAND_KEY).then_some("");
            view! { <kbd data-command-key=is_command data-own=is_command>{key.to_owned()}</kbd>" " }
        });
        let keys = keys.collect_view();
        view! { <div><dt>{keys}</dt><dd>{*what}</dd></div> }
    });
    view! { <dl class="keys">{lines.collect_view()}</dl> }.into_any()
}
