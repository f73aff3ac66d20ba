//! A message of the model: made up of few words, the same for the same request, as JSON or as a stream.

use serde_json::{Value, json};

use crate::answer::{Answer, Step};
use crate::scenario::{Scenario, Word};
use crate::usage::Input;

/// What is answered, in this order, from a place that depends on the request. Not all of it is ASCII.
const VOCABULARY: [&str; 16] = [
    "a",
    "gauge",
    "shows",
    "what",
    "flows",
    "through",
    "the",
    "café",
    "before",
    "its",
    "limit",
    "—",
    "steady",
    "계기판",
    "counts",
    "tokens",
];

/// How many words are answered unless more or fewer are asked for. A word is a token.
const ORDINARY_WORDS: usize = 20;

/// A long stream has no more text events than about this: they carry several words then.
const MOST_DELTAS: usize = 2_000;

/// The model that answers when another declined.
const FALLBACK_MODEL: &str = "claude-opus-4-8";

/// A message before it is written.
#[derive(Debug)]
pub(crate) struct Message {
    pub id: String,
    pub model: String,
    pub input: Input,
    pub words: Vec<String>,
    pub stop_reason: &'static str,
    pub fast: bool,
    pub scenario: Scenario,
}

/// The words of an answer: as many, or as many bytes, as the scenario says; no more than `max_tokens`.
pub(crate) fn words(scenario: &Scenario, seed: usize, max_tokens: u64) -> (Vec<String>, &'static str) {
    let word = |place: usize| {
        let word = VOCABULARY[(seed + place) % VOCABULARY.len()];
        if place == 0 { word.to_owned() } else { format!(" {word}") }
    };
    if let Some(bytes) = scenario.bytes {
        let mut left = bytes;
        let mut words = Vec::new();
        while left > 0 {
            let word = word(words.len());
            let word = if word.len() <= left { word } else { ".".repeat(left) };
            left -= word.len();
            words.push(word);
        }
        return (words, "end_turn");
    }
    let wanted = scenario.words.unwrap_or(ORDINARY_WORDS);
    let most = usize::try_from(max_tokens).unwrap_or(usize::MAX);
    let stop_reason = if wanted > most { "max_tokens" } else { "end_turn" };
    ((0..wanted.min(most)).map(word).collect(), stop_reason)
}

impl Message {
    /// At least one token is counted, even for no words.
    fn output_tokens(&self) -> u64 {
        (self.words.len() as u64).max(1)
    }

    /// `usage` with so many tokens generated, without what only the end of a stream says.
    fn usage(&self, output_tokens: u64) -> Value {
        let tier = if self.scenario.word == Word::Priority { "priority" } else { "standard" };
        let mut usage = self.input.usage(output_tokens, tier);
        if self.fast {
            usage["speed"] = json!("fast");
        }
        usage
    }

    /// `usage.iterations`, for the scenario that has some.
    fn iterations(&self) -> Option<Value> {
        if self.scenario.word != Word::Iterations {
            return None;
        }
        let last = self.input.iteration("message", self.output_tokens());
        if !self.scenario.fallback {
            let total = self.input.total();
            let compaction = json!({
                "type": "compaction",
                "input_tokens": 3 * total,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 50,
            });
            return Some(json!([compaction, last]));
        }
        let mut declined = self.input.iteration("message", 0);
        declined["model"] = json!(self.model);
        let mut fallback = self.input.iteration("fallback_message", self.output_tokens());
        fallback["model"] = json!(FALLBACK_MODEL);
        Some(json!([declined, fallback]))
    }

    /// The whole usage, merged as a client of a stream must merge it.
    fn whole_usage(&self) -> Value {
        let mut usage = self.usage(self.output_tokens());
        if let Some(iterations) = self.iterations() {
            usage["iterations"] = iterations;
        }
        usage
    }

    /// The message without content.
    fn envelope(&self, usage: &Value) -> Value {
        let fell_back = self.scenario.word == Word::Iterations && self.scenario.fallback;
        json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": if fell_back { FALLBACK_MODEL } else { &self.model },
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": usage,
        })
    }

    /// The message as it is answered at once.
    pub fn value(&self) -> Value {
        let mut message = self.envelope(&self.whole_usage());
        message["content"] = json!([{"type": "text", "text": self.words.concat()}]);
        message["stop_reason"] = json!(self.stop_reason);
        message
    }

    pub fn answer(&self) -> Answer {
        let usage = Some(self.whole_usage());
        let bytes = self.value().to_string().into();
        Answer::new(
            200,
            "application/json",
            [Step::Send { bytes, output_tokens: self.output_tokens(), usage }],
        )
    }

    /// The message as a stream.
    pub fn stream(&self, request_id: &str) -> Answer {
        let mut steps = self.events(request_id);
        match self.scenario.word {
            Word::Slow => {
                let pause = self.scenario.pause;
                steps = steps.into_iter().flat_map(|step| [Step::Wait(pause), step]).collect();
            }
            Word::Silent => {
                steps.truncate(self.scenario.after);
                steps.push(Step::Silence);
            }
            _ => {}
        }
        let mut answer = Answer::new(200, "text/event-stream; charset=utf-8", steps);
        crate::answer::set(&mut answer.headers, "cache-control", "no-cache");
        answer
    }

    /// The events in the order of the API.
    fn events(&self, request_id: &str) -> Vec<Step> {
        let mut steps = vec![
            event("message_start", &json!({"message": self.envelope(&self.usage(1))})),
            event("content_block_start", &json!({"index": 0, "content_block": {"type": "text", "text": ""}})),
            event("ping", &json!({})),
        ];
        let per_delta = self.words.len().div_ceil(MOST_DELTAS).max(1);
        let deltas = self.words.chunks(per_delta).map(|words| {
            let delta = json!({"type": "text_delta", "text": words.concat()});
            let bytes = event_bytes("content_block_delta", &json!({"index": 0, "delta": delta}));
            Step::Send { bytes: bytes.into(), output_tokens: words.len() as u64, usage: None }
        });
        if self.scenario.word == Word::ErrorMidStream {
            let half = self.words.len().div_ceil(per_delta) / 2;
            steps.extend(deltas.take(half));
            let error = json!({"type": "overloaded_error", "message": "Overloaded"});
            steps.push(event("error", &json!({"error": error, "request_id": request_id})));
            return steps;
        }
        steps.extend(deltas);
        steps.push(event("content_block_stop", &json!({"index": 0})));
        if self.scenario.word == Word::NoDelta {
            return steps;
        }
        if self.scenario.word == Word::SeveralDeltas {
            let output = self.output_tokens();
            steps.push(self.message_delta(output / 3, false));
            steps.push(self.message_delta(output * 2 / 3, false));
        }
        steps.push(self.message_delta(self.output_tokens(), true));
        steps.push(event("message_stop", &json!({})));
        steps
    }

    /// `message_delta`; what is not the last says the input as null, which must not overwrite it.
    fn message_delta(&self, output_tokens: u64, last: bool) -> Step {
        let said = self.usage(output_tokens);
        let mut usage = json!({"output_tokens": output_tokens});
        for field in ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"] {
            usage[field] = if last { said[field].clone() } else { Value::Null };
        }
        if let Some(iterations) = self.iterations().filter(|_| last) {
            usage["iterations"] = iterations;
        }
        let stop_reason = last.then_some(self.stop_reason);
        let delta = json!({"stop_reason": stop_reason, "stop_sequence": null});
        let bytes = event_bytes("message_delta", &json!({"delta": delta, "usage": usage}));
        Step::Send { bytes: bytes.into(), output_tokens: 0, usage: last.then(|| self.whole_usage()) }
    }
}

fn event(name: &str, data: &Value) -> Step {
    Step::send(event_bytes(name, data))
}

/// An event of the stream; its data repeats its name as `type`, first as in the API.
fn event_bytes(name: &str, data: &Value) -> String {
    let data = data.to_string();
    let rest = data.strip_prefix('{').unwrap_or(&data);
    let comma = if rest == "}" { "" } else { "," };
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{comma}{rest}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_asked() {
        for bytes in [0, 1, 2, 3, 50, 999] {
            let scenario = Scenario { bytes: Some(bytes), ..Scenario::default() };
            assert_eq!(words(&scenario, 3, 1).0.concat().len(), bytes);
        }
        let scenario = Scenario { words: Some(7), ..Scenario::default() };
        assert_eq!(words(&scenario, 3, 100).0.len(), 7);
        assert_eq!(words(&scenario, 3, 5), (words(&scenario, 3, 100).0[..5].to_vec(), "max_tokens"));
    }
}
