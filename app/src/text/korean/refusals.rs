//! Why something was not done, in Korean.

use crate::text::shape::RefusalsTexts;

pub(super) const REFUSALS: RefusalsTexts = RefusalsTexts {
    sentences: &[
        ("malformed_form", "양식을 읽을 수 없습니다. 페이지를 다시 불러온 뒤 보내세요."),
        ("unknown_kind", "알 수 없는 종류입니다. 목록에 있는 것 중에서 고르세요."),
        ("invalid_name", "이름이 비어 있거나 너무 깁니다."),
        (
            "invalid_amount",
            "한도값은 1000, 1,000,000, 12.50처럼 0 이상의 숫자로 쓰고, 소수점에는 마침표를 쓰세요.",
        ),
        (
            "invalid_threshold",
            "기준은 정수 퍼센트이고 1 이상이며, 경고가 위험보다 클 수 없습니다. 예: 80과 100.",
        ),
        ("invalid_time_zone", "알 수 없는 시간대입니다. UTC나 Asia/Seoul 같은 IANA 이름을 쓰세요."),
        ("invalid_scope", "대상의 값이 맞지 않습니다. 값마다 따로 보려면 비워 두세요."),
        ("invalid_endpoints", "이 한도로는 그 호출을 셀 수 없습니다."),
        (
            "secret_refused",
            "API 키나 비밀 값이 들어 있습니다. Tacho는 이를 저장하지 않으니 다른 값을 쓰세요.",
        ),
        ("fixed_field", "한도의 종류와 대상은 바꿀 수 없습니다. 삭제하고 새로 설정하세요."),
        (
            "learned_amount",
            "이 한도의 양은 응답 헤더에서 옵니다. 기준을 바꾸거나, 끄거나, 직접 만든 한도를 하나 더 두세요.",
        ),
        (
            "learned_enforced",
            "헤더에서 알아낸 한도는 API가 직접 적용합니다. 더 일찍 거부하려면 직접 만든 한도를 하나 더 두세요.",
        ),
        ("managed_by_file", "tacho.toml에서 정한 한도입니다. 거기서 바꾼 뒤 Tacho를 다시 시작하세요."),
        (
            "changed_meanwhile",
            "그사이 이 한도가 바뀌었습니다. 페이지를 다시 불러와 지금 값을 확인한 뒤 바꾸세요.",
        ),
        ("invalid_url", "웹 주소가 아닙니다. https://example.com/hooks/tacho처럼 쓰세요."),
        ("invalid_scheme", "주소는 https://로 시작해야 합니다."),
        (
            "userinfo_refused",
            "주소에 사용자 이름이나 비밀번호를 넣을 수 없습니다. 메시지에는 대신 서명이 붙습니다.",
        ),
        ("port_refused", "다른 서비스가 쓰는 포트입니다."),
        ("own_address", "Tacho 자신의 포트입니다. 받는 쪽은 다른 포트를 쓰게 하세요."),
        (
            "address_refused",
            "공개 주소가 아닙니다. 직접 관리하는 네트워크라면 tacho.toml의 [webhooks] allow_cidrs에 허용하세요.",
        ),
        (
            "https_required",
            "http://는 webhooks.allow_cidrs의 네트워크에만 쓸 수 있습니다. https://를 쓰세요.",
        ),
        ("not_found", "더 이상 없습니다. 페이지를 다시 불러오세요."),
        (
            "read_only",
            "디스크가 가득 찼거나 파일에 쓸 수 없어 저장하지 못했습니다. 공간을 만든 뒤 다시 하세요.",
        ),
        ("unavailable", "데이터베이스가 응답하지 않았습니다. 몇 초 뒤 다시 하고, Tacho의 로그를 확인하세요."),
        ("question_too_heavy", "계산할 것이 너무 많습니다. 기간을 줄이거나 필터를 더하세요."),
        ("too_many_questions", "지금은 다른 요청을 처리하고 있습니다. 몇 초 뒤 다시 하세요."),
        ("cross_origin", "다른 사이트가 보낸 요청이라 받지 않았습니다. Tacho의 페이지에서 다시 보내세요."),
        ("invalid_parameter", "주소의 값을 읽을 수 없습니다."),
    ],
    events: &[
        ("invalid_json", "JSON이 아닙니다"),
        ("not_an_object", "JSON 객체가 아닙니다"),
        ("invalid_row", "행이 표의 머리글과 맞지 않습니다"),
        ("invalid_unicode", "UTF-8이 아닌 바이트가 있습니다"),
        ("item_too_large", "이벤트가 너무 큽니다"),
        ("too_deep", "객체나 배열이 너무 깊이 겹쳐 있습니다"),
        ("duplicate_field", "같은 필드가 두 번 있습니다"),
        ("missing_model", "모델이 없습니다"),
        ("invalid_number", "범위 안의 정수가 아닙니다"),
        ("invalid_field", "필드에 들어갈 수 없는 값입니다"),
        ("implausible", "한 번의 호출로 나올 수 없는 수입니다"),
        ("too_long", "글이 너무 깁니다"),
        ("invalid_id", "ID가 비어 있거나 너무 길거나 표시할 수 없습니다"),
        ("invalid_time", "읽을 수 없는 시각입니다"),
        ("missing_time", "시각이 없습니다"),
        ("future", "미래의 시각입니다"),
        ("too_old", "너무 오래된 시각입니다"),
        ("conflict", "같은 ID의 이벤트가 다른 내용으로 이미 있습니다"),
        ("deleted", "이 ID의 이벤트는 삭제되었습니다"),
        ("not_found", "정정할 이벤트가 없습니다"),
        ("ambiguous", "이 ID의 이벤트가 여러 프로젝트에 있습니다"),
    ],
};
