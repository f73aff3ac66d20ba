//! How to be seen: through the proxy, by a hook, or by events of one's own. Written here, so that browsers need not.

use app::api::setup::Way;

/// Lines to paste in one place, and what they do.
type Lines = (&'static str, String);

/// What lines do, by words that pages put into sentences.
const THROUGH: &str = "through";
const HOOKED: &str = "hooked";

/// What stands for a key of the reader's own in the lines, and the scope it needs.
const KEYS: [(&str, &str); 2] = [(PROXY_KEY, "proxy"), (INGEST_KEY, "ingest")];
/// Stands for an ingest key where there is none to show.
pub(super) const INGEST_KEY: &str = "YOUR_INGEST_KEY";
const PROXY_KEY: &str = "tch_prx_...";

/// What is filled in.
pub(super) struct Place {
    /// The address of this Tacho, e.g. `http://127.0.0.1:8787`.
    pub base_url: String,
    /// An ingest key, or what stands for one.
    pub ingest_key: String,
    /// Calls through the proxy need a key for Tacho beside the API's own.
    pub proxy_needs_key: bool,
}

/// Every way, in the order they are offered.
pub(super) fn ways(place: &Place) -> Vec<Way> {
    [
        ("Claude Code", claude_code(place)),
        ("Python", python(place)),
        ("TypeScript", typescript(place)),
        ("curl", curl(place)),
    ]
    .into_iter()
    .map(|(name, lines)| {
        let holds = |placeholder: &str| lines.iter().any(|(_, text)| text.contains(placeholder));
        let keys =
            KEYS.into_iter().filter(|(placeholder, _)| holds(placeholder)).map(|(placeholder, scope)| {
                (placeholder.to_owned(), format!("tacho keys create --scope {scope} --name my-app"))
            });
        let keys = keys.collect();
        let lines = lines.into_iter().map(|(what, text)| (what.to_owned(), text)).collect();
        Way { name: name.to_owned(), lines, keys }
    })
    .collect()
}

fn claude_code(place: &Place) -> Vec<Lines> {
    vec![(THROUGH, format!("{}claude", environment(place, "", " \\\n")))]
}

fn python(place: &Place) -> Vec<Lines> {
    let Place { base_url, ingest_key, .. } = place;
    vec![
        (THROUGH, exported(place)),
        (HOOKED, "pip install ./sdk/python   # in a clone of Tacho".to_owned()),
        (
            "in_code",
            format!(
                "import tacho\nfrom anthropic import Anthropic\n\n\
                 client = Anthropic(middleware=[tacho.hook(\"{base_url}\", \"{ingest_key}\")])"
            ),
        ),
    ]
}

fn typescript(place: &Place) -> Vec<Lines> {
    let Place { base_url, ingest_key, .. } = place;
    let install = "npm ci --prefix sdk/typescript        # in the clone of Tacho\n\
                   npm install ../tacho/sdk/typescript   # in your project, beside the clone";
    vec![
        (THROUGH, exported(place)),
        (HOOKED, install.to_owned()),
        (
            "in_code",
            format!(
                "import Anthropic from \"@anthropic-ai/sdk\";\nimport * as tacho from \"@tacho/hook\";\n\n\
                 const client = new Anthropic({{ middleware: [tacho.hook(\"{base_url}\", \"{ingest_key}\")] }});"
            ),
        ),
    ]
}

fn curl(place: &Place) -> Vec<Lines> {
    let Place { base_url, ingest_key, proxy_needs_key, .. } = place;
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
    vec![("call", call), ("event", event)]
}

/// The variables that lead calls through the proxy, for a shell that goes on with them.
fn exported(place: &Place) -> String {
    environment(place, "export ", "\n").trim_end().to_owned()
}

fn environment(place: &Place, before: &str, after: &str) -> String {
    let address = format!("{before}ANTHROPIC_BASE_URL={}/proxy", place.base_url);
    match place.proxy_needs_key {
        true => {
            format!("{address}{after}{before}ANTHROPIC_CUSTOM_HEADERS=\"x-tacho-key: {PROXY_KEY}\"{after}")
        }
        // On one line, if there is room for it.
        false => format!("{address}{}", if before.is_empty() { " " } else { after }),
    }
}
