//! `/fake/exchanges`: what was exchanged, for tests in other languages and processes.

use http::Method;
use serde_json::json;

use crate::answer::Answer;
use crate::error::Failure;
use crate::routes::refuse_plainly;
use crate::state::State;

/// Answers what begins with `/fake/`; none of it is remembered itself.
pub(crate) fn fake(state: &State, method: &Method, path: &str) -> Answer {
    match (path, method) {
        ("/fake/exchanges", &Method::GET) => Answer::json(200, &json!(state.log.all())),
        ("/fake/exchanges", &Method::DELETE) => {
            state.forget();
            Answer::new(204, "application/json", [])
        }
        _ => refuse_plainly("", &Failure::not_found("there is GET and DELETE /fake/exchanges")),
    }
}
