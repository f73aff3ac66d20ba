//! What the `unified` headers say of all windows of a subscription together: whether the call was let through, and
//! which window decided. A call that is refused may name that window here alone.

/// The status of what lets nothing through any more.
pub(super) const REJECTED: &str = "rejected";

/// How windows are called in a claim, and in headers of their own. What follows, such as `_sonnet`, is the same.
const CLAIMS: [(&str, &str); 2] = [("five_hour", "5h"), ("seven_day", "7d")];

/// The headers without a window's name.
#[derive(Debug, Default)]
pub(super) struct Summary<'a> {
    status: &'a str,
    claim: &'a str,
    reset: &'a str,
}

impl<'a> Summary<'a> {
    /// Takes up the value of a header, called by what follows the common prefix.
    pub fn take(&mut self, name: &str, value: &'a str) {
        match name {
            "status" => self.status = value,
            "representative-claim" => self.claim = value,
            "reset" => self.reset = value,
            _ => {}
        }
    }

    /// The window that has let nothing through, and when it is said to be reset; nothing when the call was let through.
    pub fn rejected(&self) -> Option<(String, &'a str)> {
        let named =
            |(claim, window): &(&str, &str)| Some(format!("{window}{}", self.claim.strip_prefix(claim)?));
        let window = CLAIMS.iter().find_map(named)?;
        (self.status == REJECTED).then_some((window, self.reset))
    }
}
