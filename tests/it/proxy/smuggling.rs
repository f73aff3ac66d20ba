//! Requests that mean one thing to one server and another to the next: byte for byte, over a socket, to the program.
//!
//! `smuggling/*.txt` has them, each as it is sent: the ends of lines in the file do not count, `\r`, `\n`, `\t`, `\0`,
//! `\\` and `\xHH` do. Behind each comes an honest request over the same connection. What the API may see of it is named
//! `case`, what it must not see `hidden` or `injected`. Where what is answered is a matter of taste, `either` says so.

use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use upstream::{Exchange, Terms, Upstream};

use crate::harness::program::Program;
use crate::harness::within;

const CORPUS: [&str; 7] = [
    include_str!("smuggling/lengths.txt"),
    include_str!("smuggling/encodings.txt"),
    include_str!("smuggling/chunks.txt"),
    include_str!("smuggling/heads.txt"),
    include_str!("smuggling/targets.txt"),
    include_str!("smuggling/protocols.txt"),
    include_str!("smuggling/paths.txt"),
];

/// After so long without an answer nothing more is sent, so that what waits for more comes to its end.
const QUIET: Duration = Duration::from_secs(1);

struct Case {
    name: String,
    /// How many requests the API sees of it.
    at_the_api: RangeInclusive<usize>,
    /// Whether the request behind it is answered, or the connection closed; nothing when it may be either.
    goes_on: Option<bool>,
    bytes: Vec<u8>,
}

impl Case {
    /// `number` tells its requests from those of others.
    fn read(text: &str, number: usize) -> Self {
        let (head, bytes) = text.split_once('\n').expect("a head");
        let head: Vec<_> = head.split(" | ").collect();
        let [name, at_the_api, then] = head[..] else { panic!("{head:?}") };
        let at_the_api = at_the_api.strip_prefix("api ").expect("how many");
        let (least, most) = at_the_api.split_once("..").unwrap_or((at_the_api, at_the_api));
        let count = |text: &str| text.parse::<usize>().expect("a number");
        let goes_on = match then {
            "then answered" => Some(true),
            "then closed" => Some(false),
            "then either" => None,
            _ => panic!("{then}"),
        };
        let bytes = bytes.replace('\n', "").replace("?case", &format!("?case{number}"));
        Case {
            name: name.to_owned(),
            at_the_api: count(least)..=count(most),
            goes_on,
            bytes: unescaped(&bytes),
        }
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.chars());
    while let Some(next) = rest.next() {
        bytes.push(match next {
            '\\' => match rest.next().expect("an escape") {
                'r' => b'\r',
                'n' => b'\n',
                't' => b'\t',
                '0' => 0,
                'x' => u8::from_str_radix(&rest.by_ref().take(2).collect::<String>(), 16).expect("a byte"),
                other => u8::try_from(other).expect("one byte"),
            },
            other => u8::try_from(other).expect("one byte"),
        });
    }
    bytes
}

/// Sends bytes over a connection of their own, and returns all that is answered.
async fn answered(address: &str, bytes: &[u8]) -> Vec<u8> {
    let (mut from, mut to) = TcpStream::connect(address).await.expect("a connection").into_split();
    // Who is refused half-way hears of it whatever becomes of the rest.
    let _ = to.write_all(bytes).await;
    let mut answer = Vec::new();
    if timeout(QUIET, from.read_to_end(&mut answer)).await.is_err() {
        drop(to);
        let _ = within("the end of the connection", from.read_to_end(&mut answer)).await;
    }
    answer
}

/// The values of a header in answers that follow one another.
fn values<'a>(answers: &'a str, name: &str) -> Vec<&'a str> {
    let lines = answers.split("\r\n").filter_map(|line| line.split_once(": "));
    lines.filter(|(named, _)| *named == name).map(|(_, value)| value).collect()
}

fn of<'a>(exchanges: &'a [Exchange], word: &str) -> Vec<&'a str> {
    let is_of = |exchange: &&Exchange| {
        exchange.path_and_query.split_once(word).is_some_and(|(_, rest)| !rest.starts_with(char::is_numeric))
    };
    exchanges.iter().filter(is_of).map(|exchange| exchange.request_id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_hidden_in_another() {
    let directory = tempfile::tempdir().expect("a directory");
    let upstream = Upstream::start(Terms::default()).await;
    let program = Program::start(directory.path(), &[("TACHO_PROXY_UPSTREAM", &upstream.base_url)]).await;
    let address = program.base_url.strip_prefix("http://").expect("an address");
    let texts = CORPUS.iter().flat_map(|file| file.split("== ").skip(1));
    let cases: Vec<Case> = texts.enumerate().map(|(number, text)| Case::read(text, number)).collect();
    for (number, case) in cases.iter().enumerate() {
        let marker = format!(
            "GET /proxy/v1/models?marker{number} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        );
        let answers = answered(address, &[&case.bytes[..], marker.as_bytes()].concat()).await;
        let (answers, name) = (String::from_utf8_lossy(&answers), &case.name);
        let exchanges = upstream.exchanges();
        let (seen, marked) =
            (of(&exchanges, &format!("?case{number}")), of(&exchanges, &format!("?marker{number}")));
        assert!(case.at_the_api.contains(&seen.len()), "{name}: {seen:?} {answers}");
        assert!(case.goes_on.is_none_or(|goes_on| goes_on == (marked.len() == 1)), "{name}: {answers}");
        // Each answer is that to its request, in their order, and the last is that to the last.
        let sent = [&seen[..], &marked[..]].concat();
        let told = values(&answers, "request-id");
        assert!(told.iter().all(|id| sent.contains(id)), "{name}: {sent:?} {answers}");
        assert!(told.is_sorted_by_key(|id| sent.iter().position(|sent| sent == id)), "{name}: {answers}");
        assert!(marked.is_empty() || told.last() == marked.last(), "{name}: {answers}");
    }
    let exchanges = upstream.exchanges();
    for exchange in &exchanges {
        let path = exchange.path_and_query.split('?').next().unwrap_or_default();
        assert!(!path.contains("hidden"), "{exchange:?}");
        let injected = |(name, value): &(String, String)| {
            name.contains("injected") || name == "authorization" || value.contains(['\r', '\n', '\0'])
        };
        assert!(!exchange.headers.iter().any(injected), "{exchange:?}");
    }
    println!("{} requests, {} of them and behind them seen by the API", cases.len(), exchanges.len());
    assert!(cases.len() > 150, "{}", cases.len());
}
