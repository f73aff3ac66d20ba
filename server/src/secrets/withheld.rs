//! Addresses as they are shown to people and logged: without what somebody has put into them to sign in elsewhere.

/// Stands in place of what is withheld.
const WITHHELD: &str = "…";

/// An address without user name and password, query and fragment. It need not make sense: that is when it is shown, and a
/// password with signs in it may be why.
pub fn without_credentials(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => (format!("{WITHHELD}@"), rest),
        None => (String::new(), rest),
    };
    match rest.find(['?', '#']) {
        Some(end) => format!("{scheme}{user}{}{WITHHELD}", &rest[..=end]),
        None => format!("{scheme}{user}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_shown_without_what_signs_in() {
        for (address, shown) in [
            ("https://api.anthropic.com", "https://api.anthropic.com"),
            ("https://me:secret@host/v1", "https://…@host/v1"),
            ("me:secret@host", "…@host"),
            ("https://me:se@c/re?t#@host:8443", "https://…@host:8443"),
            ("https://host/?token=secret", "https://host/?…"),
            ("https://me:secret@host/?token=secret#secret", "https://…@host/?…"),
            ("host#secret", "host#…"),
            ("", ""),
        ] {
            assert_eq!(without_credentials(address), shown);
        }
    }

    proptest! {
        #[test]
        fn no_password_is_shown(password in "\\PC{0,20}", host in "[a-z.]{1,9}", rest in "(/[a-z]{0,5})?([?#][a-z]{0,5})?") {
            let secret = format!("canary{password}");
            let shown = without_credentials(&format!("https://me:{secret}@{host}{rest}"));
            prop_assert!(!shown.contains("canary") && shown.contains(&host), "{}", shown);
        }
    }
}
