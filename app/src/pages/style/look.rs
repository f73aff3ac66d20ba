//! What everything is made of: faces, colours, signs, figures.

use leptos::prelude::*;
use vocabulary::Severity;
use vocabulary::wording::name;

use super::{part, state};
use crate::parts::{INFORMATION, MARK, REFUSED, figure, icon, sign};
use crate::reader::{JOIN, Reader};

/// The colours by their names (`style/tokens.css`).
const COLOURS: [&str; 23] = [
    "paper",
    "sheet",
    "rule",
    "faint",
    "ink",
    "ink2",
    "warn-mark",
    "warn-zone",
    "warn-text",
    "crit-mark",
    "crit-zone",
    "crit-text",
    "m0",
    "m1",
    "m2",
    "m3",
    "m4",
    "mx",
    "use",
    "use-pale",
    "focus",
    "select",
    "hatch",
];

const PANGRAM: &str = "Opus 5: 84 % of 1,000 requests per minute · 요청 한도 84 %";

/// The scale of type, each step as the element that has it.
pub(super) fn faces() -> AnyView {
    part(
        "Type",
        vec![
            state(
                "26/32, semibold, 22/28 on a phone: the verdict",
                view! { <div class="verdict"><h1>{PANGRAM}</h1></div> }.into_any(),
            ),
            state(
                "22/28 figures: a measure",
                view! { <p class="measures">{figure(&format!("12.4M{JOIN}tokens"))}</p> }.into_any(),
            ),
            state("20/26, semibold: the title of a page", view! { <h1>{PANGRAM}</h1> }.into_any()),
            state("14/20: text", view! { <p>{PANGRAM}</p> }.into_any()),
            state("14/20, semibold: the name of a thing", view! { <h3>{PANGRAM}</h3> }.into_any()),
            state("14/20, in the second ink: a lead", view! { <p class="lead">{PANGRAM}</p> }.into_any()),
            state(
                "14/20 figures",
                view! { <p class="figures">"0123456789 · 1,111,111 · 8,888,888"</p> }.into_any(),
            ),
            state("12/16, semibold: the head of a part", view! { <h2>{PANGRAM}</h2> }.into_any()),
            state(
                "12/16, in the second ink: a footnote",
                view! { <p class="footnote">{PANGRAM}</p> }.into_any(),
            ),
            state(
                "12/16, of one width: code",
                view! { <pre><code>"export ANTHROPIC_BASE_URL=http://127.0.0.1:8787/proxy"</code></pre> }
                    .into_any(),
            ),
            state(
                "A name that hides and turns its direction",
                view! { <p>{name("evil\u{202e}txt.exe\u{200b}")}</p> }.into_any(),
            ),
        ],
    )
}

/// Every colour with its name, on the page's ground and on a sheet's.
pub(super) fn colours() -> AnyView {
    let swatch = |ground: &'static str, colour: &'static str| {
        let fill = if colour == "hatch" { "url(#hatch)".to_owned() } else { format!("var(--{colour})") };
        view! {
            <svg width="56" height="28" aria-hidden="true">
                <rect width="56" height="28" fill=format!("var(--{ground})")></rect>
                <rect x="8" y="4" width="40" height="20" fill=fill></rect>
            </svg>
        }
    };
    let rows = COLOURS.map(|colour| {
        view! {
            <tr>
                <th scope="row"><code>{colour}</code></th>
                <td>{swatch("paper", colour)}</td>
                <td>{swatch("sheet", colour)}</td>
                <td><svg width="172" height="28" aria-hidden="true"><text y="19" font-size="14" fill=format!("var(--{colour})")>"84 % of 1,000 requests"</text></svg></td>
            </tr>
        }
    });
    let table = view! { <p class="footnote">"Each on paper, on a sheet, and as words."</p><table><tbody>{rows.collect_view()}</tbody></table> };
    part("Colours", vec![table.into_any()])
}

/// States as signs, words and icons.
pub(super) fn signs(reader: &Reader) -> AnyView {
    let words = &reader.text().words.states;
    let severities = [Severity::Ok, Severity::Warning, Severity::Critical].map(|severity| {
        let shown = view! { <p><img src=icon(severity) width="32" height="32" alt=""/>" "{sign(severity)}" "{words[severity as usize]}</p> };
        state(&format!("{severity:?}"), shown.into_any())
    });
    let others = view! { <p>{REFUSED}" refused by the API · "{INFORMATION}" information · ✓ done · ✕ take away · ▾ menu"</p> };
    let mark = view! { <p class="brand"><span inner_html=MARK></span>"Tacho"</p> };
    let mut shown = Vec::from(severities);
    shown.extend([state("Others", others.into_any()), state("The mark", mark.into_any())]);
    part("Signs", shown)
}

/// Numbers with their units, bounds, and what is not known.
pub(super) fn figures(reader: &Reader) -> AnyView {
    let numbers = [
        ("a count", reader.amount(1_284.0, "requests")),
        ("many", reader.amount(123_456.0, "requests")),
        ("tokens", reader.amount(12_400_000.0, "tokens")),
        ("money", reader.amount(4.2, "usd")),
        ("cents", reader.amount(0.0042, "usd")),
        ("thousands of dollars", reader.amount(4_321.0, "usd")),
        ("a share", reader.percent(0.846)),
        ("a small share", reader.percent(0.012)),
        ("a share far beyond", reader.percent(17.694)),
        ("a lower bound", format!("≥{JOIN}{}", reader.amount(12_400_000.0, "tokens"))),
        ("a wait", reader.wait(1_240)),
        ("nothing", reader.amount(0.0, "requests")),
        ("unknown", reader.percent(f64::NAN)),
    ];
    let lines = numbers.iter().map(|(what, number)| {
        view! { <tr><th scope="row">{*what}</th><td>{figure(number)}</td></tr> }
    });
    let times = [
        ("a moment of today", reader.moment(super::NOON_MS / 1_000 - 3_600)),
        ("of last week", reader.moment(super::NOON_MS / 1_000 - 6 * 86_400)),
        ("of last year", reader.moment(super::NOON_MS / 1_000 - 400 * 86_400)),
        ("lengths", [45, 300, 4_800, 200_000, 2_000_000].map(|seconds| reader.duration(seconds)).join(" · ")),
        (
            "ago",
            [0, 45, 300, 200_000].map(|seconds| reader.ago(super::NOON_MS - seconds * 1_000)).join(" · "),
        ),
    ];
    let times =
        times.into_iter().map(|(what, said)| view! { <p>{what}": "<span class="figures">{said}</span></p> });
    let table = view! { <table><tbody>{lines.collect_view()}</tbody></table>{times.collect_view()} };
    part("Figures", vec![table.into_any()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_there_is_has_its_name() {
        let tokens = include_str!("../../../../style/tokens.css").split('}').next().unwrap_or_default();
        let colours = tokens.lines().filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": ")?;
            ["light-dark(", "color-mix(", "var(--m"].iter().any(|of| value.starts_with(of)).then_some(name)
        });
        assert_eq!(colours.collect::<Vec<_>>(), COLOURS[..COLOURS.len() - 1]);
    }
}
