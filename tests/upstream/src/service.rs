//! One request from its head to its answer.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use crate::answer::{Answer, set};
use crate::body::Body;
use crate::call::{Call, most_bytes};
use crate::encoding::Encoding;
use crate::error::Failure;
use crate::exchange::{Exchange, Outcome, Recording, listed};
use crate::routes;
use crate::scenario::{self, Scenario, Word};
use crate::state::State;

/// Answers a request. `reset` makes the connection end in a TCP reset.
pub(crate) async fn serve(
    state: Arc<State>,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Body>, h2::Error> {
    let (head, mut body) = request.into_parts();
    let accepted = head.headers.get("accept-encoding").and_then(|value| value.to_str().ok());
    let encoding = Encoding::accepted(accepted.unwrap_or_default());
    let path = head.uri.path().to_owned();
    if path.starts_with("/fake/") {
        let answer = routes::fake(&state, &head.method, &path);
        return Ok(response(&state, answer, encoding, None, reset));
    }

    let is_head = head.method == Method::HEAD;
    let request_id = state.id("req");
    let mut recording = state.log.begin(opened(&request_id, &head));
    let asked = head.headers.get(scenario::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(early) = Scenario::read(asked).ok().filter(|scenario| scenario.word == Word::Early) {
        pass_over(&mut body, early.after).await;
        let failure = too_large();
        let answer = dressed(&state, routes::refuse_plainly(&request_id, &failure), &request_id);
        return Ok(response(&state, answer, encoding, Some(recording), reset));
    }
    let answer = match read(body, most_bytes(&path)).await {
        Ok(body) => {
            recording.request_body(&body);
            let call = Call::read(&state, request_id.clone(), head.method, path, head.headers, &body);
            match call {
                Ok(call) if call.scenario.word == Word::Unheard => {
                    recording.end(Outcome::Cut);
                    return Err(h2::Reason::REFUSED_STREAM.into());
                }
                Ok(call) => {
                    recording.note(|exchange| {
                        exchange.model = call.json["model"].as_str().map(str::to_owned);
                        exchange.stream = call.json["stream"] == true;
                    });
                    routes::answer(&state, &call).await
                }
                Err(failure) => routes::refuse_plainly(&request_id, &failure),
            }
        }
        Err(Some(failure)) => routes::refuse_plainly(&request_id, &failure),
        // Nobody is left to answer.
        Err(None) => {
            recording.end(Outcome::ClientClosed);
            Answer::new(400, "application/json", [])
        }
    };
    let mut answer = dressed(&state, answer, &request_id);
    if is_head {
        answer.steps.clear();
    }
    Ok(response(&state, answer, encoding, Some(recording), reset))
}

/// The exchange that a head begins.
fn opened(request_id: &str, head: &http::request::Parts) -> Exchange {
    Exchange {
        request_id: request_id.to_owned(),
        method: head.method.to_string(),
        path_and_query: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        version: format!("{:?}", head.version),
        headers: listed(&head.headers),
        request_body: Bytes::new(),
        request_bytes: 0,
        request_sha256: String::new(),
        model: None,
        stream: false,
        status: None,
        answered_headers: Vec::new(),
        usage: None,
        body_sent: Bytes::new(),
        sent_bytes: 0,
        sent_sha256: String::new(),
        encoding: None,
        outcome: Outcome::Open,
        started: Instant::now(),
        ended: None,
        duration: None,
    }
}

/// Reads a body. Nothing when the client went meanwhile.
async fn read(body: Incoming, most: usize) -> Result<Bytes, Option<Failure>> {
    let collected = Limited::new(body, most).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|error| {
        let too_large = error.downcast_ref::<LengthLimitError>().is_some();
        too_large.then(self::too_large)
    })
}

fn too_large() -> Failure {
    Failure::new(413, "request_too_large", "Request exceeds the maximum size")
}

/// Reads at least so many bytes of a body, if it has them.
async fn pass_over(body: &mut Incoming, bytes: usize) {
    let mut read = 0;
    while read < bytes {
        let Some(Ok(frame)) = body.frame().await else { return };
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// Adds the headers that every answer of the API has.
fn dressed(state: &State, mut answer: Answer, request_id: &str) -> Answer {
    let headers: &mut HeaderMap = &mut answer.headers;
    if !headers.contains_key("request-id") {
        set(headers, "request-id", request_id);
    }
    set(headers, "anthropic-organization-id", &state.terms.organization);
    set(headers, "anthropic-workspace-id", &state.terms.workspace);
    answer
}

fn response(
    state: &Arc<State>,
    mut answer: Answer,
    encoding: Encoding,
    recording: Option<Recording>,
    reset: Arc<AtomicBool>,
) -> Response<Body> {
    let encoding = if answer.steps.is_empty() { Encoding::Identity } else { encoding };
    if let Some(name) = encoding.name() {
        set(&mut answer.headers, "content-encoding", name);
        set(&mut answer.headers, "vary", "accept-encoding");
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers.clone();
    if let Some(recording) = &recording {
        recording.note(|exchange| {
            exchange.status = Some(status.as_u16());
            exchange.answered_headers = listed(&headers);
            exchange.encoding = encoding.name().map(str::to_owned);
        });
    }
    let body = Body::new(state.clone(), answer, encoding, recording, reset);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
