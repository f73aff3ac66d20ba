//! Limits and alerts, in Korean.

use crate::text::shape::{AlertsTexts, LimitsTexts};

fn attempts(_: u64, number: &str) -> String {
    format!("{number}번 시도")
}

pub(super) const LIMITS: LimitsTexts = LimitsTexts {
    lead: "한도는 한 구간에서 얼마나 쓸 수 있는지, 몇 퍼센트부터 알릴지 정합니다. 분당 한도는 최근 60초를 보고, 시간·일·월은 \
           달력을 따릅니다.",
    kinds: &[
        ("requests_per_minute", "분당 요청"),
        ("requests_per_hour", "시간당 요청"),
        ("input_tokens_per_minute", "분당 입력 토큰"),
        ("output_tokens_per_minute", "분당 출력 토큰"),
        ("tokens_per_minute", "분당 토큰"),
        ("tokens_per_day", "일일 토큰"),
        ("concurrent_requests", "동시 요청"),
        ("spend_per_day", "일일 비용"),
        ("spend_per_month", "월 비용"),
        ("subscription_window", "구독 구간"),
    ],
    of_pool: |pool, kind| format!("{pool} {kind}"),
    of_window: |window| format!("구독 {window} 구간"),
    for_value: |name, value| format!("{name} ({value})"),
    add: "한도 설정",
    kind: "종류",
    covers: "적용 대상",
    each: |dimension| format!("{dimension}별"),
    value: "대상 값",
    each_value: "각각 따로",
    name: "이름",
    amount: "한도값",
    warns_at: "경고 %",
    critical_at: "위험 %",
    counts: "집계할 요청",
    counted: &[
        ("messages", "메시지"),
        ("count_tokens", "토큰 세기"),
        ("batches", "배치"),
        ("files", "파일"),
        ("agents", "관리형 에이전트"),
        ("messages,count_tokens,batches,files,agents,other", "모든 호출"),
    ],
    more_fields: "추가 설정",
    zone: "시간대",
    when_exhausted: "가득 차면 프록시는",
    lets_pass: "호출을 통과시킴",
    refuses: "호출을 거부함",
    add_button: "한도 설정",
    none: "설정된 한도가 없어 경고할 것이 없습니다.",
    not_learned: |times| {
        format!(
            "응답 헤더가 Tacho가 보관하는 것보다 많은 한도를 알려 왔습니다. {times} 건너뛰거나 다른 것으로 바꾸었습니다. 키마다 200개까지 보관합니다."
        )
    },
    more: |limits| {
        format!(
            "응답 헤더에서 알아냈고 여유가 더 많은 {limits}는 GET /v1/limits와 GET /v1/limits/status로 조회하세요."
        )
    },
    beyond: "하나씩 세는 10,000개를 넘는 값들",
    more_values: |number| format!("이보다 낮은 값 {number}개 더"),
    other_values: |number| format!("더 낮은 값 {number}개"),
    nothing_yet: "아직 해당하는 호출이 없습니다.",
    changed: |before, after| format!("{before}에서 {after}(으)로"),
    first_seen: |after| format!("처음 알아냄, {after}"),
    set_in_file: "tacho.toml에서 설정했습니다. 변경도 거기서 하세요.",
    thresholds: |warn, critical| format!("{warn}\u{a0}%에서 경고, {critical}\u{a0}%에서 위험"),
    sources: &[
        ("typed", "직접 설정"),
        ("file", "tacho.toml에서 설정"),
        ("preset", "예시"),
        ("api", "API로 설정"),
        ("learned", "헤더에서 알아냄"),
    ],
    switched_off: "꺼짐",
    is_enforced: "가득 차면 프록시가 호출을 거부",
    counts_calls: |what| format!("집계: {what}"),
    change: "변경",
    save: "저장",
    cancel: "취소",
    remove: "삭제",
    remove_note: "열려 있는 알림은 해결 처리되고 기록은 남습니다.",
    remove_button: "한도 삭제",
    comes_back: "이 한도를 알리는 다음 응답이 오면 다시 나타납니다.",
};

pub(super) const ALERTS: AlertsTexts = AlertsTexts {
    lead: "알림은 서명된 웹훅(Standard Webhooks)으로 보냅니다. 도착하지 않은 메시지는 최대 사흘 동안 같은 메시지로 다시 보냅니다.",
    secret_of: |channel| format!("{channel}의 서명 비밀 키"),
    secret_note: "지금 한 번만 표시됩니다. 받는 쪽에 전달해 모든 메시지를 검증하게 하세요.",
    add: "웹훅 추가",
    name: "이름",
    name_hint: "당직",
    address: "주소",
    add_button: "웹훅 추가",
    channels: "웹훅",
    no_channel: "아직 웹훅이 없어 알림은 여기에만 표시됩니다.",
    switched_off: |reason| format!("꺼짐: {reason}"),
    reasons: &[
        ("the receiver answered 410 Gone", "받는 쪽이 410 Gone으로 응답했습니다"),
        ("every attempt has failed for five days", "닷새 동안 모든 시도가 실패했습니다"),
        (
            "its address and signing secret were sealed with a key that is lost: remove it and add it anew",
            "주소와 서명 비밀 키를 봉인한 키를 잃었습니다. 삭제하고 다시 추가하세요",
        ),
    ],
    paused: "일시 정지됨",
    active: "사용 중",
    waiting: |number| format!("{number}건 대기 중"),
    secret_ends: |hint| format!("비밀 키 끝자리 {hint}"),
    send_test: "테스트 보내기",
    pause: "일시 정지",
    resume: "재개",
    remove: "삭제",
    remove_note: "전송을 기다리는 메시지는 버려집니다.",
    remove_button: "웹훅 삭제",
    deliveries: "전송 기록",
    nothing_sent: "아직 보낸 메시지가 없습니다.",
    test_message: "테스트 메시지",
    reached: |state, percent| format!("{percent}에서 {state}"),
    resolved: "해소",
    states: &[("pending", "대기"), ("delivered", "전달됨"), ("exhausted", "포기"), ("dropped", "버림")],
    next_at: |clock| format!(", 다음 시도 {clock}"),
    attempts,
    errors: &[
        ("connection", "연결 실패"),
        ("refused_address", "허용되지 않은 주소"),
        ("timeout", "시간 초과"),
    ],
    send_again: "다시 보내기",
};
