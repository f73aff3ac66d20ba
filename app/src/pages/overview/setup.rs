//! The first screen: what to paste until the first event arrives.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::setup::Setup;
use crate::parts::{CopyButton, Erase};

/// How to send the first event, in three languages.
#[component]
pub fn SetupScreen(
    /// What to fill in.
    setup: Setup,
) -> impl IntoView {
    let ways = [("curl", curl(&setup)), ("Python", python(&setup)), ("TypeScript", typescript(&setup))];
    let ways = ways.into_iter().enumerate().map(|(index, (name, text))| {
        view! {
            <details class="way" name="way" open=index == 0>
                <summary>{name}</summary>
                <div class="paste">
                    <pre><code>{text.clone()}</code></pre>
                    <CopyButton text/>
                </div>
            </details>
        }
    });
    view! {
        <Title text="Set up"/>
        <section class="card setup">
            <h2>"Send the first event"</h2>
            <p>
                "Tacho shows how near your use of the Claude API is to its limits, and warns at 80 %. It learns of "
                "each call from your application, after the call has ended."
            </p>
            <ol class="steps">
                <li>
                    <h3>"Paste one of these"</h3>
                    {(!setup.key_is_real).then(|| view! {
                        <p class="notice">
                            "Put your key in place of " <code>"YOUR_INGEST_KEY"</code> ". For a new one: "
                            <code>"tacho keys create --scope ingest --name my-app"</code>
                        </p>
                    })}
                    {ways.collect_view()}
                </li>
                <li>
                    <h3>"Watch this page"</h3>
                    <p class="listening" role="status">
                        "Listening for the first event. This page changes by itself when it arrives."
                    </p>
                    <noscript><p class="footnote">"Without JavaScript, load the page again."</p></noscript>
                </li>
                <li>
                    <h3>"Be warned in time"</h3>
                    <p>
                        <a href="/limits">"Put in your plan's limits"</a> ", and "
                        <a href="/channels">"add a webhook"</a> " for the alerts."
                    </p>
                </li>
            </ol>
        </section>
    }
    .erased()
}

const EVENT: &str = r#"{"model":"claude-sonnet-5-5","usage":{"input_tokens":412,"output_tokens":231}}"#;

fn curl(setup: &Setup) -> String {
    format!(
        "curl {}/v1/events \\\n  -H 'Authorization: Bearer {}' \\\n  -d '{EVENT}'",
        setup.base_url, setup.ingest_key
    )
}

fn python(setup: &Setup) -> String {
    format!(
        "import json, urllib.request\n\n\
         event = {{\"model\": \"claude-sonnet-5-5\", \"usage\": {{\"input_tokens\": 412, \"output_tokens\": 231}}}}\n\
         urllib.request.urlopen(urllib.request.Request(\n    \
             \"{}/v1/events\",\n    json.dumps(event).encode(),\n    \
             {{\"Authorization\": \"Bearer {}\", \"Content-Type\": \"application/json\"}},\n))",
        setup.base_url, setup.ingest_key
    )
}

fn typescript(setup: &Setup) -> String {
    format!(
        "await fetch(\"{}/v1/events\", {{\n  method: \"POST\",\n  headers: {{\n    \
         Authorization: \"Bearer {}\",\n    \"Content-Type\": \"application/json\",\n  }},\n  \
         body: JSON.stringify({{\n    model: \"claude-sonnet-5-5\",\n    usage: {{ input_tokens: 412, output_tokens: 231 }},\n  }}),\n}});",
        setup.base_url, setup.ingest_key
    )
}
