//! Telling the same event sent twice from two events that share an id.

use sha2::{Digest, Sha256};

use crate::usage::{Event, Iteration, Outcome, Usage};

/// A hash of everything an event's reporter said but its id and its time. The id is what events are compared
/// by; and a sender that tries again may well stamp its events anew.
///
/// The order and width of what is hashed are part of what is stored: changing them turns repeats of stored
/// events into conflicts.
pub fn digest(event: &Event) -> [u8; 8] {
    // Named one by one, so that a new field of an event does not compile until it is decided on here.
    let Event {
        id: _,
        at_ms: _,
        at_assigned: _,
        received_at_ms: _,
        duration_ms,
        ttft_ms,
        endpoint,
        // Mostly it follows from the endpoint and the usage; where an item says it itself, as one that is listed does, that
        // makes it no other event.
        endpoint_class: _,
        stream,
        status,
        outcome,
        failure,
        stop_reason,
        max_tokens,
        attempt,
        usage,
        estimated,
        // Nobody but the proxy says it, and of each call once.
        handling: _,
        iterations,
        service_tier,
        fast,
        geo_us,
        dimensions,
        // They say how it was read, or what its sender had cut before.
        remarks: _,
    } = event;
    let mut said = Said(Sha256::new());
    said.number(*duration_ms);
    said.number(*ttft_ms);
    said.text(endpoint);
    said.number(Some(u64::from(*stream)));
    said.number(status.map(u64::from));
    said.number(failure.as_ref().map(|_| 1));
    if let Some(failure) = failure {
        said.text(&failure.kind);
        said.text(&failure.code);
    }
    said.text(stop_reason);
    said.number(*max_tokens);
    said.number(Some(u64::from(*attempt)));
    said.usage(usage);
    said.count(iterations.len());
    for Iteration { kind, model, usage } in iterations {
        said.text(kind);
        said.text(model.as_deref().unwrap_or_default());
        said.usage(usage);
    }
    said.number(Some(*service_tier as u64));
    said.number(Some(u64::from(*fast)));
    said.number(Some(u64::from(*geo_us)));
    let words = [
        &dimensions.model,
        &dimensions.project,
        &dimensions.feature,
        &dimensions.user,
        &dimensions.api_key,
        &dimensions.workspace,
        &dimensions.organization,
        &dimensions.session,
    ];
    for word in words {
        said.text(word);
    }
    said.count(dimensions.labels.len());
    for (key, value) in &dimensions.labels {
        said.text(key);
        said.text(value);
    }
    // Younger than events that are stored: said only where there is something to say.
    if *outcome != Outcome::Complete || *estimated {
        said.text(outcome.word());
        said.number(Some(u64::from(*estimated)));
    }
    let hash = said.0.finalize();
    let mut digest = [0; 8];
    digest.copy_from_slice(&hash[..8]);
    digest
}

/// What was said, each part in a form that ends by itself, so that no two ways of saying it run together.
struct Said(Sha256);

impl Said {
    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text);
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn number(&mut self, number: Option<u64>) {
        self.0.update([u8::from(number.is_some())]);
        self.0.update(number.unwrap_or(0).to_le_bytes());
    }

    fn usage(&mut self, usage: &Usage) {
        self.number(usage.input_tokens);
        self.number(usage.cache_write_5m_tokens);
        self.number(usage.cache_write_1h_tokens);
        self.number(usage.cache_read_tokens);
        self.number(usage.output_tokens);
        self.number(Some(usage.web_search_requests));
    }
}
