//! The first page, in English.

use crate::text::shape::{NoticesTexts, NowTexts, PlotTexts};

/// Requests of which none is what is asked for.
fn none(of: u64, requests: &str, one: &str, many: &str) -> String {
    if of == 1 { format!("{requests}, which {one}") } else { format!("{requests}, {many}") }
}

pub(super) const NOW: NowTexts = NowTexts {
    refusing_title: "The API refuses calls",
    refusing: |model, calls, when| match calls {
        "" => format!("The API is refusing calls: {model}"),
        calls => format!("The API is refusing calls: {model}, {calls} at {when}"),
    },
    at: |name, share, amount| format!("{name}: {share} of {amount}"),
    was_full: |name, when| format!("{name} was full at {when}"),
    was_past: |name, share, when| format!("{name} was past {share} at {when}"),
    now_at: |share, amount| format!(", now {share} of {amount}"),
    alert_ends: |length, share| format!("The alert ends after {length} below {share}."),
    until: |when| format!(". The window ends {when}."),
    stop: ".",
    room: "All limits have room.",
    tightest: |what| format!("Tightest: {what}."),
    no_limit: "No limit is known yet.",
    none_now: "No call is being refused now. ",
    never_refused: "The API has refused no call in the last 24 hours.",
    last_refusal: |when, model, calls| format!("Last refusal {when}: {model}, {calls}"),
    proxy_refuses: "Tacho’s proxy refuses calls that come under it. ",
    several_models: |number| format!("{number} models"),
    from_project: |project| format!("project {project}"),
    mostly_project: |project| format!("mostly project {project}"),
    several_projects: |number| format!("{number} projects"),
    why: "Why",
    api_limits: "The API’s limits",
    from_headers: |ago| format!("from response headers, {ago}"),
    no_api_limits: "Tacho learns these from the response headers of your calls. None has been seen yet.",
    pool: "Model",
    columns: ["Requests/min", "Input/min", "Output/min"],
    own_limits: "Your limits",
    no_own_limits: "You have set no limit. A limit warns at 80\u{a0}% of what you want to spend or use.",
    set_a_limit: "Set a limit",
    worst_of: |value, of| format!("{value}, highest of {of}"),
    everything: "all",
    nobody_yet: "no value yet",
    example: "example",
    more_limits: |number, highest| format!("{number} more, highest {highest}"),
    used_of: |used, amount| format!("{used} of {amount}"),
    elsewhere: |amount| format!("; at least {amount} of it was used elsewhere, unseen by Tacho"),
    over_until: |when| format!("full until {when}"),
    full_about: |when| format!("full about {when}"),
    lasts_to: |when| format!("lasts to {when}"),
    resets: |when| format!("resets {when}"),
    measures: "Measures",
    as_before: |before| format!("as before: {before}"),
    times_as_much: |times, before| format!("{times} times as much as before: {before}"),
    more_than: |difference, before| format!("{difference} more than {before} before"),
    less_than: |difference, before| format!("{difference} less than {before} before"),
    breakdown: "Breakdown",
    share: "Share",
    total: "Total",
    others: |number| format!("{number} {}", if number == "1" { "other" } else { "others" }),
    without: |name| format!("Exclude {name}"),
    nothing_here: "No call in this time range matches.",
    unpriced: "unpriced",
    unpriced_title: |requests| {
        format!(
            "At least: {requests} of unknown price left out. Usage is not fully known, or Tacho has no price for the \
             model’s name: report it by its provider’s id, or update Tacho."
        )
    },
    unknown_usage: |requests| format!("at least: the usage of {requests} is not fully known"),
    filters: "Filters",
    filter_without: |name, value| format!("{name}: not {value}"),
    remove_filter: |filter| format!("Remove the filter {filter}"),
    happened: "What happened",
    all_alerts: "All alerts",
    nothing_happened: "No alert yet. At 80\u{a0}% of a limit one is shown here and sent to your webhooks.",
    goes_on: "open",
    learned: |pool, limits| format!("{pool}, limits learned: {limits}"),
    learned_of: |pools| format!("Limits learned for {pools} pools"),
    policies: "What the proxy did",
    policies_note: "Calls that Tacho answered or refused itself never reached the API. They count against no limit and \
                    in no other number here.",
    waited: |calls, half, most| format!("{calls} waited: half at most {half}, 99\u{a0}% at most {most}"),
    sent_again: |number| format!("{number} sent again"),
    answered_from_cache: |number| format!("{number} answered from the cache"),
    refused_calls: |number| format!("{number} refused"),
    given_up: |number| format!("{number} given up by their callers"),
    setup_title: "Make the first call",
    setup_lead: "Tacho shows how near your use of the Claude API is to its limits, and warns at 80\u{a0}%. It sees each \
                 call that passes through it, or is told of it by your application.",
};

pub(super) const NOTICES: NoticesTexts = NoticesTexts {
    lost: |events| {
        format!(
            "{events} from the proxy lost since Tacho started: neither stored nor kept in a file. Make room on the disk \
             of the data directory, or raise spill_max_bytes under [proxy], and see Tacho’s log. The calls themselves \
             went through."
        )
    },
    read_only: "Nothing can be stored: the disk is full, or Tacho may not write to its files. Figures stand still until there \
                is room. Senders are told to try again.",
    waiting: |size| {
        format!(
            "Storage is blocked: {size}\u{a0}KB of events wait in a file, and will be stored. Calls go through."
        )
    },
    refused: |events, key, message| {
        format!("{events} refused in the last 24 hours. The latest, from the key {key}: {message}.")
    },
    unreadable: |calls, fields| {
        format!(
            "{calls} of the last 24 hours had fields of usage that could not be read: {fields}. They are unknown; \
             everything else was counted. Look at what the gateway or the application sends there."
        )
    },
    and_more: |number| format!(" and {number} more"),
    overflowing: |values, limits, together| {
        format!(
            "More than {values} values have come under {limits}. Those beyond, the ones that have used least, are \
             counted, warned of and enforced together: see “{together}” among the limits. If nobody has so many, find \
             who makes them up: the usage by API key shows who sends them. A limit on everything beside it holds \
             whatever the values are."
        )
    },
    failed: |status| format!("answered with status {status}"),
    unknown_usage: "of unknown usage",
    first_call: |model, outcome| format!("First call seen: {model}, {outcome}."),
    no_limits_yet: "Limits appear as soon as a response with rate-limit headers is seen.",
    limits_learned: |limits| format!("Limits learned: {limits}."),
};

pub(super) const PLOT: PlotTexts = PlotTexts {
    now: "now",
    not_running: "Tacho was not running",
    first_event: |when| format!("first event {when}"),
    zoom_in: "Zoom in",
    forget: "Cancel",
    per: |step| format!("per {step}"),
    mean_of: |step| format!("mean of each {step}"),
    times_in: |zone| format!("times in {zone}"),
    without_price: |requests| format!("without {requests} of unknown price"),
    evenly: |amount| format!(" = {amount} if used evenly"),
    busiest: |window| format!("Busiest {window}"),
    within: |what, length| format!("{what} in {length}"),
    compared: "compared",
    compared_since: |first| format!(": no event before {first}"),
    so_far: " so far",
    show_numbers: "Show the numbers",
    from: "From",
    of_limit: "Of limit",
    nothing: "No call in this time range",
    none_refused: |of, requests| none(of, requests, "was not refused", "none was refused"),
    none_failed: |of, requests| none(of, requests, "did not fail", "none failed"),
    none_used: |of, requests| {
        none(of, requests, "used none of these tokens", "none used any of these tokens")
    },
    none_cost: |of, requests| none(of, requests, "cost nothing", "none cost anything"),
    none_priced: |requests| format!("{requests} without a known price"),
    none_known: |requests| format!("{requests} without known usage"),
    highest: |value, when, step| format!("Highest: {value} at {when}, per {step}"),
};
