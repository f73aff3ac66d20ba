//! Limits: where they stand, and setting them.

use leptos::prelude::*;
use leptos_meta::Title;
use server_fn::ServerFn;

use crate::api::Question;
use crate::api::limits::{LimitCard, LimitGauges, LimitsPage as Limits, RemoveLimit, SaveLimit};
use crate::api::standing::Standing;
use crate::api::vocabulary::Dimension;
use crate::live::use_live;
use crate::parts::{Erase, Followed, Gauge, IdButton, Items, LastRefusal, PostForm, asked};
use crate::wording;

/// What a limit on requests counts unless it says otherwise: what generates.
const MESSAGES: &str = "messages";

/// What a limit on requests may count, as words of the API and in words for people. Others can be set there.
const COUNTED: [(&str, &str); 6] = [
    (MESSAGES, "messages"),
    ("count_tokens", "token counts"),
    ("batches", "batches"),
    ("files", "files"),
    ("agents", "managed agents"),
    ("messages,count_tokens,batches,files,agents,other", "every call"),
];

/// The page of limits.
#[component]
pub fn LimitsPage() -> impl IntoView {
    let live = use_live();
    let changes = RwSignal::new(0);
    // A form must not change under who fills it in: limits are asked again after a change, standings always.
    let limits = asked(|| Question::Limits, move || changes.get());
    let gauges = asked(|| Question::LimitGauges, move || changes.get() + live.beat());
    let draw = move |limits: Signal<Limits>| {
        let body = move |gauges: Signal<LimitGauges>| {
            let page = Page { changes, gauges: Memo::new(move |_| gauges.get()) };
            view! { <Body limits page/> }
        };
        view! { <Followed to=gauges draw=body/> }
    };
    view! {
        <Title text="Limits"/>
        <h1>"Limits"</h1>
        <p class="lead">
            "A limit says how much a window may use, and at which percent you are told. Limits per minute look at "
            "the last 60 seconds; hours, days and months follow the calendar."
        </p>
        <LastRefusal/>
        <Followed to=limits draw/>
    }
    .erased()
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Page {
    /// Grows with every change made here.
    changes: RwSignal<u32>,
    gauges: Memo<LimitGauges>,
}

#[component]
fn Body(limits: Signal<Limits>, page: Page) -> impl IntoView {
    let first = limits.get_untracked();
    // Kept, so that each item finds itself without all of them being made again.
    let items = Memo::new(move |_| {
        let Limits { limits, time_zone, .. } = limits.get();
        limits.into_iter().map(|card| (card, time_zone.clone())).collect::<Vec<_>>()
    });
    let more = move || {
        let more = limits.with(|limits| limits.more);
        (more > 0).then(|| {
            let more = wording::count(more, "limit");
            view! {
                <p class="footnote">
                    {more} " more, learned from response headers and further from their end, " <code>"GET /v1/limits"</code>
                    " and " <code>"GET /v1/limits/status"</code> " tell of."
                </p>
            }
        })
    };
    let none = move || {
        let none = limits.with(|limits| limits.limits.is_empty());
        none.then(|| view! { <p class="notice">"No limit is set: nothing will be warned of."</p> })
    };
    let not_learned = (first.not_learned > 0).then(|| {
        let times = wording::count(first.not_learned, "time");
        view! { <p class="notice">"Response headers named more limits than Tacho keeps: " {times} " one was passed over or made room for another. Each key has room for 200."</p> }
    });
    let item = move |(card, default_zone): (LimitCard, String)| view! { <Item card default_zone page/> };
    view! {
        {none}
        {not_learned}
        <div class="items"><Items items=items.into() key=|(card, _)| card.id.clone() draw=item/></div>
        {more}
        <section class="card" aria-labelledby="add-title">
            <h2 id="add-title">"Add a limit"</h2>
            <PostForm to=SaveLimit::PATH taken=page.changes class="form" empties=true>
                <AddFields kinds=first.kinds time_zone=first.time_zone/>
            </PostForm>
        </section>
    }
    .erased()
}

#[component]
fn AddFields(kinds: Vec<(String, String)>, time_zone: String) -> impl IntoView {
    view! {
        <input type="hidden" name="form[id]" value=""/>
        <KindFields kinds/>
        <SharedFields name=String::new() amount=String::new() zone=String::new() placeholder=time_zone warn=80 critical=100 enforce=false fixed=false endpoints=MESSAGES.to_owned()/>
        <button type="submit" class="primary">"Add the limit"</button>
    }
    .erased()
}

#[component]
fn KindFields(kinds: Vec<(String, String)>) -> impl IntoView {
    let options = kinds.into_iter().map(|(word, text)| view! { <option value=word>{text}</option> });
    let dimensions = Dimension::ALL
        .iter()
        .map(|dimension| view! { <option value=dimension.word()>{dimension.label()}</option> });
    view! {
        <label>"Kind" <select name="form[kind]">{options.collect_view()}</select></label>
        <label>
            "Covers"
            <select name="form[scope_dimension]">
                <option value="">"Everything"</option>
                {dimensions.collect_view()}
            </select>
        </label>
        <label>
            "Value" <input name="form[scope_value]" placeholder="each value by itself" maxlength="256"/>
        </label>
    }
}

#[component]
fn SharedFields(
    name: String,
    amount: String,
    zone: String,
    placeholder: String,
    warn: u32,
    critical: u32,
    enforce: bool,
    /// Whether the amount is what headers say, and not typed.
    fixed: bool,
    /// Which calls it counts; empty where that is no question.
    endpoints: String,
) -> impl IntoView {
    let counted = |endpoints: String| {
        let options = COUNTED.map(|(value, label)| {
            view! { <option value=value selected=value == endpoints>{label}</option> }
        });
        let other = COUNTED.iter().all(|(value, _)| *value != endpoints).then(|| {
            view! { <option value=endpoints.clone() selected=true>{endpoints.replace(',', ", ")}</option> }
        });
        view! { <label>"Of requests, counts" <select name="form[endpoints]">{options}{other}</select></label> }
    };
    view! {
        <label>"Name" <input name="form[name]" value=name required maxlength="128"/></label>
        <label>"Amount" <input name="form[amount]" value=amount inputmode="decimal" required readonly=fixed/></label>
        <label>"Warns at %" <input name="form[warn_percent]" value=warn.to_string() inputmode="numeric"/></label>
        <label>"Critical at %" <input name="form[critical_percent]" value=critical.to_string() inputmode="numeric"/></label>
        {(!endpoints.is_empty()).then(|| counted(endpoints))}
        <label>"Time zone" <input name="form[time_zone]" value=zone placeholder=placeholder/></label>
        {(!fixed).then(|| view! {
            <label>
                "When exhausted, the proxy"
                <select name="form[enforce]">
                    <option value="">"passes calls on"</option>
                    <option value="yes" selected=enforce>"refuses calls"</option>
                </select>
            </label>
        })}
    }
}

#[component]
fn Item(card: LimitCard, default_zone: String, page: Page) -> impl IntoView {
    let (id, enabled, history) = (card.id.clone(), card.enabled, card.history.clone());
    let own = Memo::new(move |_| {
        page.gauges.with(|gauges| {
            let own = gauges.limits.iter().find(|(limit_id, ..)| *limit_id == id);
            let (standings, more) = own.map(|(_, own, more)| (own.clone(), *more)).unwrap_or_default();
            (gauges.as_of_ms, standings, more)
        })
    });
    let gauges = move || {
        let (as_of_ms, standings, more) = own.get();
        let changes = changes(&history, as_of_ms);
        enabled.then(|| view! { <Gauges standings more as_of_ms changes/> })
    };
    let (label, title, facts) = (card.title.clone(), card.title.clone(), card.facts.clone());
    let editable = card.editable;
    let edit = editable.then(|| view! { <Edit card default_zone changes=page.changes/> });
    view! {
        <section class="card limit" aria-label=label>
            <h2>{title}</h2>
            <p class="facts">{facts}</p>
            {gauges}
            {edit}
            {(!editable).then(|| view! { <p class="footnote">"Set in tacho.toml: change it there."</p> })}
        </section>
    }
    .erased()
}

/// The latest changes of a learned limit, in words.
fn changes(history: &[(i64, String)], as_of_ms: i64) -> String {
    let change = |(at_ms, how): &(i64, String)| format!("{}: {how}", wording::ago(*at_ms, as_of_ms));
    history.iter().map(change).collect::<Vec<_>>().join(" · ")
}

/// Where one limit stands.
#[component]
fn Gauges(
    standings: Vec<Standing>,
    /// How many more there are below these.
    more: u64,
    as_of_ms: i64,
    /// What has changed about it; empty for nothing.
    changes: String,
) -> impl IntoView {
    let idle = standings.is_empty();
    let gauges = standings.into_iter().map(|standing| view! { <Gauge standing as_of_ms named=false/> });
    view! {
        <ul class="gauges">{gauges.collect_view()}</ul>
        {idle.then(|| view! { <p class="footnote">"Nothing has come under it yet."</p> })}
        {(more > 0).then(|| view! { <p class="footnote">{format!("and {} more below these", wording::exact(more as f64))}</p> })}
        {(!changes.is_empty()).then(|| view! { <p class="footnote">{changes}</p> })}
    }
    .erased()
}

#[component]
fn Edit(card: LimitCard, default_zone: String, changes: RwSignal<u32>) -> impl IntoView {
    let id = card.id.clone();
    let comes_back = card.learned.then_some(" It comes back with the next response that names it.");
    view! {
        <div class="edits">
        <details class="edit">
            <summary>"Change"</summary>
            <PostForm to=SaveLimit::PATH taken=changes class="form"><EditFields card default_zone/></PostForm>
        </details>
        <details class="edit">
            <summary>"Remove"</summary>
            <p>"Its open alerts are resolved. Its history stays." {comes_back}</p>
            <PostForm to=RemoveLimit::PATH taken=changes><IdButton id class="danger" label="Remove the limit"/></PostForm>
        </details>
        </div>
    }
}

#[component]
fn EditFields(card: LimitCard, default_zone: String) -> impl IntoView {
    view! {
        <input type="hidden" name="form[id]" value=card.id/>
        <SharedFields
            name=card.name
            amount=card.amount
            zone=card.time_zone
            placeholder=default_zone
            warn=card.warn_percent
            critical=card.critical_percent
            enforce=card.enforce
            fixed=card.learned
            endpoints=card.endpoints
        />
        <button type="submit" class="primary">"Save"</button>
    }
    .erased()
}
