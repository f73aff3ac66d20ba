//! The official Python SDK finds in the upstream what it expects of the API.

use std::io::Write;
use std::process::Stdio;

use tokio::process::Command;
use upstream::{Outcome, Terms, Upstream};

const SCRIPT: &str = r#"
import sys, anthropic
client = anthropic.Anthropic(base_url=sys.argv[1], api_key="sk-ant-test")
ask = dict(model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "hi"}])

raw = client.messages.with_raw_response.create(**ask)
message = raw.parse()
assert message._request_id == raw.headers["request-id"], raw.headers
assert message.usage.output_tokens == 20 and message.usage.cache_creation.ephemeral_5m_input_tokens == 0
assert message.content[0].text and message.stop_reason == "end_turn"

with client.messages.stream(**ask) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
assert final.content[0].text == text and final.usage.output_tokens == 20, final

retried = client.messages.create(**ask, extra_headers={"x-fake-scenario": "rate_limited; retry-after=0; attempts=2"})
assert retried.usage.output_tokens == 20

try:
    client.messages.create(**ask, extra_headers={"x-fake-scenario": "spend_cap"})
    raise SystemExit("the spend cap was not noticed")
except anthropic.RateLimitError as error:
    assert error.body["error"]["details"]["error_code"] == "enforced_spend_limit_reached", error.body

assert client.messages.count_tokens(model=ask["model"], messages=ask["messages"]).input_tokens > 0
assert "claude-sonnet-5-5" in [model.id for model in client.models.list()]
batch = client.messages.batches.create(requests=[
    {"custom_id": "one", "params": ask}, {"custom_id": "expired-two", "params": ask}])
results = list(client.messages.batches.results(batch.id))
assert [result.result.type for result in results] == ["succeeded", "expired"], results
print("done")
"#;

#[tokio::test]
async fn the_python_sdk_can_call_it() {
    let Some(python) = std::env::var_os("TACHO_TEST_PYTHON") else {
        // Past the harness, which keeps the output of tests that pass.
        let why = "no Python with packages here; `cargo xtask test` makes one";
        let _ = writeln!(std::io::stderr(), "SKIPPED the_python_sdk_can_call_it: {why}");
        return;
    };
    let upstream = Upstream::start(Terms::default()).await;
    let script =
        Command::new(python).args(["-c", SCRIPT, &upstream.base_url]).stdout(Stdio::piped()).output();
    let output = script.await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done");
    let exchanges = upstream.exchanges();
    let retries: Vec<_> =
        exchanges[2..5].iter().map(|exchange| exchange.header("x-stainless-retry-count").unwrap()).collect();
    assert_eq!(retries, ["0", "1", "2"]);
    assert!(exchanges.iter().all(|exchange| exchange.outcome == Outcome::Complete));
}
