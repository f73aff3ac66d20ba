//! The first screen: what to paste until the first event arrives.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::setup::{Setup, Way};
use crate::parts::{CopyButton, Erase};

/// How to be seen: through the proxy, by a hook, or by events of one's own.
#[component]
pub fn SetupScreen(
    /// What to fill in.
    setup: Setup,
) -> impl IntoView {
    // Radio buttons, so that arrow keys choose, and the browser needs no script for it.
    let ways = setup.ways.into_iter().enumerate().map(|(index, Way { name, lines, keys })| {
        let keys = keys.into_iter().map(|(placeholder, command)| {
            view! {
                <p class="notice">
                    "Put your key in place of " <code>{placeholder}</code> ". For a new one: " <code>{command}</code>
                </p>
            }
        });
        let keys = keys.collect_view();
        let lines = lines.into_iter().map(|(what, text)| {
            view! {
                <p>{what}</p>
                <div class="paste">
                    <pre tabindex="0"><code>{text.clone()}</code></pre>
                    <CopyButton text/>
                </div>
            }
        });
        view! {
            <label class="tab"><input type="radio" name="way" value=name.clone() checked=index == 0/>{name}</label>
            <div class="way">{lines.collect_view()} {keys}</div>
        }
    });
    view! {
        <Title text="Set up"/>
        <section class="card setup">
            <h2>"Make the first call"</h2>
            <p>
                "Tacho shows how near your use of the Claude API is to its limits, and warns at 80 %. It sees each call "
                "on its way through, or is told of it by your application."
            </p>
            <ol class="steps">
                <li>
                    <h3>"Paste one of these"</h3>
                    <fieldset class="tabs">
                        <legend class="unseen">"What calls the Claude API"</legend>
                        {ways.collect_view()}
                    </fieldset>
                    <p class="footnote">
                        "To tell apart what calls are for: " <code>"/proxy/p/<project>/f/<feature>"</code>
                        " in place of " <code>"/proxy"</code> ", or the headers " <code>"x-tacho-project"</code> ", "
                        <code>"-feature"</code> ", " <code>"-user"</code> " and " <code>"-session"</code> "."
                    </p>
                </li>
                <li>
                    <h3>"Watch this page"</h3>
                    <p class="listening" role="status">
                        "Listening for the first call. This page changes by itself when it arrives."
                    </p>
                    <noscript><p class="footnote">"Without JavaScript, load the page again."</p></noscript>
                </li>
                <li>
                    <h3>"Be warned in time"</h3>
                    <p>
                        <a href="/limits">"Look at your limits"</a> ", and " <a href="/channels">"add a webhook"</a>
                        " for the alerts."
                    </p>
                </li>
            </ol>
        </section>
    }
    .erased()
}
