//! How an application is connected: what to paste, and what was heard.

use leptos::prelude::*;

use crate::api::setup::{Heard, Way};
use crate::documents::Doc;
use crate::parts::copy_button;
use crate::reader::Reader;

/// How to be seen: through the proxy, by a hook, or by events of one's own.
pub fn connect(reader: &Reader, ways: &[Way]) -> AnyView {
    let text = &reader.text().connect;
    // Radio buttons, so that arrow keys choose, and the browser needs no script for it.
    let ways = ways.iter().enumerate().map(|(index, Way { name, lines, keys })| {
        let keys = keys.iter().map(|(placeholder, command)| {
            view! { <p class="notice">{text.put_key}" "<code>{placeholder.clone()}</code>". "{text.new_key}" "<code>{command.clone()}</code></p> }
        });
        let keys = keys.collect_view();
        let lines = lines.iter().map(|(what, lines)| {
            let what = text.steps.iter().find(|(word, _)| word == what).map_or_else(|| what.clone(), |(_, said)| (*said).to_owned());
            view! {
                <p>{what}</p>
                <div class="paste"><pre tabindex="0"><code>{lines.clone()}</code></pre>{copy_button(reader)}</div>
            }
        });
        view! {
            <label class="tab"><input type="radio" name="way" value=name.clone() checked=index == 0/>{name.clone()}</label>
            <div class="way">{lines.collect_view()} {keys}{documented(reader, name)}</div>
        }
    });
    view! {
        <section class="setup" aria-labelledby="paste">
            <h2 id="paste">{text.paste}</h2>
            <fieldset class="ways"><legend class="unseen">{text.what_calls}</legend>{ways.collect_view()}</fieldset>
            <p class="footnote">
                {text.to_tell_apart}" "<code>"/proxy/p/<project>/f/<feature>"</code>" "{text.or_headers}" "
                <code>"x-tacho-project"</code>", "<code>"x-tacho-feature"</code>", "<code>"x-tacho-user"</code>", "<code>"x-tacho-session"</code>"."
            </p>
        </section>
    }
    .into_any()
}

/// Which documents tell more of a way.
fn documented(reader: &Reader, way: &str) -> AnyView {
    let names = match way {
        "Claude Code" => ["claude-code", "proxy"],
        "Python" | "TypeScript" => ["sdk", "proxy"],
        _ => ["post-events", "proxy"],
    };
    let links = names.into_iter().filter_map(Doc::of_name).enumerate().map(|(place, doc)| {
        let joint = if place == 0 { " " } else { " · " };
        view! { {joint}<a href=doc.address() lang="en">{doc.title()}</a> }
    });
    view! { <p class="footnote">{reader.text().docs.of_way}{links.collect_view()}</p> }.into_any()
}

/// What has been heard, step by step.
pub fn heard(reader: &Reader, heard: &Heard) -> AnyView {
    let text = &reader.text().connect;
    let step = |is_done: bool, said: String, how: AnyView| {
        let sign = if is_done { "✓" } else { "○" };
        let state = if is_done { text.done } else { text.waits };
        view! { <li data-done=is_done.then_some("")><span class="step-sign" aria-hidden="true">{sign}</span><span class="unseen">{state}": "</span>{said}" "{how}</li> }
    };
    let nothing = || ().into_any();
    let called = match &heard.latest {
        Some((model, at_ms)) => (text.heard)(model, &reader.ago(*at_ms)),
        None => text.listening.to_owned(),
    };
    let learned = match heard.learned {
        0 => text.no_limits.to_owned(),
        number => (text.limits_learned)(&reader.count(number, crate::text::Noun::Limit)),
    };
    let told = match heard.delivered {
        Some(at_ms) => (text.told)(&reader.ago(at_ms)),
        None => text.nobody_told.to_owned(),
    };
    view! {
        <section aria-labelledby="heard">
            <h2 id="heard">{text.is_it_working}</h2>
            <div role="status"><ol class="heard">
                {step(heard.latest.is_some(), called, nothing())}
                {step(heard.learned > 0, learned, view! { <a href="/limits">{reader.text().frame.limits}</a> }.into_any())}
                {step(heard.delivered.is_some(), told, view! { <a href="/alerts">{reader.text().frame.alerts}</a> }.into_any())}
            </ol></div>
        </section>
    }
    .into_any()
}
