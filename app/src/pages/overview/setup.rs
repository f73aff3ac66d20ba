//! The first screen: what to paste until the first event arrives.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::setup::Setup;
use crate::parts::{CopyButton, Erase};

/// Lines to paste in one place, and what they do.
type Lines = (&'static str, String);

const THROUGH: &str = "One variable: calls go through Tacho to the Claude API, untouched.";
const HOOKED: &str = "Or one line: calls go to the API as before, and a hook reports each.";

/// How to be seen: through the proxy, by a hook, or by events of one's own.
#[component]
pub fn SetupScreen(
    /// What to fill in.
    setup: Setup,
) -> impl IntoView {
    let ways = [
        ("Claude Code", claude_code(&setup)),
        ("Python", python(&setup)),
        ("TypeScript", typescript(&setup)),
        ("curl", curl(&setup)),
    ];
    // Radio buttons, so that arrow keys choose, and the browser needs no script for it.
    let ways = ways.into_iter().enumerate().map(|(index, (name, lines))| {
        let holds = |placeholder: &str| lines.iter().any(|(_, text)| text.contains(placeholder));
        let keys = KEYS.into_iter().filter(|(placeholder, ..)| holds(placeholder)).map(|(placeholder, scope)| {
            let command = format!("tacho keys create --scope {scope} --name my-app");
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
            <label class="tab"><input type="radio" name="way" value=name checked=index == 0/>{name}</label>
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

/// What stands for a key of the reader's own in the lines, and the scope it needs.
const KEYS: [(&str, &str); 2] = [(PROXY_KEY, "proxy"), ("YOUR_INGEST_KEY", "ingest")];
const PROXY_KEY: &str = "tch_prx_...";

fn claude_code(setup: &Setup) -> Vec<Lines> {
    vec![(THROUGH, format!("{}claude", environment(setup, "", " \\\n")))]
}

fn python(setup: &Setup) -> Vec<Lines> {
    let Setup { base_url, ingest_key, .. } = setup;
    vec![
        (THROUGH, exported(setup)),
        (HOOKED, "pip install ./sdk/python   # in a clone of Tacho".to_owned()),
        (
            "Then, in your code:",
            format!(
                "import tacho\nfrom anthropic import Anthropic\n\n\
                 client = Anthropic(middleware=[tacho.hook(\"{base_url}\", \"{ingest_key}\")])"
            ),
        ),
    ]
}

fn typescript(setup: &Setup) -> Vec<Lines> {
    let Setup { base_url, ingest_key, .. } = setup;
    let install = "npm ci --prefix sdk/typescript       # in a clone of Tacho\n\
                   npm install <clone>/sdk/typescript   # in your project";
    vec![
        (THROUGH, exported(setup)),
        (HOOKED, install.to_owned()),
        (
            "Then, in your code:",
            format!(
                "import Anthropic from \"@anthropic-ai/sdk\";\nimport * as tacho from \"@tacho/hook\";\n\n\
                 const client = new Anthropic({{ middleware: [tacho.hook(\"{base_url}\", \"{ingest_key}\")] }});"
            ),
        ),
    ]
}

fn curl(setup: &Setup) -> Vec<Lines> {
    let Setup { base_url, ingest_key, proxy_needs_key, .. } = setup;
    let key = if *proxy_needs_key { format!("\n  -H 'x-tacho-key: {PROXY_KEY}' \\") } else { String::new() };
    let call = format!(
        "curl {base_url}/proxy/v1/messages \\\n  -H \"x-api-key: $ANTHROPIC_API_KEY\" \\{key}\n  \
         -H 'anthropic-version: 2023-06-01' -H 'content-type: application/json' \\\n  \
         -d '{{\"model\":\"claude-sonnet-5-5\",\"max_tokens\":64,\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
    );
    let event = format!(
        "curl {base_url}/v1/events \\\n  -H 'Authorization: Bearer {ingest_key}' \\\n  \
         -d '{{\"model\":\"claude-sonnet-5-5\",\"usage\":{{\"input_tokens\":412,\"output_tokens\":231}}}}'"
    );
    vec![
        ("A call through Tacho, with your own API key:", call),
        ("Or an event by itself, to see what happens. Nothing is called:", event),
    ]
}

/// The variables that lead calls through the proxy, for a shell that goes on with them.
fn exported(setup: &Setup) -> String {
    environment(setup, "export ", "\n").trim_end().to_owned()
}

fn environment(setup: &Setup, before: &str, after: &str) -> String {
    let address = format!("{before}ANTHROPIC_BASE_URL={}/proxy", setup.base_url);
    match setup.proxy_needs_key {
        true => {
            format!("{address}{after}{before}ANTHROPIC_CUSTOM_HEADERS=\"x-tacho-key: {PROXY_KEY}\"{after}")
        }
        // On one line, if there is room for it.
        false => format!("{address}{}", if before.is_empty() { " " } else { after }),
    }
}
