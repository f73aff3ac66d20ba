//! The settings, and signing in, in Korean.

use crate::text::shape::{AccessTexts, ConnectTexts, DocsTexts, HealthTexts, SettingsTexts, SignInTexts};

pub(super) const SETTINGS: SettingsTexts = SettingsTexts {
    zone: "시간대",
    zone_browser: |zone| format!("이 브라우저 ({zone})"),
    zone_configured: |zone| format!("tacho.toml ({zone})"),
    not_told: "아직 모름",
    keys: "단일 키 단축키",
    keys_on: "켬",
    keys_off: "끔",
    save: "저장",
    kept_by_browser: "이 설정은 이 브라우저에 저장됩니다.",
};

pub(super) const CONNECT: ConnectTexts = ConnectTexts {
    lead: "호출을 Tacho의 프록시로 보내거나, 훅이 보고하게 하거나, 이벤트를 직접 보내세요.",
    paste: "다음 중 하나를 붙여 넣으세요",
    what_calls: "Claude API를 호출하는 것",
    steps: &[
        ("through", "환경 변수 하나: 호출이 Tacho를 거쳐 Claude API로 그대로 전달됩니다."),
        ("hooked", "또는 코드 한 줄: 호출은 그대로 API로 가고 훅이 각각을 보고합니다."),
        ("in_code", "그런 다음 코드에서:"),
        ("call", "본인의 API 키로 Tacho를 거쳐 호출:"),
        ("event", "또는 이벤트 하나만 보내 보기. 아무것도 호출하지 않습니다:"),
    ],
    put_key: "다음 자리에 키를 넣으세요:",
    new_key: "새 키:",
    to_tell_apart: "호출의 용도를 구분하려면",
    or_headers: "경로를 /proxy 대신 쓰거나 다음 헤더를 쓰세요:",
    is_it_working: "잘 되고 있나요?",
    done: "완료",
    waits: "대기 중",
    heard: |model, ago| format!("{ago} {model} 호출을 받았습니다."),
    listening: "첫 호출을 기다리고 있습니다. 도착하면 이 페이지가 저절로 바뀝니다.",
    no_limits: "아직 알아낸 한도가 없습니다. 속도 제한 헤더가 있는 첫 응답에서 알아냅니다.",
    limits_learned: |limits| format!("응답 헤더에서 {limits}를 알아냈습니다."),
    told: |ago| format!("웹훅 메시지가 {ago} 도착했습니다."),
    nobody_told: "아직 도착한 웹훅 메시지가 없습니다. 웹훅을 추가하고 테스트 메시지를 보내세요.",
};

pub(super) const ACCESS: AccessTexts = AccessTexts {
    sessions: "세션",
    end: "끝내기",
    end_others: "다른 세션 모두 끝내기",
    this_one: "현재 세션",
    opened_and_used: |opened, used| format!("시작 {opened}, 마지막 사용 {used}"),
    sessions_note: "세션은 12시간 동안 쓰지 않거나 30일이 지나면 끝납니다. 새로 열려면 다음을 실행하세요:",
    keys: "키",
    make_key: "만들기:",
    revoke_key: "폐기하기:",
    key_made: |at| format!("생성 {at}"),
    key_revoked: |at| format!("폐기 {at}"),
    audit: "감사 로그",
    earlier: "이전",
    nothing_yet: "아직 없습니다.",
};

pub(super) const HEALTH: HealthTexts = HealthTexts {
    lead: "Tacho가 보관하는 것, 대기 중인 것, 받지 못한 것.",
    version: "버전",
    storage: "저장",
    stores: "정상",
    stores_not: "아니요: 디스크가 가득 찼거나 파일에 쓸 수 없음",
    queue: "저장을 기다리는 이벤트",
    database: "데이터베이스",
    first_event: "첫 이벤트",
    waiting: "파일에서 대기 중인 이벤트",
    lost: "시작 이후 유실된 프록시 이벤트",
    refused: "최근 24시간에 거부한 이벤트",
    unreadable: "최근 24시간에 읽을 수 없는 필드가 있던 이벤트",
};

pub(super) const SIGN_IN: SignInTexts = SignInTexts {
    title: "Tacho에 로그인",
    how: "새 링크를 만들려면 Tacho가 실행되는 곳에서 다음을 실행하세요:",
    reasons: [
        "Tacho를 처음 시작할 때 표시된 로그인 링크를 여세요. 로그인한 상태였다면 세션이 끝났습니다.",
        "키는 /v1용입니다. 페이지에는 로그인 링크가 필요합니다.",
        "Tacho를 처음 시작할 때 표시된 로그인 링크를 여세요.",
        "로그인 링크는 별도의 창에서 열립니다. 이 링크는 아직 사용되지 않았으니 창에서 여세요.",
        "이 로그인 링크는 이미 사용했거나 너무 오래되었습니다.",
    ],
    ended: "세션이 끝났습니다. Tacho가 실행되는 곳에서 `tacho sign-in-link`를 실행하고, 표시된 링크를 여세요.",
};

pub(super) const DOCS: DocsTexts = DocsTexts {
    parts: "이 페이지의 내용",
    in_english: "문서는 영어로 되어 있습니다.",
    rate_limits: "한도를 알아내는 방법",
    limits: "한도의 작동 방식",
    webhooks: "웹훅 받기와 서명 검증",
    operations: "백업, 저장 공간, 업그레이드",
    of_way: "문서:",
};
