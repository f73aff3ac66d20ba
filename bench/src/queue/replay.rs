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
    /// It was answered after so long.
    Answered(Duration),
    /// 429 of the API.
    RefusedByApi,
    /// 429 of Tacho: as many wait as may, or it has waited as long as it may.
    RefusedByTacho,
    /// Another status.
    Other(StatusCode),
}

/// Sends each call to each target, and waits until all have ended. Returns the outcomes by target.
pub async fn replay(targets: &[Target], calls: &[Recorded]) -> Result<Vec<Vec<Outcome>>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let begin = Instant::now() + Duration::from_millis(100);
    let mut sending = JoinSet::new();
    for recorded in calls.iter().copied() {
        for (place, target) in targets.iter().copied().enumerate() {
            let client = client.clone();
            sending.spawn(async move {
                sleep_until((begin + recorded.at).into()).await;
                anyhow::Ok((place, send(&client, &target, recorded).await?))
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
) -> Result<Outcome> {
    let mut call = call(target, recorded)?;
    *call.uri_mut() = format!("http://{}{}", target.address, call.uri()).parse()?;
    let start = Instant::now();
    let answer = client.request(call).await?;
    let (status, is_tachos) = (answer.status(), answer.headers().contains_key("x-tacho-error"));
    answer.into_body().collect().await?;
    Ok(match status {
        StatusCode::OK => Outcome::Answered(start.elapsed()),
        StatusCode::TOO_MANY_REQUESTS if is_tachos => Outcome::RefusedByTacho,
        StatusCode::TOO_MANY_REQUESTS => Outcome::RefusedByApi,
        other => Outcome::Other(other),
    })
}

/// A call as large as the recorded one: the made-up API counts four bytes as a token of input, and answers as many
/// words as it is asked to.
fn call(target: &Target, recorded: Recorded) -> Result<Call, http::Error> {
    let body = |prompt: &str| {
        let output_tokens = recorded.output_tokens.max(1);
        format!(
            r#"{{"model":"claude-sonnet-5-5","max_tokens":{output_tokens},"messages":[{{"role":"user","content":"{prompt}"}}]}}"#
        )
    };
    let padding = (recorded.input_tokens * 4).saturating_sub(body("").len());
    let words = format!("words={}", recorded.output_tokens);
    target.call(&words, body(&"x".repeat(padding)))
}

/// How long those waited that were answered, in seconds: half of them no longer, 99 of a hundred no longer, none
/// longer.
pub fn waits(outcomes: &[Outcome]) -> [f64; 3] {
    let seconds = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Answered(after) => Some(after.as_secs_f64()),
        _ => None,
    });
    let mut seconds: Vec<f64> = seconds.collect();
    [50.0, 99.0, 100.0].map(|percent| percentile(&mut seconds, percent))
}
