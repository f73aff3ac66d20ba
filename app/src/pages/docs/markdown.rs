//! Markdown into HTML. Whatever a document holds, what comes out is harmless: raw HTML is shown as it is written, and links
//! lead to other documents or to the web, or are plain text.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use crate::documents::Doc;

/// A document as HTML.
#[derive(Debug, Clone, PartialEq)]
pub struct Markup {
    pub html: String,
    /// Its parts: the anchor and the name of each.
    pub parts: Vec<(String, String)>,
}

/// Writes a document; `copy` is the button beside each block of code.
pub fn write(markdown: &str, copy: &str) -> Markup {
    let mut writer = Writer { copy, ..Writer::default() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        writer.take(event);
    }
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut html, writer.events.into_iter());
    Markup { html, parts: writer.parts }
}

#[derive(Default)]
struct Writer<'a> {
    copy: &'a str,
    events: Vec<Event<'a>>,
    parts: Vec<(String, String)>,
    /// How often each anchor was given.
    anchors: HashMap<String, usize>,
    /// How many images are open: nothing of them is written.
    images: usize,
    /// The link that is open is plain text.
    is_plain: bool,
    /// Where the heading that is open begins.
    heading: usize,
}

impl<'a> Writer<'a> {
    fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Start(Tag::Image { .. }) => self.images += 1,
            Event::End(TagEnd::Image) => self.images -= 1,
            _ if self.images > 0 => {}
            Event::Html(raw) | Event::InlineHtml(raw) => self.events.push(Event::Text(raw)),
            Event::Start(Tag::HtmlBlock) => self.events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => self.events.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let to = address(&dest_url);
                self.is_plain = to.is_none();
                self.events.extend(to.map(|to| Event::Start(link(to))));
            }
            Event::End(TagEnd::Link) if self.is_plain => self.is_plain = false,
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = self.events.len();
                self.events.push(Event::Start(heading(level, None)));
            }
            Event::End(TagEnd::Heading(level)) => self.end_heading(level),
            Event::Start(Tag::Table(columns)) => {
                self.raw("<div class=\"doc-table\" tabindex=\"0\">".to_owned());
                // What is aligned is so by a style sheet.
                self.events.push(Event::Start(Tag::Table(vec![Alignment::None; columns.len()])));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(event);
                self.raw("</div>".to_owned());
            }
            Event::Start(Tag::CodeBlock(_)) => {
                self.raw("<div class=\"paste\"><pre tabindex=\"0\"><code>".to_owned());
            }
            Event::End(TagEnd::CodeBlock) => self.raw(format!("</code></pre>{}</div>\n", self.copy)),
            other => self.events.push(other),
        }
    }

    /// HTML of our own.
    fn raw(&mut self, html: String) {
        self.events.push(Event::Html(html.into()));
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let name: String = self.events[self.heading..].iter().filter_map(words).collect();
        let anchor = self.anchor(&name);
        if level == HeadingLevel::H2 {
            self.parts.push((anchor.clone(), name));
        }
        self.events[self.heading] = Event::Start(heading(level, Some(anchor.into())));
        self.events.push(Event::End(TagEnd::Heading(level)));
    }

    /// The anchor that GitHub gives a heading, so that links hold here and there.
    fn anchor(&mut self, name: &str) -> String {
        let kept = name.to_lowercase();
        let kept = kept.chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
        let anchor: String = kept.map(|char| if char == ' ' { '-' } else { char }).collect();
        let times = self.anchors.entry(anchor.clone()).or_default();
        *times += 1;
        if *times == 1 { anchor } else { format!("{anchor}-{}", *times - 1) }
    }
}

fn words<'e>(event: &'e Event) -> Option<&'e str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        _ => None,
    }
}

fn heading<'a>(level: HeadingLevel, id: Option<CowStr<'a>>) -> Tag<'a> {
    Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() }
}

fn link<'a>(to: String) -> Tag<'a> {
    Tag::Link { link_type: LinkType::Inline, dest_url: to.into(), title: "".into(), id: "".into() }
}

/// Where a link leads: within the document, to another one, or to the web; nowhere for everything else.
fn address(to: &str) -> Option<String> {
    if ["#", "https://", "http://"].iter().any(|start| to.starts_with(start)) {
        return Some(to.to_owned());
    }
    let (file, place) = to.split_once('#').map_or((to, None), |(file, place)| (file, Some(place)));
    let doc = Doc::of_name(file.strip_suffix(".md")?)?;
    let place = place.map(|place| format!("#{place}")).unwrap_or_default();
    Some(doc.address() + &place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        write(markdown, "").html
    }

    #[test]
    fn raw_html_is_shown_and_not_done() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div onclick=\"x()\">\n\n**b**\n\n</div>",
            "<style>*{display:none}</style>",
            "<!-- --><svg/onload=alert(1)>",
            "# <b onclick=x()>head",
            "| <i onload=x()> |\n|---|\n| <u onload=x()> |",
            "`<b>` and\n\n```\"><script>\n</code></pre><script>alert(1)</script>\n```",
            "![<script>](javascript:alert(1))",
            "[<script>x</script>](limits.md)",
            "# \" onclick=x() id=\"",
        ] {
            let html = html(hostile);
            // Every tag is one that the writer makes itself, with no attribute but its own.
            for tag in html.split('<').skip(1) {
                let tag = tag.split('>').next().unwrap().trim_start_matches('/');
                let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
                let own = [
                    "p", "h1", "div", "pre", "code", "strong", "a", "table", "thead", "tbody", "tr", "th",
                    "td",
                ];
                assert!(own.contains(&name), "{hostile}: {html}");
                let attributes = attributes.split('"').step_by(2).map(str::trim);
                let known =
                    |attribute: &str| ["", "id=", "class=", "tabindex=", "href="].contains(&attribute);
                assert!(attributes.clone().all(known), "{hostile}: {html}");
            }
        }
    }

    #[test]
    fn links_lead_to_documents_and_to_the_web_or_nowhere() {
        for (to, expected) in [
            ("limits.md", Some("/docs/limits")),
            ("limits.md#scope", Some("/docs/limits#scope")),
            ("README.md", Some("/docs")),
            ("#scope", Some("#scope")),
            ("https://example.com/a?b=c", Some("https://example.com/a?b=c")),
            ("../README.md#start", None),
            ("absent.md", None),
            ("limits", None),
            ("javascript:alert(1)", None),
            ("JavaScript:alert(1)//limits.md", None),
            (" javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("//example.com", None),
            ("/settings", None),
            ("", None),
        ] {
            assert_eq!(address(to).as_deref(), expected, "{to}");
        }
        assert_eq!(
            html("[a **b**](javascript:x) [c](cost.md)"),
            "<p>a <strong>b</strong> <a href=\"/docs/cost\">c</a></p>\n"
        );
        assert_eq!(html("<javascript:alert(1)>"), "<p>javascript:alert(1)</p>\n");
        assert_eq!(html("[a]\n\n[a]: vbscript:x"), "<p>a</p>\n");
    }

    #[test]
    fn headings_have_the_anchors_that_github_gives() {
        let Markup { html, parts } =
            write("# A\n## `tacho check`, 100 %\n## Of_the proxy\n### A\n## 속도 제한", "");
        let parts: Vec<&str> = parts.iter().map(|(anchor, _)| anchor.as_str()).collect();
        assert_eq!(parts, ["tacho-check-100-", "of_the-proxy", "속도-제한"]);
        assert!(html.contains("<h3 id=\"a-1\">A</h3>"), "{html}");
    }

    #[test]
    fn images_are_left_out_and_code_can_be_copied() {
        let html = write("a ![b *c*](overview.png) d\n\n```sh\nls\n```", "<button></button>").html;
        let code = "<div class=\"paste\"><pre tabindex=\"0\"><code>ls\n</code></pre><button></button></div>";
        assert!(html.contains("<p>a  d</p>") && html.contains(code), "{html}");
    }
}
