//! Settings that have the right type and still make no sense.

use super::Config;
use crate::access::{AllowedHosts, PublicUrl};
use crate::proxy::Origins;

/// Section and name of a setting; the section is empty for those that are in none.
pub(super) type Setting = (&'static str, &'static str);

/// A setting that has the right type and still makes no sense, and why.
pub(super) fn nonsense(config: &Config) -> Option<(Setting, String)> {
    if jiff::tz::TimeZone::get(&config.time_zone).is_err() {
        let problem =
            format!("`{}` is no time zone: use an IANA name such as `UTC` or `Asia/Seoul`", config.time_zone);
        return Some((("", "time_zone"), problem));
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log) {
        return Some((("", "log"), format!("`log`: {error}; use error, warn, info, debug or trace")));
    }
    if let Err(error) = PublicUrl::read(&config.public_url) {
        return Some((("", "public_url"), error.to_string()));
    }
    if let Err(error) = AllowedHosts::new(&config.http.allow_hosts) {
        return Some((("http", "allow_hosts"), error.to_string()));
    }
    if let Err(error) = Origins::new(&config.proxy.allow_origins) {
        return Some((("proxy", "allow_origins"), error.to_string()));
    }
    let bounded = [
        ("keep_firing_s", config.alerts.keep_firing_s, 0..=86_400),
        ("hysteresis_points", config.alerts.hysteresis_points.into(), 0..=20),
    ];
    bounded.into_iter().find(|(_, value, bounds)| !bounds.contains(value)).map(|(name, value, bounds)| {
        let problem = format!("`{name}` is {value}; it goes from {} to {}", bounds.start(), bounds.end());
        (("alerts", name), problem)
    })
}
