//! Words that stand everywhere, in Korean.

use crate::text::shape::{Noun, WordsTexts};

fn noun(noun: Noun) -> (&'static str, &'static str) {
    match noun {
        Noun::Request => ("요청", "건"),
        Noun::Call => ("호출", "건"),
        Noun::Event => ("이벤트", "건"),
        Noun::InputToken => ("입력 토큰", "개"),
        Noun::Time => ("", "번"),
        Noun::Limit => ("한도", "개"),
    }
}

fn count(number: &str, _: u64, what: Noun) -> String {
    let (name, counter) = noun(what);
    format!("{name} {number}{counter}").trim_start().to_owned()
}

fn date(year: Option<i64>, month: i64, day: i64) -> String {
    let year = year.map(|year| format!("{year}년 ")).unwrap_or_default();
    format!("{year}{month}월 {day}일")
}

pub(super) const WORDS: WordsTexts = WordsTexts {
    unknown: "알 수 없음",
    none: "없음",
    just_now: "방금",
    minute: "분",
    hour: "시간",
    day: "일",
    time_units: ["초", "분", "시간", "일"],
    ago: |length| format!("{length} 전"),
    count,
    date,
    at_least: |value| format!("최소 {value}"),
    states: ["정상", "경고", "위험"],
    measures: [
        "요청",
        "입력 토큰",
        "캐시되지 않은 입력 토큰",
        "캐시 쓰기 토큰",
        "캐시 읽기 토큰",
        "출력 토큰",
        "전체 토큰",
        "비용",
        "오류",
        "제한됨 (429)",
    ],
    measures_short: [
        "요청",
        "입력",
        "비캐시",
        "캐시 쓰기",
        "캐시 읽기",
        "출력",
        "토큰",
        "비용",
        "오류",
        "429",
    ],
    dimensions: ["모델", "프로젝트", "기능", "사용자", "API 키", "워크스페이스", "조직", "세션"],
    units: &[
        ("requests", "요청"),
        ("tokens", "토큰"),
        ("usd", "USD"),
        ("in_flight", "동시"),
        ("percent", "%"),
    ],
};
