//! What is odd about an item and does not lose its event.

use super::hostile::{attribution, event, refused};
use crate::read::refusal::Code;
use crate::usage::{RemarkCode, Usage};

#[test]
fn what_is_only_passed_on_does_not_lose_its_event() {
    let item = r#"{"model":"m","stop_reason":"a\ud800","error":{"type":"\udfff","code":"\ud800"},"remarks":[
        {"code":"cut","field":"a\ud800"},{"code":"new","field":"user"},{"field":"user"},{"code":"cut"}]}"#;
    let event = event(item);
    let failure = event.failure.expect("an error");
    assert_eq!((event.stop_reason.as_str(), failure.kind.as_str()), ("a%ED%A0%80", "%ED%BF%BF"));
    assert_eq!(failure.code, "%ED%A0%80");
    let remarks: Vec<_> = event.remarks.iter().map(|remark| remark.field.as_str()).collect();
    assert_eq!(remarks, ["a%ED%A0%80", "stop_reason", "error.code", "error.type"]);
}

#[test]
fn of_labels_whose_names_come_to_the_same_the_first_stays() {
    for (one, other) in [(r"a\ud800", "a%ED%A0%80"), ("sk-ant-api03-secret", "x sk-ant-api03-secret")] {
        let (dimensions, remarks) = attribution(&format!(r#""labels":{{"{one}":"1","{other}":"2"}}"#));
        assert_eq!(dimensions.labels.values().collect::<Vec<_>>(), ["1"], "{one}");
        assert_eq!(remarks, [(RemarkCode::AttributionUnreadable, "labels".to_owned())]);
    }
    assert_eq!(refused(r#"{"model":"m","labels":{"a":"1","\u0061":"2"}}"#, "`labels`"), Code::DuplicateField);
}

#[test]
fn usage_comes_first_where_only_so_many_remarks_are_kept() {
    let names: Vec<String> =
        (0..40).map(|number| format!(r#"{{"code":"cut","field":"f{number}"}}"#)).collect();
    let usage = r#""usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":"many"}"#;
    assert!(
        event(&format!(r#"{{"model":"m","remarks":[{}],{usage}}}"#, names.join(","))).remarks.hide_a_price()
    );
}

#[test]
fn usage_in_the_words_of_another_api_is_remarked() {
    for (usage, fields) in [
        (r#"{"prompt_tokens":5,"completion_tokens":7}"#, &["usage"][..]),
        (r#"{"prompt_tokens":5,"input_tokens":5}"#, &[]),
        (r#"{"output_tokens_details":{}}"#, &[]),
        ("{}", &[]),
    ] {
        let event = event(&format!(r#"{{"model":"m","usage":{usage}}}"#));
        let found: Vec<_> = event.remarks.iter().map(|remark| remark.field.as_str()).collect();
        assert_eq!(found, fields, "{usage}");
    }
}

#[test]
fn what_a_session_of_an_agent_has_used_so_far_is_no_usage_of_a_call() {
    let usage = r#"{"input_tokens":20000000,"output_tokens":"x","iterations":[{"input_tokens":20000000}]}"#;
    for (endpoint, used) in [("sessions/{id}", Usage::default()), ("agents", Usage::nothing())] {
        let event = event(&format!(r#"{{"model":"m","endpoint":"{endpoint}","usage":{usage}}}"#));
        assert_eq!((event.usage, event.iterations.len(), event.remarks.is_empty()), (used, 0, true));
    }
}
