//! A body's items, found without reading them: one that is wrong inside leaves the others alone.

use super::bounds::Bounds;
use super::refusal::{BodyError, Refusal};

/// One item of a body: its text, or why it has none.
pub type Item<'a> = Result<&'a str, Refusal>;

/// How a body holds its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Object,
    Array,
    Lines,
}

/// The items of a body, in order.
///
/// An object, an array of them and one object per line are told apart by their content; a content type of
/// NDJSON settles it for lines. Bytes that are not UTF-8 spoil an object or an array as a whole, since nothing
/// says where the damage ends, but only their own line of NDJSON.
pub fn split<'a>(
    content_type: Option<&str>,
    body: &'a [u8],
    bounds: &Bounds,
) -> Result<Vec<Item<'a>>, BodyError> {
    let ndjson = is_ndjson(content_type)?;
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if body.is_empty() {
        return Err(BodyError::Empty);
    }
    let form = if ndjson { Form::Lines } else { form_of(body)? };
    if form != Form::Lines && std::str::from_utf8(body).is_err() {
        return Err(BodyError::InvalidUnicode);
    }
    let mut items = Vec::new();
    match form {
        Form::Object => items.push(body),
        Form::Array => elements(body, bounds.items, &mut items)?,
        Form::Lines => {
            let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            items.extend(lines.filter(|line| !line.is_empty()).take(bounds.items.saturating_add(1)));
        }
    }
    if items.len() > bounds.items {
        return Err(BodyError::TooManyItems { max: bounds.items });
    }
    Ok(items.into_iter().map(|item| check(item, bounds)).collect())
}

/// Whether the content type says NDJSON. Others that people send JSON with (curl's own default among them)
/// leave it to the content.
fn is_ndjson(content_type: Option<&str>) -> Result<bool, BodyError> {
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
            Ok(true)
        }
        "" | "application/json" | "text/json" | "text/plain" | "application/x-www-form-urlencoded" => {
            Ok(false)
        }
        other if other.starts_with("application/") && other.ends_with("+json") => Ok(false),
        _ => Err(BodyError::UnsupportedType),
    }
}

fn form_of(body: &[u8]) -> Result<Form, BodyError> {
    if body.first() == Some(&b'[') {
        return Ok(Form::Array);
    }
    let end = end_of_object(body);
    let first_line = body.iter().position(|byte| *byte == b'\n');
    match end {
        Some(end) if end == body.len() => Ok(Form::Object),
        Some(end) if first_line.is_some_and(|line| end <= line) => Ok(Form::Lines),
        _ if body.windows(2).any(|pair| pair == b"\n{") => Ok(Form::Lines),
        Some(_) => Err(BodyError::Malformed("there is something behind the object")),
        None => Err(BodyError::Malformed("it is neither an object nor an array, or it was cut off")),
    }
}

/// Where the object that `body` begins with ends, as far as brackets and quotes tell.
fn end_of_object(body: &[u8]) -> Option<usize> {
    if body.first() != Some(&b'{') {
        return None;
    }
    let mut nesting = Nesting::default();
    let last = body.iter().position(|byte| {
        nesting.step(*byte);
        nesting.depth == 0
    })?;
    Some(last + 1)
}

/// The elements of the array `body`, as far as brackets, quotes and commas tell; one more than `max` at most.
fn elements<'a>(body: &'a [u8], max: usize, elements: &mut Vec<&'a [u8]>) -> Result<(), BodyError> {
    let mut nesting = Nesting::default();
    let mut start = 1;
    for (at, byte) in body.iter().enumerate() {
        nesting.step(*byte);
        let end = nesting.depth == 0;
        if end && at + 1 < body.len() {
            return Err(BodyError::Malformed("there is something behind the array"));
        }
        if end && *byte != b']' {
            return Err(BodyError::Malformed("its brackets do not match"));
        }
        if end || nesting.depth == 1 && !nesting.in_string && *byte == b',' {
            let element = body[start..at].trim_ascii();
            start = at + 1;
            if end && elements.is_empty() && element.is_empty() {
                return Ok(());
            }
            elements.push(element);
            if end || elements.len() > max {
                return Ok(());
            }
        }
    }
    Err(BodyError::Malformed("the array does not end; it was cut off"))
}

fn check<'a>(item: &'a [u8], bounds: &Bounds) -> Item<'a> {
    if item.len() > bounds.item_bytes {
        return Err(Refusal::item_too_large(bounds.item_bytes));
    }
    std::str::from_utf8(item).map_err(|_| Refusal::not_utf8())
}

/// How deep a byte stands inside brackets, strings left out.
#[derive(Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    fn step(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(content_type: Option<&str>, body: &str) -> Vec<String> {
        let items = split(content_type, body.as_bytes(), &Bounds::default()).unwrap();
        items
            .into_iter()
            .map(|item| item.map_or_else(|refusal| refusal.code.word().into(), Into::into))
            .collect()
    }

    fn refused(body: &[u8]) -> BodyError {
        split(None, body, &Bounds::default()).unwrap_err()
    }

    #[test]
    fn forms_are_told_apart_by_their_content() {
        for (body, items) in [
            ("{}", &["{}"][..]),
            ("\u{feff} {\n \"a\": {\n\"b\": 1}}\n", &["{\n \"a\": {\n\"b\": 1}}"]),
            ("[]", &[]),
            ("[ ]", &[]),
            (r#"[{"a":"],["}, {"b":[1,{}]} ,3]"#, &[r#"{"a":"],["}"#, r#"{"b":[1,{}]}"#, "3"]),
            (r#"[{"a":"\"]},"},NaN]"#, &[r#"{"a":"\"]},"}"#, "NaN"]),
            ("[1,,2,]", &["1", "", "2", ""]),
            ("{\"a\":1}\r\n\r\n  {\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
            ("{\"a\":1}\nrubbish", &["{\"a\":1}", "rubbish"]),
            ("{\"a\":\n{\"b\":2}", &["{\"a\":", "{\"b\":2}"]),
            ("rubbish\n{\"b\":2}", &["rubbish", "{\"b\":2}"]),
        ] {
            assert_eq!(texts(None, body), items, "{body}");
        }
    }

    #[test]
    fn the_content_type_settles_it_for_lines() {
        for content_type in ["application/x-ndjson", "Application/NDJSON; charset=utf-8", "application/jsonl"]
        {
            assert_eq!(texts(Some(content_type), "[1]\n{}"), ["[1]", "{}"], "{content_type}");
        }
        for content_type in ["application/json; charset=utf-8", "application/vnd.x+json", "text/plain"] {
            assert_eq!(texts(Some(content_type), "[1]"), ["1"], "{content_type}");
        }
        for content_type in ["text/csv", "multipart/form-data; boundary=x", "application/x-protobuf"] {
            let refused = split(Some(content_type), b"{}", &Bounds::default());
            assert_eq!(refused, Err(BodyError::UnsupportedType), "{content_type}");
        }
    }

    #[test]
    fn a_body_whose_items_cannot_be_told_apart_is_refused() {
        for body in ["", " \r\n\t "] {
            assert_eq!(refused(body.as_bytes()), BodyError::Empty);
        }
        for body in [
            "42",
            "rubbish",
            "{",
            "{\"a\":\n1",
            "{} {}",
            "[",
            "[{}",
            "[{}}",
            "[{}] []",
            r#"[{"a":"}]"#,
            "[1]\n[2]",
        ] {
            let refused = refused(body.as_bytes());
            assert!(matches!(refused, BodyError::Malformed(_)), "{body}: {refused:?}");
            assert_eq!(vocabulary::Problem::from(refused).kind, vocabulary::ProblemKind::Invalid);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_spoil_a_body_but_only_one_line() {
        assert_eq!(refused(b"[{\"a\":\"\xff\"},{}]"), BodyError::InvalidUnicode);
        assert_eq!(refused(b"{\"a\":\"\xff\"}"), BodyError::InvalidUnicode);
        let bounds = Bounds::default();
        let items = split(None, b"{\"a\":\"\xff\"}\n{}", &bounds).unwrap();
        assert_eq!(items, [Err(Refusal::not_utf8()), Ok("{}")]);
    }

    #[test]
    fn items_are_bounded_in_number_and_size() {
        let bounds = Bounds { items: 3, item_bytes: 8, ..Bounds::default() };
        for (separator, open, close) in [(",", "[", "]"), ("\n", "", "")] {
            for count in 2..=4 {
                let body = format!("{open}{}{close}", vec!["{}"; count].join(separator));
                let items = split(None, body.as_bytes(), &bounds);
                match count {
                    4 => assert_eq!(items, Err(BodyError::TooManyItems { max: 3 })),
                    _ => assert_eq!(items.unwrap().len(), count),
                }
            }
            for (length, fits) in [(7, true), (8, true), (9, false)] {
                let long = format!("{{\"{}\":1}}", "a".repeat(length - 6));
                let body = format!("{open}{{}}{separator}{long}{close}");
                let items = split(None, body.as_bytes(), &bounds).unwrap();
                assert_eq!((items[0].is_ok(), items[1].is_ok()), (true, fits), "{body}");
            }
        }
    }
}
