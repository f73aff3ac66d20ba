//! Walking over JSON text without building anything.
//!
//! A JSON library stops at the first `NaN` and forgets which field held it, keeps the last of two fields of
//! the same name, and builds what nobody reads. This only finds where the members of an object are; reading a
//! string or a number is left to the library.

use serde::de::IgnoredAny;

/// Nesting this walks into whatever it is asked to.
const MAX_DEPTH: usize = 128;

/// What stops a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not JSON, from this byte on.
    Syntax(usize),
    /// Nested deeper than allowed.
    TooDeep,
}

/// The members of an object, as raw name and raw value. Everything inside is walked over, so the text is
/// well-formed down to its last byte, but for halves of surrogate pairs; and `NaN` and `Infinity`, which
/// Python writes, pass as numbers for the reader of a field to refuse.
pub(crate) fn members(text: &str, depth: usize) -> Result<Vec<(&str, &str)>, Fault> {
    Walk { text, at: 0, deeper: Deeper::Stops }.members(depth)
}

/// The same, whatever is in it: of what is nested deeper, strings and brackets are followed to its end.
pub(crate) fn members_of_any_depth(text: &str, depth: usize) -> Result<Vec<(&str, &str)>, Fault> {
    Walk { text, at: 0, deeper: Deeper::IsPassedOver }.members(depth)
}

/// The elements of an array, raw.
pub(crate) fn elements(text: &str, depth: usize) -> Result<Vec<&str>, Fault> {
    Walk { text, at: 0, deeper: Deeper::Stops }.elements(depth)
}

/// The same, whatever is in it.
pub(crate) fn elements_of_any_depth(text: &str, depth: usize) -> Result<Vec<&str>, Fault> {
    Walk { text, at: 0, deeper: Deeper::IsPassedOver }.elements(depth)
}

/// What becomes of what is nested deeper than is walked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deeper {
    Stops,
    IsPassedOver,
}

struct Walk<'a> {
    text: &'a str,
    at: usize,
    deeper: Deeper,
}

impl<'a> Walk<'a> {
    fn members(mut self, depth: usize) -> Result<Vec<(&'a str, &'a str)>, Fault> {
        let mut members = Vec::new();
        self.blank();
        self.object(depth.min(MAX_DEPTH), &mut |name, value| members.push((name, value)))?;
        self.end()?;
        Ok(members)
    }

    fn elements(mut self, depth: usize) -> Result<Vec<&'a str>, Fault> {
        let mut elements = Vec::new();
        self.blank();
        self.array(depth.min(MAX_DEPTH), &mut |element| elements.push(element))?;
        self.end()?;
        Ok(elements)
    }

    fn object(&mut self, depth: usize, visit: &mut dyn FnMut(&'a str, &'a str)) -> Result<(), Fault> {
        let Some(depth) = depth.checked_sub(1) else { return self.too_deep() };
        self.expect(b'{')?;
        self.blank();
        if self.took(b'}') {
            return Ok(());
        }
        loop {
            self.blank();
            let start = self.at;
            self.string()?;
            let name = &self.text[start..self.at];
            self.blank();
            self.expect(b':')?;
            visit(name, self.value(depth)?);
            if self.took(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize, visit: &mut dyn FnMut(&'a str)) -> Result<(), Fault> {
        let Some(depth) = depth.checked_sub(1) else { return self.too_deep() };
        self.expect(b'[')?;
        self.blank();
        if self.took(b']') {
            return Ok(());
        }
        loop {
            visit(self.value(depth)?);
            if self.took(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// An object or an array that is not walked into. However deep it goes, this goes no deeper.
    fn too_deep(&mut self) -> Result<(), Fault> {
        if self.deeper == Deeper::Stops {
            return Err(Fault::TooDeep);
        }
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'{' | b'[') => open += 1,
                Some(b'}' | b']') => open = open.saturating_sub(1),
                Some(_) => {}
                None => return Err(Fault::Syntax(self.at)),
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// Walks over a value and the blanks around it.
    fn value(&mut self, depth: usize) -> Result<&'a str, Fault> {
        self.blank();
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.object(depth, &mut |_, _| {})?,
            Some(b'[') => self.array(depth, &mut |_| {})?,
            Some(b'"') => self.string()?,
            _ => self.scalar()?,
        }
        let value = &self.text[start..self.at];
        self.blank();
        Ok(value)
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.expect(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(byte) if byte >= b' ' => self.at += 1,
                _ => return Err(Fault::Syntax(self.at)),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let digits = match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
            Some(b'u') => 4,
            _ => return Err(Fault::Syntax(self.at)),
        };
        self.at += 1;
        for _ in 0..digits {
            if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                return Err(Fault::Syntax(self.at));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        let known = is_not_a_number(word)
            || word.bytes().all(|byte| byte.is_ascii_digit()) && !word.starts_with('0') && !word.is_empty()
            || serde_json::from_str::<IgnoredAny>(word).is_ok();
        if known { Ok(()) } else { Err(Fault::Syntax(start)) }
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.blank();
        if self.at == self.text.len() { Ok(()) } else { Err(Fault::Syntax(self.at)) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn took(&mut self, byte: u8) -> bool {
        let took = self.peek() == Some(byte);
        self.at += usize::from(took);
        took
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.took(byte) { Ok(()) } else { Err(Fault::Syntax(self.at)) }
    }
}

/// The words other languages write for numbers that JSON has no word for.
fn is_not_a_number(word: &str) -> bool {
    matches!(word, "NaN" | "-NaN" | "Infinity" | "-Infinity" | "+Infinity")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_where_they_are() {
        let text = r#" { "a" : 1 , "b\"}" : {"c": [1, {"d": "]"}]} , "é": NaN, "a": 1e400 } "#;
        let found = members(text, 4).unwrap();
        let expected = [
            (r#""a""#, "1"),
            (r#""b\"}""#, r#"{"c": [1, {"d": "]"}]}"#),
            (r#""é""#, "NaN"),
            (r#""a""#, "1e400"),
        ];
        assert_eq!(found, expected);
        assert_eq!(members(text, 3), Err(Fault::TooDeep));
        assert_eq!(elements("[1, [2, 3], {}]", 2).unwrap(), ["1", "[2, 3]", "{}"]);
        assert_eq!(elements("[]", 1).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_not_json_is_a_fault() {
        for text in [
            "",
            "{",
            "{]",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 2}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":nul}"#,
            r#"{"a":word}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u12"}"#,
            "{\"a\":\"line\nbreak\"}",
            r#"{'a':1}"#,
            r#"{"a":1}}"#,
            r#"{"a":é}"#,
            r#"{"a":[}"#,
        ] {
            assert!(matches!(members(text, 32), Err(Fault::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_even_when_it_is_not_asked_to_be() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(members(&deep, usize::MAX), Err(Fault::TooDeep));
        for depth in [2, 32, usize::MAX] {
            let text = format!(r#"{{"b":["]}}",{deep}],"c":1}}"#);
            let found = members_of_any_depth(&text, depth).unwrap();
            assert_eq!((found[0].1.len(), found[1]), (deep.len() + 7, (r#""c""#, "1")));
            assert_eq!(elements_of_any_depth(found[0].1, depth).unwrap(), ["\"]}\"", &deep]);
        }
        let open = format!(r#"{{"a":{}"#, "[".repeat(100));
        assert_eq!(members_of_any_depth(&open, 32), Err(Fault::Syntax(open.len())));
    }
}
