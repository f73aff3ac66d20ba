//! Rust code as words and signs, without comments and without what only tests see.

/// A word, a number, a literal or a sign; `::` is one sign, every other stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

impl Token<'_> {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// The tokens of a file, but for items that stand behind `#[cfg(test)]`.
pub fn shipped(text: &str) -> Vec<Token<'_>> {
    without_tests(&all(text))
}

fn all(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = length(rest, first);
        let (token, after) = rest.split_at(length);
        let is_code = !first.is_whitespace() && !token.starts_with("//") && !token.starts_with("/*");
        if is_code {
            found.push(Token { text: token, line });
        }
        line += token.matches('\n').count();
        rest = after;
    }
    found
}

/// How many bytes the token takes that `rest` begins with.
fn length(rest: &str, first: char) -> usize {
    let word = |rest: &str| rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if rest.starts_with("::") {
        return 2;
    }
    if let Some(length) = raw_string(rest) {
        return length;
    }
    match first {
        'b' | 'c' if rest[1..].starts_with('"') => 1 + quoted(&rest[1..], '"'),
        'b' if rest[1..].starts_with('\'') => 1 + quoted(&rest[1..], '\''),
        '"' => quoted(rest, '"'),
        // A character, or a lifetime.
        '\'' => match rest[1..].chars().next() {
            Some('\\') => quoted(rest, '\''),
            Some(char) if rest[1 + char.len_utf8()..].starts_with('\'') => 2 + char.len_utf8(),
            _ => 1 + word(&rest[1..]),
        },
        _ if first.is_alphanumeric() || first == '_' => word(rest),
        _ => first.len_utf8(),
    }
}

fn raw_string(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    let inside = marks[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(rest.len() - inside.len() + length)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        if char == quote && !escaped {
            return at + 1;
        }
        escaped = char == '\\' && !escaped;
    }
    rest.len()
}

fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const FOR_TESTS: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let marked = tokens[at..].iter().map(|token| token.text).take(FOR_TESTS.len()).eq(FOR_TESTS);
        if marked {
            at += FOR_TESTS.len() + item(&tokens[at + FOR_TESTS.len()..]);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// How many tokens an item takes: up to its semicolon, or to the end of its braces.
fn item(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.text, "}" | ";") {
            return at + 1;
        }
    }
    tokens.len()
}

#[test]
fn what_is_said_is_told_from_what_is_code() {
    let text = r##"
        use a::b; // not::this
        /* nor::this */
        const QUOTE: char = '\''; fn of<'a>(x: &'a str) { f("no::t \" this", r#"nor "this"#, b'"', '"'); }
        #[cfg(test)]
        #[allow(unused)]
        mod tests { fn not() {} }
        #[cfg(test)] use not::this;
        c::d();
    "##;
    let words: Vec<_> = shipped(text).into_iter().filter(Token::is_word).map(|token| token.text).collect();
    let expected = "use a b const QUOTE char fn of x str f r#\"nor \"this\"# b'\"' c d";
    assert_eq!(words.join(" "), expected);
    assert_eq!(shipped(text).last().unwrap().line, 9);
}
