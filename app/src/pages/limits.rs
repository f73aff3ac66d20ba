//! Limits: where they stand, and setting them.

use leptos::prelude::*;
use leptos_meta::Title;
use server_fn::ServerFn;
use vocabulary::{Dimension, wording};

use crate::api::Question;
use crate::api::gauges::{GaugeLine, Gauges};
use crate::api::limits::{LimitCard, LimitsPage as Limits, RemoveLimit, SaveLimit};
use crate::live::use_live;
use crate::parts::{Answered, Asked, Erase, Followed, Gauge, IdButton, Items, LastRefusal, PostForm, asked};

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
    let gauges = asked(|| Question::Gauges, move || changes.get() + live.beat());
    let page = Page { changes, gauges };
    view! {
        <Title text="Limits"/>
        <h1>"Limits"</h1>
        <p class="lead">
            "A limit says how much a window may use, and at which percent you are told. Limits per minute look at "
            "the last 60 seconds; hours, days and months follow the calendar."
        </p>
        <LastRefusal/>
        <Followed to=limits draw=move |limits| view! { <Body limits page/> }/>
    }
    .erased()
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Page {
    /// Grows with every change made here.
    changes: RwSignal<u32>,
    gauges: Asked<Gauges>,
}

#[component]
fn Body(limits: Signal<Limits>, page: Page) -> impl IntoView {
    let first = limits.get_untracked();
    // Kept, so that each item finds itself without all of them being made again.
    let items = Memo::new(move |_| limits.with(|limits| limits.limits.clone()));
    let notes = move || {
        limits.with(|limits| {
            let notes = limits.notes.clone().into_iter();
            notes.map(|(class, text)| view! { <p class=class>{text}</p> }).collect_view()
        })
    };
    let item = move |card: LimitCard| view! { <Item card page/> };
    view! {
        {notes}
        <div class="items"><Items items=items.into() key=|card| card.id.clone() draw=item/></div>
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
fn Item(card: LimitCard, page: Page) -> impl IntoView {
    let (id, enabled, history) = (card.id.clone(), card.enabled, card.history.clone());
    let gauges = move |Gauges { as_of_ms, gauges }: Gauges| {
        let changes = changes(&history, as_of_ms);
        let own = gauges.into_iter().filter(|gauge| gauge.limit_id == id).collect();
        enabled.then(|| view! { <OwnGauges gauges=own changes/> })
    };
    let (label, title, facts) = (card.title.clone(), card.title.clone(), card.facts.clone());
    let editable = card.editable;
    let edit = editable.then(|| view! { <Edit card changes=page.changes/> });
    view! {
        <section class="card limit" aria-label=label>
            <h2>{title}</h2>
            <p class="facts">{facts}</p>
            <Answered to=page.gauges draw=gauges/>
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
fn OwnGauges(
    gauges: Vec<GaugeLine>,
    /// What has changed about it; empty for nothing.
    changes: String,
) -> impl IntoView {
    let idle = gauges.is_empty();
    let values = gauges.first().map_or(0, |worst| worst.values);
    let more = values.saturating_sub(gauges.len() as u64);
    let gauges = gauges.into_iter().map(|gauge| view! { <Gauge gauge named=false/> });
    view! {
        <ul class="gauges">{gauges.collect_view()}</ul>
        {idle.then(|| view! { <p class="footnote">"Nothing has come under it yet."</p> })}
        {(more > 0).then(|| view! { <p class="footnote">{format!("and {more} more below these")}</p> })}
        {(!changes.is_empty()).then(|| view! { <p class="footnote">{changes}</p> })}
    }
    .erased()
}

#[component]
fn Edit(card: LimitCard, changes: RwSignal<u32>) -> impl IntoView {
    let id = card.id.clone();
    let comes_back = card.learned.then_some(" It comes back with the next response that names it.");
    view! {
        <div class="edits">
        <details class="edit">
            <summary>"Change"</summary>
            <PostForm to=SaveLimit::PATH taken=changes class="form"><EditFields card/></PostForm>
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
fn EditFields(card: LimitCard) -> impl IntoView {
    view! {
        <input type="hidden" name="form[id]" value=card.id/>
        <SharedFields
            name=card.name
            amount=card.amount
            zone=card.time_zone
            placeholder=card.default_zone
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
