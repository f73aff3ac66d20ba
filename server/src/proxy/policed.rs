//! A call that policies look after: held against each of them in turn, and sent as often as they say, if it is all there.

use std::time::Duration;

use axum::body::Body;
use domain::limits::Models;
use domain::usage::{Outcome, Policy};
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use vocabulary::wording;

use super::call::{Beginning, Call};
use super::forward::Proxy;
use super::headers;
use super::policy::asked::PolicedCall;
use super::policy::cache::{Cache, Kept};
use super::policy::credential::Credential;
use super::policy::enforce::{Admission, Exhausted, OpenCall};
use super::policy::queue::{NoPass, Pass};
use super::policy::retry::{FailedAttempt, Retry};
use super::refusal::CallRefusal;
use super::request::SentBody;
use super::upstream::{Coming, NoAnswer};

/// The header in which policies name themselves.
const HEADER: &str = "x-tacho-policy";
/// As much of an answer that is not passed on is read, to know what it was.
const MOST_DRAINED_BYTES: usize = 64 << 10;

impl Proxy {
    /// Sends a call as its policies say: with the body it was asked with, or once with one that `passes`.
    pub(super) async fn policed(
        &self,
        asked: PolicedCall,
        beginning: Beginning,
        mut passes: Option<Body>,
    ) -> Result<Response<Body>, CallRefusal> {
        let open = self.enforce(&beginning, asked.credential.clone())?;
        self.cool_down(&asked, &beginning)?;
        let cache = self.policies.cache(&asked);
        let cache = cache.and_then(|cache| Some((cache, cache.key(&asked)?)));
        if let Some((cache, key)) = &cache
            && let Some(kept) = cache.get(key)
        {
            return Ok(self.answer_with(kept, beginning));
        }
        let retry = self.policies.retry(&asked).filter(|_| asked.body.is_some());
        if let Some(retry) = retry {
            retry.note_call();
        }
        let mut retries = 0;
        loop {
            let mut call = self.call_of(beginning.clone());
            call.holds(open.clone());
            if retries > 0 {
                call.is_retry(retries);
            }
            let pass = self.queue(&asked, &mut call).await?;
            let body = match (&asked.body, passes.take()) {
                (None, Some(body)) => SentBody::new(body, beginning.request.clone()),
                (body, _) => SentBody::known(body.clone().unwrap_or_default()),
            };
            let sent = self.upstream.send(request(&asked, body)?).await;
            if let Ok(answer) = &sent {
                self.policies.enforce.answered(asked.credential.as_ref(), answer.headers());
                if let Some(pass) = &pass {
                    pass.answered(answer.status(), answer.headers(), &self.clock);
                }
            }
            match self.again(retry, retries + 1, sent, call).await {
                Again::After(pause) => tokio::time::sleep(pause).await,
                Again::No(answered) => {
                    let (answer, call) = *answered?;
                    let waited = pass.as_ref().map(|pass| pass.waited);
                    return Ok(self.pass_on_kept(answer, call, cache, said(waited, retries)));
                }
            }
            retries += 1;
        }
    }

    /// Holds a call against the limits that are enforced, as far as it is known; what is returned keeps it open.
    pub(super) fn enforce(
        &self,
        beginning: &Beginning,
        credential: Option<Credential>,
    ) -> Result<Option<OpenCall>, CallRefusal> {
        if !self.recorder.enforces() {
            return Ok(None);
        }
        let call = Admission {
            endpoint: &beginning.endpoint_word,
            class: beginning.class,
            may_spend: beginning.may_spend,
            models: if beginning.names_model { beginning.request.asks().models } else { Models::None },
            credential,
            dimensions: beginning.dimensions.clone(),
        };
        let admitted = self.policies.enforce.admit(&self.recorder, call, &self.clock);
        let Exhausted { limit, retry_after_s } = match admitted {
            Ok(open) => return Ok(Some(open)),
            Err(exhausted) => exhausted,
        };
        self.call_of(beginning.clone()).refused(Policy::Enforce);
        let limit = wording::name(&limit);
        let message = format!(
            "the limit `{limit}`, which is enforced here, is exhausted; it has room again in {retry_after_s} s"
        );
        Err(CallRefusal::throttled(Policy::Enforce, retry_after_s, message))
    }

    fn cool_down(&self, asked: &PolicedCall, beginning: &Beginning) -> Result<(), CallRefusal> {
        let now_ms = self.clock.now_ms();
        let mut cooldowns = self.policies.cooldowns(asked);
        cooldowns.try_for_each(|cooldown| cooldown.admit(asked, now_ms)).map_err(|wait_ms| {
            self.call_of(beginning.clone()).refused(Policy::Cooldown);
            CallRefusal::throttled(
                Policy::Cooldown,
                wait_ms.div_ceil(1_000),
                format!(
                    "calls of one user or session keep a distance here; the next may come in {wait_ms} ms"
                ),
            )
        })
    }

    /// Waits for the call's turn, if it has to.
    async fn queue(&self, asked: &PolicedCall, call: &mut Call) -> Result<Option<Pass>, CallRefusal> {
        let Some(queue) = self.policies.queue(asked) else { return Ok(None) };
        call.waits();
        match queue.wait(asked, &self.clock).await {
            Ok(pass) => {
                call.waited(pass.waited);
                Ok(Some(pass))
            }
            Err(no_pass) => {
                call.refused(Policy::Queue);
                let (retry_after_s, why) = match no_pass {
                    NoPass::Full { retry_after_s } => {
                        (retry_after_s, "as many calls wait for this pool as may")
                    }
                    NoPass::TooLong { retry_after_s } => {
                        (retry_after_s, "the call has waited for this pool as long as it may")
                    }
                };
                let message = format!("{why}; try again in {retry_after_s} s");
                Err(CallRefusal::throttled(Policy::Queue, retry_after_s, message))
            }
        }
    }

    /// Whether what came of an attempt is to be passed on, or tried again.
    async fn again(
        &self,
        retry: Option<&Retry>,
        number: u32,
        sent: Result<Response<Coming>, NoAnswer>,
        mut call: Call,
    ) -> Again {
        let (now_ms, random) = (self.clock.now_ms(), rand::random());
        match sent {
            Ok(answer) => {
                let attempt = FailedAttempt::Answered(answer.status(), answer.headers());
                let Some(pause) = retry.and_then(|retry| retry.pause(number, attempt, now_ms, random)) else {
                    return Again::No(Ok(Box::new((answer, call))));
                };
                let (head, body) = answer.into_parts();
                call.answered(head.status, &head.headers);
                drain(body, &mut call).await;
                Again::After(pause)
            }
            Err(error) => {
                let was_sent = !matches!(error, NoAnswer::Unreachable(_));
                let refusal = self.unanswered(&mut call, error);
                let pause = retry.filter(|_| !was_sent);
                match pause.and_then(|retry| retry.pause(number, FailedAttempt::NotSent, now_ms, random)) {
                    Some(pause) => Again::After(pause),
                    None => Again::No(Err(refusal)),
                }
            }
        }
    }

    fn pass_on_kept(
        &self,
        answer: Response<Coming>,
        call: Call,
        cache: Option<(&Cache, [u8; 32])>,
        said: Option<HeaderValue>,
    ) -> Response<Body> {
        let (status, is_cached) = (answer.status(), cache.is_some());
        let place = cache
            .and_then(|(cache, key)| cache.place(key, status, &headers::of_answer(answer.headers().clone())));
        let mut response = self.pass_on(answer, call, place);
        if let Some(said) = said {
            response.headers_mut().append(HEADER, said);
        }
        if is_cached {
            response.headers_mut().append(HEADER, HeaderValue::from_static("cache; miss"));
        }
        response
    }

    fn answer_with(&self, kept: Kept, beginning: Beginning) -> Response<Body> {
        let mut call = self.call_of(beginning);
        let id = call.answered_from_cache();
        let age_s = self.clock.now_ms().saturating_sub(kept.at_ms).max(0) / 1_000;
        let mut response = Response::new(Body::from(kept.body));
        *response.headers_mut() = kept.headers;
        self.name(response.headers_mut(), &id);
        response.headers_mut().insert("age", HeaderValue::from(age_s));
        response.headers_mut().append(HEADER, HeaderValue::from_static("cache; hit"));
        response
    }
}

enum Again {
    After(Duration),
    No(Result<Box<(Response<Coming>, Call)>, CallRefusal>),
}

/// The request, as it is sent each time.
fn request(asked: &PolicedCall, body: SentBody) -> Result<Request<SentBody>, CallRefusal> {
    let mut request = Request::new(body);
    *request.method_mut() = asked.method.clone();
    *request.uri_mut() = super::forward::uri(&asked.path_and_query)?;
    *request.headers_mut() = asked.headers.clone();
    Ok(request)
}

/// What policies did before the answer, in a word or two each.
fn said(waited: Option<Duration>, retries: u32) -> Option<HeaderValue> {
    let queue = waited.map(|waited| format!("queue; waited_ms={}", waited.as_millis()));
    let retry = (retries > 0).then(|| format!("retry; retries={retries}"));
    let said: Vec<String> = queue.into_iter().chain(retry).collect();
    if said.is_empty() { None } else { HeaderValue::from_str(&said.join(", ")).ok() }
}

/// Reads an answer that is not passed on, so that its event says why, and its connection can be used again.
async fn drain(mut body: Coming, call: &mut Call) {
    let mut read = 0;
    while read < MOST_DRAINED_BYTES {
        match body.frame().await {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    read += bytes.len();
                    call.passed(bytes);
                }
            }
            Some(Err(_)) => {
                call.ended(Outcome::Interrupted);
                return;
            }
            None => break,
        }
    }
    call.ended(Outcome::Complete);
}
