//! What a receiver answers is kept and shown, and many repeat the address they were asked at, which holds their token:
//! `Cannot POST /hooks/T024/9fkeUX...`.

use percent_encoding::percent_decode_str;
use url::Url;

/// Shorter pieces of an address are words, as `hooks` is.
const SHORTEST_TOKEN_BYTES: usize = 8;
const IN_ITS_PLACE: &str = "…";

/// An answer without the pieces of path and query that may be a token.
pub fn without_address(answer: &str, url: &Url) -> String {
    let asked = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let unescaped = percent_decode_str(&asked).decode_utf8_lossy();
    let is_within = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let pieces = |text| str::split(text, move |c: char| !is_within(c));
    let mut tokens: Vec<&str> = pieces(&asked)
        .chain(pieces(&unescaped))
        .filter(|piece| piece.len() >= SHORTEST_TOKEN_BYTES)
        .collect();
    // One may begin as another does.
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    tokens.iter().fold(answer.to_owned(), |answer, token| answer.replace(token, IN_ITS_PLACE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_does_not_repeat_a_token() {
        let url = Url::parse("https://example.com/hooks/T024BE91L/9fkeUXaAbC?token=abc%2Bdefghijk&v=2")
            .expect("an address");
        for (answer, kept) in [
            ("Cannot POST /hooks/T024BE91L/9fkeUXaAbC", "Cannot POST /hooks/…/…"),
            ("bad token abc+defghijk", "bad token abc+…"),
            ("{\"path\":\"\\/hooks\\/T024BE91L\"}", "{\"path\":\"\\/hooks\\/…\"}"),
            ("ok", "ok"),
            ("hooks v=2", "hooks v=2"),
        ] {
            assert_eq!(without_address(answer, &url), kept);
        }
    }
}
