//! What is answered where. One file per resource.

mod batches;
mod fake;
mod files;
mod messages;
mod models;

use http::Method;

use crate::answer::{Answer, Cut, Step, set};
use crate::call::Call;
use crate::error::{Fails, Failure};
use crate::scenario::{End, Word};
use crate::state::State;

pub(crate) use fake::fake;

/// Answers a call.
pub(crate) async fn answer(state: &State, call: &Call) -> Answer {
    if call.scenario.word == Word::SilentBeforeHeaders {
        std::future::pending::<()>().await;
    }
    let mut answer = route(state, call).unwrap_or_else(|failure| refuse(state, call, &failure));
    // Limits were asked when the call came, and the headers say how they were then. A refusal needs no time.
    if call.scenario.word == Word::Slow && answer.status == 200 && !streams(call) {
        tokio::time::sleep(call.scenario.pause).await;
    }
    for number in 0..call.scenario.further_headers {
        let value = "v".repeat(call.scenario.header_bytes);
        set(&mut answer.headers, &format!("x-further-{number}"), &value);
    }
    answer.never_ends = call.scenario.end == End::Never;
    for (name, value) in &call.scenario.headers {
        set(&mut answer.headers, name, value);
    }
    if call.scenario.word == Word::Cut {
        answer.cut = Some(Cut { after: call.scenario.after, reset: call.scenario.reset });
    }
    answer
}

fn streams(call: &Call) -> bool {
    call.path == "/v1/messages" && call.json["stream"] == true
}

fn route(state: &State, call: &Call) -> Result<Answer, Failure> {
    let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    let get = call.method == Method::GET;
    let post = call.method == Method::POST;
    if call.method == Method::OPTIONS && call.header("access-control-request-method").is_some() {
        return Ok(models::preflight());
    }
    if parts.first() == Some(&"v1") {
        call.authenticate()?;
        if let Word::Fails(fails) = call.scenario.word {
            return Err(Failure::asked(fails, call.scenario.retry_after_s));
        }
    }
    match parts.as_slice() {
        ["v1", "messages"] if post => messages::create(state, call),
        ["v1", "messages", "count_tokens"] if post => messages::count(state, call),
        ["v1", "messages", "batches"] if post => batches::create(state, call),
        ["v1", "messages", "batches", id] if get => batches::retrieve(state, id),
        ["v1", "messages", "batches", id, "results"] if get => batches::results(state, call, id),
        ["v1", "complete"] if post => Ok(messages::complete(call)),
        ["v1", "models"] if get => Ok(models::list()),
        ["v1", "models", id] if get => models::retrieve(id),
        ["v1", "files", id, "content"] if get => Ok(files::content(call, id)),
        ["api", "hello"] if get || call.method == Method::HEAD => Ok(models::hello()),
        _ => Err(Failure::not_found("Not Found")),
    }
}

/// An error as the API answers it.
pub(crate) fn refuse(state: &State, call: &Call, failure: &Failure) -> Answer {
    let mut answer = refuse_plainly(&call.request_id, failure);
    match call.scenario.word {
        Word::Fails(Fails::BadGateway) => {
            answer.steps = [Step::send("<html><h1>502 Bad Gateway</h1></html>")].into();
            set(&mut answer.headers, "content-type", "text/html");
        }
        Word::Fails(Fails::Stalled) => {
            answer.steps = [Step::send("{\"type\":\"error\","), Step::Silence].into();
        }
        _ => {}
    }
    if failure.status == 429 && failure.retry_after_s.is_some() {
        messages::limit_headers(state, call, failure.limit, &mut answer.headers);
    }
    answer
}

/// An error that has nothing to do with limits.
pub(crate) fn refuse_plainly(request_id: &str, failure: &Failure) -> Answer {
    let mut answer = Answer::json(failure.status, &failure.body(request_id));
    if let Some(seconds) = failure.retry_after_s {
        set(&mut answer.headers, "retry-after", &seconds.to_string());
    }
    if let Some(retry) = failure.should_retry {
        set(&mut answer.headers, "x-should-retry", if retry { "true" } else { "false" });
    }
    answer
}
