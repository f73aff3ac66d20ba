//! A call comes in, goes on to the API, and its answer goes back.

use std::sync::Arc;

use axum::body::Body;
use domain::limits::pools::{Pools, Tier};
use domain::read::bounds::Bounds;
use domain::usage::{Dimensions, Fingerprints, Outcome, RemarkCode};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use hyper::body::Body as _;
use vocabulary::ProblemKind;

use super::answer::AnswerBody;
use super::asks::Asks;
use super::astray::Astray;
use super::attribution::dimensions;
use super::base_url::BaseUrl;
use super::call::{Beginning, Call};
use super::cors::{Origins, asks_for_page, is_preflight};
use super::headers;
use super::journal::Journal;
use super::own_key;
use super::pages;
use super::policy::Policies;
use super::policy::asked::{CacheWish, PolicedCall};
use super::policy::cache::CacheEntry;
use super::policy::room::{Collected, Whole};
use super::refusal::CallRefusal;
use super::request::{RequestFacts, SentBody};
use super::request_ids::RequestIds;
use super::route::{Route, is_rewritten};
use super::upstream::{Coming, NoAnswer, Upstream};
use crate::access::gate::Gate;
use crate::clock::Clock;
use crate::record::recorder::Recorder;
use crate::secrets::{KeyScope, StoredKey};
use crate::wire::head;

/// Everything a call needs.
pub struct Proxy {
    /// The way to the API.
    pub upstream: Upstream,
    /// Takes the events.
    pub journal: Journal,
    /// Knows the ids of the last exchanges.
    pub request_ids: RequestIds,
    /// Checks keys for Tacho.
    pub gate: Arc<Gate>,
    /// Whether calls without such a key are refused.
    pub needs_key: bool,
    /// Names the API's keys.
    pub fingerprints: Fingerprints,
    /// Tells the time.
    pub clock: Clock,
    /// How long names may be.
    pub bounds: Bounds,
    /// What is done beyond passing calls on.
    pub policies: Policies,
    /// Knows where enforced limits stand.
    pub recorder: Recorder,
    /// Whether answers carry `x-tacho-request-id`.
    pub names_requests: bool,
    /// Whose pages may call.
    pub origins: Origins,
    /// Where callers find Tacho.
    pub base_url: BaseUrl,
}

/// Answers a request to `/proxy/...`.
pub async fn forward(proxy: &Proxy, request: Request<Body>) -> Response<Body> {
    if is_preflight(&request) && !is_rewritten(request.headers()) {
        return proxy.preflight(request).await.unwrap_or_else(CallRefusal::into_response);
    }
    let granted = proxy.origins.granted(request.headers());
    let is_head = request.method() == Method::HEAD;
    let refuse =
        |refusal: CallRefusal| refusal.into_response().map(|body| if is_head { Body::empty() } else { body });
    let mut answer = proxy.call(request).await.unwrap_or_else(refuse);
    proxy.origins.say(granted, answer.headers_mut());
    answer
}

impl Proxy {
    /// Answers what a browser asks before a call. It is no call: it can carry no key, and leaves no event.
    async fn preflight(&self, request: Request<Body>) -> Result<Response<Body>, CallRefusal> {
        if self.origins.decide() {
            return self.origins.answer(request.headers());
        }
        if let Some(message) = head::too_large(&request) {
            return Err(CallRefusal::head_too_large(message));
        }
        let (mut head, body) = request.into_parts();
        if !self.needs_key && pages::is_foreign(&head) {
            return self.origins.answer(&head.headers);
        }
        // Browsers send none along; nobody else gets to use the way past the keys for more.
        for name in ["authorization", "x-api-key", "cookie"] {
            head.headers.remove(name);
        }
        let route = Route::of(&head.uri).map_err(|astray| self.astray(astray, &head))?;
        own_key::keep_out_of(&route.path_and_query())?;
        self.pass_unseen(route.path_and_query(), head.method, head.headers, body).await
    }

    /// Passes on what is no call, and leaves no event.
    async fn pass_unseen(
        &self,
        path_and_query: String,
        method: Method,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Response<Body>, CallRefusal> {
        let headers = headers::of_request(headers);
        let sent = outgoing(&path_and_query, &method, headers, SentBody::new(body, RequestFacts::none()))?;
        let answer = self.upstream.send(sent).await.map_err(|error| self.no_answer(error))?;
        let (head, body) = answer.into_parts();
        let mut response = Response::new(Body::new(body));
        *response.status_mut() = head.status;
        *response.headers_mut() = headers::of_answer(head.headers);
        Ok(response)
    }

    /// The answer to a call that came to where there is nothing. A page that may call the proxy may read it, too.
    pub fn answer_astray(&self, astray: Astray, head: &Parts) -> Response<Body> {
        let granted = self.origins.granted(&head.headers);
        if asks_for_page(&head.method, &head.headers) && granted.is_some() {
            return self.origins.answer(&head.headers).unwrap_or_else(CallRefusal::into_response);
        }
        let mut answer = self.astray(astray, head).into_response();
        self.origins.say(granted, answer.headers_mut());
        answer
    }

    /// How a caller is told of an address that leads nowhere.
    fn astray(&self, astray: Astray, head: &Parts) -> CallRefusal {
        astray.refusal(&self.base_url.for_caller(head))
    }

    async fn call(&self, request: Request<Body>) -> Result<Response<Body>, CallRefusal> {
        if let Some(message) = head::too_large(&request) {
            return Err(CallRefusal::head_too_large(message));
        }
        let (mut head, body) = request.into_parts();
        let own_key = own_key::take(&mut head.headers);
        let route = Route::of(&head.uri).map_err(|astray| self.astray(astray, &head))?.under(&head.headers);
        if route.is_hello(&head.method).map_err(|astray| self.astray(astray, &head))? {
            return Ok(Response::new(Body::empty()));
        }
        own_key::keep_out_of(&route.path_and_query())?;
        let key = self.key(&head.headers, own_key.as_deref()).await?;
        if key.is_none() {
            pages::keep_out(&head, &self.origins)?;
        }
        if own_key.is_some() && !own_key::leaves_a_credential(&head.headers) {
            return Err(CallRefusal::unauthenticated(
                "no_api_key",
                "the key for Tacho came where the API's own belongs, and there is none for the API: send Tacho's as \
                 x-tacho-key (ANTHROPIC_CUSTOM_HEADERS=\"x-tacho-key: tch_prx_...\"), and the API's as before",
            ));
        }
        // Asks what may be asked, and nothing of the API.
        if head.method == Method::OPTIONS && !is_rewritten(&head.headers) {
            return self.pass_unseen(route.path_and_query(), head.method, head.headers, body).await;
        }
        let mut beginning = self.begin(&head, &route, key.as_ref());
        let is_enforced = self.recorder.enforces();
        let is_covered = beginning.generates() && self.policies.may_cover(&beginning.dimensions.project);
        let is_looked_after = is_covered || is_enforced;
        let credential = if is_looked_after { self.policies.credential(&head.headers) } else { None };
        let cache_wish = CacheWish::of(&head.headers);
        // From here on as the API is to see them: what it is not sent says nothing about what it is.
        let headers = headers::of_request(head.headers);
        if beginning.names_model {
            beginning.request = RequestFacts::new(&headers);
        }
        if is_looked_after && beginning.names_model {
            let announced = body.size_hint().lower();
            let (whole, passes) = match self.policies.room.collect(body).await {
                Collected::Whole(whole) => (Some(whole), None),
                Collected::Passing(body) => (None, Some(body)),
                Collected::GivenUp => return Err(CallRefusal::too_slow()),
            };
            let asked = PolicedCall {
                method: head.method,
                path_and_query: route.path_and_query(),
                headers,
                credential,
                cache_wish,
                ..asked(&beginning, whole).await
            };
            let asked = PolicedCall { body_bytes: asked.body_bytes.max(announced), ..asked };
            return self.policed(asked, beginning, passes).await;
        }
        let open = if is_enforced { self.enforce(&beginning, credential.clone())? } else { None };
        let body = SentBody::new(body, beginning.request.clone());
        let request = outgoing(&route.path_and_query(), &head.method, headers, body)?;
        let mut call = self.call_of(beginning);
        call.holds(open);
        match self.upstream.send(request).await {
            Ok(answer) => {
                self.policies.enforce.answered(credential.as_ref(), answer.headers());
                Ok(self.pass_on(answer, call, None))
            }
            Err(error) => Err(self.unanswered(&mut call, error)),
        }
    }

    /// What is known of a call before its body.
    fn begin(&self, head: &Parts, route: &Route<'_>, key: Option<&StoredKey>) -> Beginning {
        let (mut dimensions, mut remarks) =
            dimensions(route, &head.headers, &self.fingerprints, &self.bounds);
        if let Some(key) = key {
            let has_no_room = dimensions.fill_from(&key.defaults, self.bounds.labels);
            if dimensions.bind_to(&key.bound, self.bounds.labels) || has_no_room {
                remarks.note(RemarkCode::Cut, "labels");
            }
        }
        let attempt = head.headers.get("x-stainless-retry-count");
        Beginning {
            endpoint: route.endpoint(&head.method),
            endpoint_word: route.endpoint_word(),
            class: route.class(&head.method),
            may_spend: route.may_spend(&head.method),
            names_model: route.names_model(&head.method),
            attempt: attempt.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0),
            dimensions,
            remarks,
            request: RequestFacts::none(),
        }
    }

    /// A call that begins now.
    pub(super) fn call_of(&self, beginning: Beginning) -> Call {
        Call::new(beginning, self.journal.clone(), self.request_ids.clone(), self.clock.clone())
    }

    /// The answer on its way to the caller.
    pub(super) fn pass_on(
        &self,
        answer: Response<Coming>,
        mut call: Call,
        place: Option<CacheEntry>,
    ) -> Response<Body> {
        let (head, body) = answer.into_parts();
        let id = call.answered(head.status, &head.headers);
        // Without the version: how the API speaks says nothing about how the caller does.
        let mut response = Response::new(Body::new(AnswerBody::new(body, call, place)));
        *response.status_mut() = head.status;
        *response.headers_mut() = headers::of_answer(head.headers);
        self.name(response.headers_mut(), &id);
        response
    }

    /// Says under which id the event of a call is found.
    pub(super) fn name(&self, headers: &mut HeaderMap, id: &str) {
        if self.names_requests
            && let Ok(id) = HeaderValue::from_str(id)
        {
            headers.insert("x-tacho-request-id", id);
        }
    }

    /// There was no answer.
    pub(super) fn unanswered(&self, call: &mut Call, error: NoAnswer) -> CallRefusal {
        match &error {
            NoAnswer::Unreachable(_) => {
                call.ended(Outcome::Unreachable);
            }
            NoAnswer::Closed(_) => {
                call.ended(Outcome::Interrupted);
            }
            NoAnswer::Unreadable(_) => call.unreadable(),
        }
        self.no_answer(error)
    }

    /// The caller's key for Tacho, if it has one or needs one. What cannot be checked is not let through.
    async fn key(&self, headers: &HeaderMap, own: Option<&str>) -> Result<Option<StoredKey>, CallRefusal> {
        let presented = headers.get("x-tacho-key").map(|value| value.to_str().unwrap_or_default());
        let Some(text) = presented.or(own) else {
            if !self.needs_key {
                return Ok(None);
            }
            return Err(CallRefusal::unauthenticated(
                "unauthenticated",
                "this Tacho wants to know who sends calls: make a key with `tacho keys create --scope proxy --name \
                 my-app` and send it in the header x-tacho-key (ANTHROPIC_CUSTOM_HEADERS=\"x-tacho-key: tch_prx_...\")",
            ));
        };
        let key = self.gate.key(text).await.map_err(|error| match error.kind {
            ProblemKind::Unauthenticated => CallRefusal::unauthenticated("invalid_key", error.message),
            _ => CallRefusal::unavailable(error.message),
        })?;
        if !key.scope.allows(KeyScope::Proxy) {
            return Err(CallRefusal::unauthenticated(
                "scope",
                "this key is not for the proxy: make one with `tacho keys create --scope proxy --name my-app`",
            ));
        }
        Ok(Some(key))
    }

    fn no_answer(&self, error: NoAnswer) -> CallRefusal {
        let address = self.upstream.address();
        let (NoAnswer::Unreachable(reason) | NoAnswer::Closed(reason) | NoAnswer::Unreadable(reason)) =
            &error;
        tracing::warn!(upstream = %address, error = %reason, "A call through the proxy got no answer");
        match error {
            NoAnswer::Unreachable(reason) => CallRefusal::no_answer(
                "upstream_unreachable",
                format!("Tacho cannot reach {address}: {reason}; check its network and [proxy] upstream"),
            ),
            NoAnswer::Closed(reason) => CallRefusal::no_answer(
                "upstream_closed",
                format!("{address} closed the connection before it answered ({reason}); try again"),
            ),
            NoAnswer::Unreadable(reason) => CallRefusal::unreadable(format!(
                "{address} has answered, but its answer cannot be passed on: {reason}; the call was made, and may be \
                 billed"
            )),
        }
    }
}

/// A request as the API is to see it.
fn outgoing(
    path_and_query: &str,
    method: &Method,
    headers: HeaderMap,
    body: SentBody,
) -> Result<Request<SentBody>, CallRefusal> {
    let mut request = Request::new(body);
    *request.uri_mut() = uri(path_and_query)?;
    *request.method_mut() = method.clone();
    *request.headers_mut() = headers;
    Ok(request)
}

/// What policies are shown of a call, beside its head: who it is for, and what its body asks for, as far as it is there.
async fn asked(beginning: &Beginning, whole: Option<Whole>) -> PolicedCall {
    let mut asked = PolicedCall { generates: beginning.generates(), ..PolicedCall::default() };
    if let Some(Whole { body, room }) = whole {
        beginning.request.read(&body).await;
        asked.body_bytes = body.len() as u64;
        (asked.body, asked.room) = (Some(body), room);
    }
    let Asks { known, model, .. } = beginning.request.asks();
    let Dimensions { project, user, session, .. } = beginning.dimensions.clone();
    let pool = model.map(|model| Pools::of_model(&model).name(Tier::Standard));
    let (stream, is_deterministic) = (known.stream, known.is_deterministic);
    PolicedCall { project, user, session, pool, stream, is_deterministic, ..asked }
}

/// A path and a query as a URI.
pub(super) fn uri(path_and_query: &str) -> Result<Uri, CallRefusal> {
    path_and_query.parse().map_err(|_| {
        CallRefusal::not_found("the path of this call is no URI; check how the client builds its address")
    })
}
