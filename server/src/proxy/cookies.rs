//! Cookies of Tacho's own. Browsers know one set of them per host, and send it to the proxy, too; what the API sets
//! through it they keep for the dashboard.

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

use crate::access::cookie;
use crate::secrets::secret;
use crate::wire::values::replace;

/// Takes our own out of what goes to the API. Others go as they came, byte for byte.
pub fn keep_own_from_api(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().any(|line| pairs(line).any(is_own)) {
        let lines = headers.get_all(COOKIE).iter().filter_map(without_own).collect();
        replace(headers, &COOKIE, lines);
    }
}

/// Takes out of an answer what would set one of ours.
pub fn keep_own_from_being_set(headers: &mut HeaderMap) {
    if headers.get_all(SET_COOKIE).iter().any(sets_own) {
        let lines = headers.get_all(SET_COOKIE).iter().filter(|line| !sets_own(line)).cloned().collect();
        replace(headers, &SET_COOKIE, lines);
    }
}

fn pairs(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b';')
}

fn is_own(pair: &[u8]) -> bool {
    cookie::is_cookie(name(pair)) || secret::is_in(pair)
}

/// A line of cookies without our own; nothing when no other is left.
fn without_own(line: &HeaderValue) -> Option<HeaderValue> {
    let others: Vec<&[u8]> = pairs(line).filter(|pair| !is_own(pair)).collect();
    if others.len() == pairs(line).count() {
        return Some(line.clone());
    }
    let is_blank = others.iter().all(|pair| pair.trim_ascii().is_empty());
    if is_blank { None } else { HeaderValue::from_bytes(others.join(&b';').trim_ascii_start()).ok() }
}

/// Whether a browser that reads this sets one of ours. It takes `=a=b` for a cookie without a name, and sends `a=b`.
fn sets_own(line: &HeaderValue) -> bool {
    let bytes = line.as_bytes();
    let is_space_or_equals = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'=';
    let start = bytes.iter().position(|byte| !is_space_or_equals(byte)).unwrap_or(bytes.len());
    cookie::is_cookie(name(bytes[start..].split(|byte| *byte == b';').next().unwrap_or_default()))
}

fn name(pair: &[u8]) -> &[u8] {
    pair.split(|byte| *byte == b'=').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(name: http::HeaderName, lines: &[&str]) -> HeaderMap {
        let value = |line: &&str| (name.clone(), HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
        let mut headers = HeaderMap::new();
        headers.extend(lines.iter().map(value));
        headers
    }

    #[test]
    fn only_our_own_stay_behind() {
        for (sent, goes_on) in [
            (&["tacho_session=a"][..], &[][..]),
            (&["theme=dark; tacho_session=a"], &["theme=dark"]),
            (&["tacho_session=a; theme=dark"], &["theme=dark"]),
            (&["tacho_session_01ab=a; theme=dark; __Host-tacho_session_02cd=b"], &["theme=dark"]),
            (&["a=1;tacho_session=x;b=2"], &["a=1;b=2"]),
            (&["a=1;  __Host-tacho_session=x ;b=\"2\" ; c"], &["a=1;b=\"2\" ; c"]),
            (&["tacho_session=\"a\"; tacho_session=b;;x=y"], &[";x=y"]),
            (&["a=1", "tacho_session=x", "__Host-tacho_session=y; b=2"], &["a=1", "b=2"]),
            (&["tacho_session = x", "tacho_session", "tacho_session="], &[]),
            (
                &["a=1; ", " b=2;", "tacho_sessions=1; my_tacho_session=2"],
                &["a=1; ", " b=2;", "tacho_sessions=1; my_tacho_session=2"],
            ),
        ] {
            let mut headers = of(COOKIE, sent);
            keep_own_from_api(&mut headers);
            assert_eq!(headers, of(COOKIE, goes_on), "{sent:?}");
        }
    }

    #[test]
    fn a_secret_in_a_cookie_of_another_name_stays_behind() {
        let key = crate::secrets::Key::generate(crate::secrets::KeyScope::Admin).reveal();
        let mut headers = of(COOKIE, &[&format!("a=1; key={key}; b=2")]);
        keep_own_from_api(&mut headers);
        assert_eq!(headers, of(COOKIE, &["a=1; b=2"]));
    }

    #[test]
    fn nobody_but_tacho_sets_its_cookies() {
        for line in [
            "tacho_session=x; Path=/",
            " Tacho_Session =x",
            "=tacho_session=x",
            " = =tacho_session=x",
            "__Host-tacho_session=x; Secure; Path=/",
            "__secure-TACHO_SESSION=x",
            "tacho_session",
            "\ttacho_session\t=",
        ] {
            let mut headers = of(SET_COOKIE, &["a=1", line, "b=tacho_session; Path=/"]);
            keep_own_from_being_set(&mut headers);
            assert_eq!(headers, of(SET_COOKIE, &["a=1", "b=tacho_session; Path=/"]), "{line:?}");
        }
    }

    proptest! {
        /// Whatever stands around it: no id of ours is left, and what was left out is our own alone.
        #[test]
        fn whatever_stands_around_it(others in prop::collection::vec("[a-c]{0,2}=?[ -:<-~]{0,6}", 0..6), place: usize, spaces in " {0,2}") {
            let line = |pairs: &[String]| pairs.join(";");
            let mut pairs = others.clone();
            pairs.insert(place % (others.len() + 1), format!("{spaces}tacho_session=secret"));
            let mut headers = of(COOKIE, &[&line(&pairs)]);
            keep_own_from_api(&mut headers);
            let left = headers.get(COOKIE).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default();
            let expected = line(&others);
            let is_blank = expected.bytes().all(|byte| byte == b';' || byte == b' ');
            prop_assert_eq!(left, if is_blank { "" } else { expected.trim_start() });
        }
    }
}
