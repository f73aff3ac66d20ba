//! What a message says: the webhook body, rendered once and sent as it is.

use domain::alert::machine::Transition;
use domain::time::rfc3339;
use serde::Serialize;
use vocabulary::Severity;

/// The type of a message that is sent to try a channel.
pub const TEST: &str = "limit.test";

/// What a message is about.
#[derive(Debug, Clone)]
pub struct Subject {
    pub limit_id: String,
    pub limit_name: String,
    /// Word of its kind.
    pub kind: String,
    /// Usage, as shown.
    pub used: f64,
    /// Amount, as shown.
    pub amount: f64,
    /// Word of the dimension it is scoped to.
    pub scope_dimension: Option<String>,
    /// The value it covers.
    pub scope_value: Option<String>,
    /// What that value means, where it is no name.
    pub means: Option<String>,
    /// Start and end of the window, Unix milliseconds.
    pub window: (i64, i64),
    /// Where to look.
    pub dashboard_url: String,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    incident_key: &'a str,
    sequence: u64,
    severity: Severity,
    previous_severity: Severity,
    reason: &'static str,
    limit: LimitData<'a>,
    scope: Scope<'a>,
    used: f64,
    percent: f64,
    window: Window,
    event_time: String,
    detected_at: String,
    usage_incomplete: bool,
    dashboard_url: &'a str,
    /// In a test, and where the scope's value is no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct LimitData<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'a str,
    amount: f64,
}

#[derive(Serialize)]
struct Scope<'a> {
    dimension: Option<&'a str>,
    value: Option<&'a str>,
}

#[derive(Serialize)]
struct Window {
    start: String,
    end: String,
}

/// `limit.warning`, `limit.critical` or `limit.resolved`.
pub fn message_type(transition: &Transition) -> &'static str {
    match transition.severity {
        Severity::Ok => "limit.resolved",
        Severity::Warning => "limit.warning",
        Severity::Critical => "limit.critical",
    }
}

/// The body of a message about a transition.
pub fn render(subject: &Subject, transition: &Transition, now_ms: i64) -> Vec<u8> {
    let body = Body {
        r#type: message_type(transition),
        timestamp: rfc3339(now_ms),
        data: Data {
            incident_key: &transition.incident_key,
            sequence: transition.sequence,
            severity: transition.severity,
            previous_severity: transition.previous,
            reason: transition.reason.word(),
            limit: LimitData {
                id: &subject.limit_id,
                name: &subject.limit_name,
                kind: &subject.kind,
                amount: subject.amount,
            },
            scope: Scope {
                dimension: subject.scope_dimension.as_deref(),
                value: subject.scope_value.as_deref(),
            },
            used: subject.used,
            percent: percent(transition),
            window: Window { start: rfc3339(subject.window.0), end: rfc3339(subject.window.1) },
            event_time: rfc3339(transition.event_time_ms),
            detected_at: rfc3339(transition.detected_at_ms),
            usage_incomplete: transition.incomplete,
            dashboard_url: &subject.dashboard_url,
            message: subject.means.as_deref(),
        },
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The body of a test message: in the shape of all others, about a limit that is made up.
pub fn render_test(incident_key: &str, dashboard_url: &str, now_ms: i64) -> Vec<u8> {
    let now = rfc3339(now_ms);
    let data = Data {
        incident_key,
        sequence: 1,
        severity: Severity::Warning,
        previous_severity: Severity::Ok,
        reason: "test",
        limit: LimitData { id: "lim_test", name: "Test", kind: "requests_per_minute", amount: 60.0 },
        scope: Scope { dimension: None, value: None },
        used: 48.0,
        percent: 80.0,
        window: Window { start: rfc3339(now_ms - 60_000), end: now.clone() },
        event_time: now.clone(),
        detected_at: now.clone(),
        usage_incomplete: false,
        dashboard_url,
        message: Some("This is a test: alerts of Tacho reach this address."),
    };
    serde_json::to_vec(&Body { r#type: TEST, timestamp: now, data }).unwrap_or_default()
}

/// Usage in percent of the amount, in words.
pub fn percent_text(transition: &Transition) -> String {
    match transition.severity {
        Severity::Ok => "resolved".to_owned(),
        severity => format!("{severity} at {} %", percent(transition)),
    }
}

/// Usage in percent of the amount, rounded down to two decimals so that it never overstates.
fn percent(transition: &Transition) -> f64 {
    match (transition.used, transition.amount) {
        (0, _) => 0.0,
        (_, 0) => 100.0,
        (used, amount) => (i128::from(used) * 10_000 / i128::from(amount)) as f64 / 100.0,
    }
}
