//! Sends calls when they came, whatever has become of those before.

use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::trace::Recorded;
use crate::calls::{Call, Target};
use crate::figures::percentile;

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    Answered {
        /// What it took beyond what the API takes.
        waited: Duration,
    },
    /// 429 of the API.
    RefusedByApi,
    /// 429 of Tacho: as many wait as may, or it has waited as long as it may.
    RefusedByTacho,
    /// Another status.
    Other(StatusCode),
}

/// Sends each call to each target, and waits until all have ended. `takes_ms` says how long the API takes for an
/// answer. Returns the outcomes by target.
pub async fn replay(
    targets: &[Target],
    calls: &[Recorded],
    takes_ms: impl Fn(&Recorded) -> u64,
) -> Result<Vec<Vec<Outcome>>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let begin = Instant::now() + Duration::from_millis(100);
    let mut sending = JoinSet::new();
    for recorded in calls.iter().copied() {
        let takes_ms = takes_ms(&recorded);
        for (place, target) in targets.iter().copied().enumerate() {
            let client = client.clone();
            sending.spawn(async move {
                sleep_until((begin + recorded.at).into()).await;
                anyhow::Ok((place, send(&client, &target, recorded, takes_ms).await?))
            });
        }
    }
    let mut outcomes = vec![Vec::with_capacity(calls.len()); targets.len()];
    while let Some(sent) = sending.join_next().await {
        let (place, outcome) = sent??;
        outcomes[place].push(outcome);
    }
    Ok(outcomes)
}

async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    target: &Target,
    recorded: Recorded,
    takes_ms: u64,
) -> Result<Outcome> {
    let mut call = call(target, recorded, takes_ms)?;
    *call.uri_mut() = format!("http://{}{}", target.address, call.uri()).parse()?;
    let start = Instant::now();
    let answer = client.request(call).await?;
    let (status, is_tachos) = (answer.status(), answer.headers().contains_key("x-tacho-error"));
    answer.into_body().collect().await?;
    Ok(match status {
        StatusCode::OK => {
            Outcome::Answered { waited: start.elapsed().saturating_sub(Duration::from_millis(takes_ms)) }
        }
        StatusCode::TOO_MANY_REQUESTS if is_tachos => Outcome::RefusedByTacho,
        StatusCode::TOO_MANY_REQUESTS => Outcome::RefusedByApi,
        other => Outcome::Other(other),
    })
}

/// A call as large as the recorded one: the made-up API counts four bytes as a token of input, and answers as many
/// words as it is asked to, when it is asked to.
fn call(target: &Target, recorded: Recorded, takes_ms: u64) -> Result<Call, http::Error> {
    let body = |prompt: &str| {
        let output_tokens = recorded.output_tokens.max(1);
        format!(
            r#"{{"model":"claude-sonnet-5-5","max_tokens":{output_tokens},"messages":[{{"role":"user","content":"{prompt}"}}]}}"#
        )
    };
    let padding = (recorded.input_tokens * 4).saturating_sub(body("").len());
    let scenario = format!("slow; ms={takes_ms}; words={}", recorded.output_tokens);
    target.call(&scenario, body(&"x".repeat(padding)))
}

/// How long those waited that were answered, in seconds: half of them no longer, 99 of a hundred no longer, none
/// longer.
pub fn waits(outcomes: &[Outcome]) -> [f64; 3] {
    let seconds = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Answered { waited } => Some(waited.as_secs_f64()),
        _ => None,
    });
    let mut seconds: Vec<f64> = seconds.collect();
    [50.0, 99.0, 100.0].map(|percent| percentile(&mut seconds, percent))
}
