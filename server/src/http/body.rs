//! Reading the body of a request, within bounds of size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower_http::timeout::{TimeoutBody, TimeoutError};
use vocabulary::ProblemKind;

use super::error::HttpError;

/// How long nothing may come.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the whole may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The whole of a body of at most `max_bytes`.
pub async fn read(body: Body, max_bytes: usize) -> Result<Bytes, HttpError> {
    let body = Limited::new(TimeoutBody::new(IDLE_TIMEOUT, body), max_bytes);
    match tokio::time::timeout(TIMEOUT, body.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(HttpError::new(
            ProblemKind::TooLarge,
            "body_too_large",
            format!("the body is larger than {max_bytes} bytes; send fewer events at once, or compress them"),
        )),
        Ok(Err(error)) if error.is::<TimeoutError>() => Err(timeout(format!(
            "nothing of the body came for {} s; send it without a pause",
            IDLE_TIMEOUT.as_secs()
        ))),
        Ok(Err(error)) => Err(HttpError::bad_request(
            "body_unreadable",
            format!("the body could not be read to its end: {error}"),
        )),
        Err(_) => Err(timeout(format!(
            "the body did not arrive within {} s; send fewer events at once",
            TIMEOUT.as_secs()
        ))),
    }
}

fn timeout(message: String) -> HttpError {
    HttpError::new(ProblemKind::TimedOut, "body_timeout", message)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;

    /// A body of single bytes, each after so many milliseconds, with the end right behind the last.
    fn slow<const N: usize>(pauses_ms: [u64; N]) -> Body {
        Body::from_stream(stream::unfold(pauses_ms.into_iter(), |mut pauses_ms| async {
            tokio::time::sleep(Duration::from_millis(pauses_ms.next()?)).await;
            Some((Ok::<_, Infallible>("x"), pauses_ms))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_pause_but_not_stop() {
        for (pause_ms, arrives) in [(14_999, true), (15_001, false)] {
            let read = read(slow([pause_ms, pause_ms]), 100).await;
            match arrives {
                true => assert_eq!(read.unwrap(), "xx", "{pause_ms}"),
                false => assert_refused(read, "15 s"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_comes_to_an_end() {
        for (last_ms, arrives) in [(9_998, true), (10_001, false)] {
            let read = read(slow([10_000, 10_000, 10_000, 10_000, 10_000, last_ms]), 100).await;
            match arrives {
                true => assert_eq!(read.unwrap(), "xxxxxx", "{last_ms}"),
                false => assert_refused(read, "60 s"),
            }
        }
    }

    fn assert_refused(read: Result<Bytes, HttpError>, said: &str) {
        let error = read.unwrap_err();
        assert_eq!((error.status().as_u16(), &*error.code), (408, "body_timeout"));
        assert!(error.message.contains(said), "{}", error.message);
    }
}
