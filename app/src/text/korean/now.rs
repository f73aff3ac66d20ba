//! The first page, in Korean.

use crate::text::shape::{NoticesTexts, NowTexts, PlotTexts};

pub(super) const NOW: NowTexts = NowTexts {
    refusing_title: "API가 호출을 거부하고 있습니다",
    refusing: |model, calls, when| match calls {
        "" => format!("API가 호출을 거부하고 있습니다: {model}"),
        calls => format!("API가 호출을 거부하고 있습니다: {model}, {when} {calls}"),
    },
    at: |name, share, amount| format!("{name}: 한도 {amount}의 {share}"),
    was_full: |name, when| format!("{name}: {when}에 가득 찼고"),
    was_past: |name, share, when| format!("{name}: {when}에 {share}를 넘었고"),
    now_at: |share, amount| format!(", 지금은 {amount}의 {share}"),
    alert_ends: |length, share| format!("{share} 미만인 상태가 {length} 이어지면 알림이 끝납니다."),
    until: |when| format!(". 이 구간은 {when}에 끝납니다."),
    stop: ".",
    room: "모든 한도에 여유가 있습니다.",
    tightest: |what| format!("가장 빠듯한 한도: {what}."),
    no_limit: "아직 알려진 한도가 없습니다.",
    none_now: "지금 거부되는 호출은 없습니다. ",
    never_refused: "최근 24시간 동안 API가 거부한 호출이 없습니다.",
    last_refusal: |when, model, calls| format!("마지막 거부 {when}: {model}, {calls}"),
    proxy_refuses: "Tacho 프록시는 이 한도에 해당하는 호출을 거부합니다. ",
    several_models: |number| format!("모델 {number}개"),
    from_project: |project| format!("프로젝트 {project}"),
    mostly_project: |project| format!("주로 프로젝트 {project}"),
    several_projects: |number| format!("프로젝트 {number}개"),
    why: "이유",
    api_limits: "API 한도",
    from_headers: |ago| format!("응답 헤더 기준, {ago}"),
    no_api_limits: "Tacho는 호출의 응답 헤더에서 API 한도를 알아냅니다. 아직 본 응답이 없습니다.",
    pool: "모델",
    columns: ["요청/분", "입력/분", "출력/분"],
    own_limits: "내 한도",
    no_own_limits: "설정한 한도가 없습니다. 한도를 정하면 쓰려는 비용이나 사용량의 80\u{a0}%에서 경고합니다.",
    set_a_limit: "한도 설정",
    worst_of: |value, of| format!("{value}, {of}개 중 최고"),
    everything: "전체",
    nobody_yet: "아직 값 없음",
    example: "예시",
    more_limits: |number, highest| format!("{number}개 더, 최고 {highest}"),
    used_of: |used, amount| format!("{amount} 중 {used} 사용"),
    elsewhere: |amount| format!("; 그중 최소 {amount}은(는) Tacho가 보지 못한 다른 곳에서 사용"),
    over_until: |when| format!("{when}까지 가득 참"),
    full_about: |when| format!("{when}쯤 가득 참"),
    lasts_to: |when| format!("{when}까지 충분"),
    resets: |when| format!("{when}에 초기화"),
    measures: "지표",
    as_before: |before| format!("이전과 같음: {before}"),
    times_as_much: |times, before| format!("이전 {before}의 {times}배"),
    more_than: |difference, before| format!("이전 {before}보다 {difference} 많음"),
    less_than: |difference, before| format!("이전 {before}보다 {difference} 적음"),
    breakdown: "분류",
    share: "비중",
    total: "합계",
    others: |number| format!("그 외 {number}개"),
    without: |name| format!("{name} 제외"),
    nothing_here: "이 기간에 해당하는 호출이 없습니다.",
    unpriced: "가격 없음",
    unpriced_title: |requests| {
        format!(
            "최솟값: 가격을 모르는 {requests} 제외. 사용량이 완전히 알려지지 않았거나, 그 모델 이름의 가격이 Tacho에 \
             없습니다. 제공자의 모델 ID로 보고하거나 Tacho를 업데이트하세요."
        )
    },
    unknown_usage: |requests| format!("최솟값: {requests}의 사용량이 완전히 알려지지 않음"),
    filters: "필터",
    filter_without: |name, value| format!("{name}: {value} 제외"),
    remove_filter: |filter| format!("필터 {filter} 제거"),
    happened: "최근 기록",
    all_alerts: "모든 알림",
    nothing_happened: "아직 알림이 없습니다. 한도의 80\u{a0}%에 도달하면 여기에 표시하고 웹훅으로 보냅니다.",
    goes_on: "진행 중",
    learned: |pool, limits| format!("{pool} 한도를 알아냄: {limits}"),
    learned_of: |pools| format!("풀 {pools}개의 한도를 알아냄"),
    policies: "프록시가 한 일",
    policies_note: "Tacho가 직접 응답하거나 거부한 호출은 API에 도달하지 않았습니다. 어떤 한도에도, 여기의 다른 수치에도 \
                    포함되지 않습니다.",
    waited: |calls, half, most| format!("{calls} 대기: 절반은 {half} 이내, 99\u{a0}%는 {most} 이내"),
    sent_again: |number| format!("{number}건 재전송"),
    answered_from_cache: |number| format!("{number}건 캐시에서 응답"),
    refused_calls: |number| format!("{number}건 거부"),
    given_up: |number| format!("{number}건 호출자가 포기"),
    setup_title: "첫 호출을 보내세요",
    setup_lead: "Tacho는 Claude API 사용량이 한도에 얼마나 가까운지 보여 주고 80\u{a0}%에서 경고합니다. 호출은 Tacho를 거쳐 \
                 가거나, 애플리케이션이 직접 알려 줍니다.",
};

pub(super) const NOTICES: NoticesTexts = NoticesTexts {
    lost: |events| {
        format!(
            "Tacho가 시작된 뒤 프록시의 {events}이 유실되었습니다. 저장되지 않았고 파일에도 남지 않았습니다. 데이터 \
             디렉터리의 디스크 공간을 늘리거나 [proxy]의 spill_max_bytes를 높이고 Tacho의 로그를 확인하세요. 호출 자체는 \
             정상적으로 전달되었습니다."
        )
    },
    read_only: "디스크가 가득 찼거나 파일에 쓸 수 없어 아무것도 저장하지 못합니다. 공간이 생길 때까지 수치가 멈춰 있으며, \
                보내는 쪽에는 다시 시도하라고 알립니다.",
    waiting: |size| {
        format!(
            "저장이 막혀 있습니다. {size}\u{a0}KB의 이벤트가 파일에서 대기 중이며 곧 저장됩니다. 호출은 계속 전달됩니다."
        )
    },
    refused: |events, key, message| {
        format!(
            "최근 24시간 동안 {events}이 거부되었습니다. 가장 최근 것은 키 {key}에서 왔습니다: {message}."
        )
    },
    unreadable: |calls, fields| {
        format!(
            "최근 24시간의 {calls}에서 읽을 수 없는 사용량 필드가 있었습니다: {fields}. 그 값은 알 수 없으며 나머지는 모두 \
             집계했습니다. 게이트웨이나 애플리케이션이 보내는 값을 확인하세요."
        )
    },
    and_more: |number| format!(" 외 {number}개"),
    overflowing: |values, limits, together| {
        format!(
            "{limits}에 {values}개가 넘는 값이 들어왔습니다. 그 이상은 가장 적게 사용한 값들로, 함께 집계하고 경고하고 \
             제한합니다: 한도에서 “{together}”을(를) 보세요. 값이 그렇게 많을 리 없다면 누가 만들어 내는지 찾으세요. API \
             키별 사용량에 보낸 쪽이 나옵니다. 전체에 대한 한도를 함께 두면 값이 무엇이든 지켜집니다."
        )
    },
    failed: |status| format!("상태 {status}(으)로 응답"),
    unknown_usage: "사용량 알 수 없음",
    first_call: |model, outcome| format!("첫 호출 확인: {model}, {outcome}."),
    no_limits_yet: "속도 제한 헤더가 있는 응답을 보면 한도가 표시됩니다.",
    limits_learned: |limits| format!("알아낸 한도: {limits}."),
};

pub(super) const PLOT: PlotTexts = PlotTexts {
    now: "지금",
    not_running: "Tacho가 실행되지 않음",
    first_event: |when| format!("첫 이벤트 {when}"),
    zoom_in: "확대",
    forget: "취소",
    per: |step| format!("{step}당"),
    mean_of: |step| format!("{step}의 평균"),
    times_in: |zone| format!("{zone} 시각"),
    without_price: |requests| format!("가격을 모르는 {requests} 제외"),
    evenly: |amount| format!(" = 고르게 쓰면 {amount}"),
    busiest: |window| match window {
        "일" => "가장 바쁜 하루".to_owned(),
        window => format!("가장 바쁜 1{window}"),
    },
    within: |what, length| format!("{length}간 {what}"),
    compared: "비교 기간",
    compared_since: |first| format!(": {first} 전에는 이벤트 없음"),
    so_far: " (진행 중)",
    show_numbers: "수치 보기",
    from: "시작",
    of_limit: "한도 대비",
    nothing: "이 기간에 호출 없음",
    none_refused: |_, requests| format!("{requests}, 거부된 요청 없음"),
    none_failed: |_, requests| format!("{requests}, 실패한 요청 없음"),
    none_used: |_, requests| format!("{requests}, 해당 토큰 사용 없음"),
    none_cost: |_, requests| format!("{requests}, 비용 없음"),
    none_priced: |requests| format!("가격을 모르는 {requests}"),
    none_known: |requests| format!("사용량을 모르는 {requests}"),
    highest: |value, when, step| format!("최고: {when} {value}, {step}당"),
};
