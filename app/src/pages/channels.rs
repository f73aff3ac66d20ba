//! Channels: where alerts go, and what became of every message.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::limits::{ActionError, empty_after};
use crate::api::ApiError;
use crate::api::channels::{
    AddChannel, AttemptItem, ChannelItem, ChannelsPage as Channels, DeliveryItem, EnableChannel, Redeliver,
    RemoveChannel, RevealedSecret, TestChannel, ask_channels,
};
use crate::live::use_live;
use crate::parts::{CopyButton, Erase, Followed, Items};
use crate::wording;

/// What can be done on this page.
#[derive(Clone, Copy)]
struct Actions {
    add: ServerAction<AddChannel>,
    remove: ServerAction<RemoveChannel>,
    enable: ServerAction<EnableChannel>,
    test: ServerAction<TestChannel>,
    redeliver: ServerAction<Redeliver>,
}

/// The page of channels.
#[component]
pub fn ChannelsPage() -> impl IntoView {
    let live = use_live();
    let actions = Actions {
        add: ServerAction::new(),
        remove: ServerAction::new(),
        enable: ServerAction::new(),
        test: ServerAction::new(),
        redeliver: ServerAction::new(),
    };
    let query = use_query_map();
    let reveal = Memo::new(move |_| query.with(|query| query.get("reveal")));
    let page = Resource::new(move || reveal.get(), ask_channels);
    // The secret is told once: what is asked again later does not ask for it.
    let later = Resource::new(
        move || {
            let done = actions.add.version().get()
                + actions.remove.version().get()
                + actions.enable.version().get()
                + actions.test.version().get()
                + actions.redeliver.version().get();
            (done, live.beat())
        },
        |_| ask_channels(None),
    );
    let failed = Signal::derive(move || {
        let first = |result: Option<Result<(), ApiError>>| result.and_then(Result::err);
        first(actions.add.value().get())
            .or_else(|| first(actions.remove.value().get()))
            .or_else(|| first(actions.enable.value().get()))
            .or_else(|| first(actions.test.value().get()))
            .or_else(|| first(actions.redeliver.value().get()))
            .map(|error| error.message)
    });
    view! {
        <Title text="Channels"/>
        <h1>"Channels"</h1>
        <p class="lead">
            "Alerts are sent as signed webhooks (Standard Webhooks). A message that does not arrive is sent again "
            "for up to three days, always as the same message."
        </p>
        <ActionError error=failed/>
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                page.await.ok().and_then(|page| page.revealed).map(|secret| view! { <Secret secret/> })
            })}
        </Transition>
        <AddForm actions/>
        <Followed answer=later draw=move |page| view! { <Body page actions/> }/>
    }
    .erased()
}

#[component]
fn Secret(secret: RevealedSecret) -> impl IntoView {
    view! {
        <section class="card secret" role="status">
            <h2>"The signing secret of " {secret.channel_name}</h2>
            <p>"It is shown this once. Give it to the receiver, which checks every message with it."</p>
            <div class="paste"><pre><code>{secret.secret.clone()}</code></pre><CopyButton text=secret.secret/></div>
        </section>
    }
    .erased()
}

#[component]
fn AddForm(actions: Actions) -> impl IntoView {
    let form = NodeRef::new();
    empty_after(form, actions.add);
    view! {
        <section class="card" aria-labelledby="add-title">
            <h2 id="add-title">"Add a webhook"</h2>
            <ActionForm action=actions.add node_ref=form attr:class="form">
                <label>"Name" <input name="form[name]" required maxlength="128" placeholder="On call"/></label>
                <label class="wide">
                    "Address" <input name="form[url]" type="url" required placeholder="https://example.com/hooks/tacho"/>
                </label>
                <button type="submit" class="primary">"Add the webhook"</button>
            </ActionForm>
        </section>
    }
    .erased()
}

#[component]
fn Body(page: Signal<Channels>, actions: Actions) -> impl IntoView {
    let channels = Signal::derive(move || page.get().channels);
    let deliveries = Signal::derive(move || {
        let Channels { deliveries, as_of_ms, utc_offset_s, .. } = page.get();
        deliveries.into_iter().map(|delivery| (delivery, as_of_ms, utc_offset_s)).collect::<Vec<_>>()
    });
    let channel = move |channel: ChannelItem| view! { <Channel channel actions/> };
    let delivery = move |(delivery, as_of_ms, utc_offset_s): (DeliveryItem, i64, i32)| {
        view! { <Delivery delivery actions as_of_ms utc_offset_s/> }
    };
    let none = move || {
        let none = page.with(|page| page.channels.is_empty());
        none.then(|| view! { <p class="notice">"No channel yet: alerts are only shown here."</p> })
    };
    let quiet = move || {
        let quiet = page.with(|page| page.deliveries.is_empty());
        quiet.then(|| view! { <p class="footnote">"Nothing has been sent yet."</p> })
    };
    view! {
        <div class="items"><Items items=channels key=|channel| channel.id.clone() draw=channel/></div>
        {none}
        <section class="card" aria-labelledby="deliveries-title">
            <h2 id="deliveries-title">"Deliveries"</h2>
            {quiet}
            <ol class="deliveries"><Items items=deliveries key=|(delivery, ..)| delivery.id.clone() draw=delivery/></ol>
        </section>
    }
    .erased()
}

#[component]
fn Channel(channel: ChannelItem, actions: Actions) -> impl IntoView {
    let id = StoredValue::new(channel.id);
    let state = match (&channel.disabled_reason, channel.enabled) {
        (Some(reason), false) => format!("switched off: {reason}"),
        (None, false) => "paused".to_owned(),
        (_, true) if channel.pending > 0 => format!("{} waiting", channel.pending),
        (_, true) => "active".to_owned(),
    };
    let (toggle, label) = if channel.enabled { ("false", "Pause") } else { ("true", "Resume") };
    let title = channel.name.clone();
    view! {
        <section class="card channel" aria-label=title>
            <h2>{channel.name}</h2>
            <p class="facts">
                <code>{channel.url}</code> " · " {state} " · secret …" {channel.secret_hint}
            </p>
            <div class="buttons">
                <ActionForm action=actions.test>
                    <input type="hidden" name="id" value=id.get_value()/>
                    <button type="submit">"Send a test"</button>
                </ActionForm>
                <ActionForm action=actions.enable>
                    <input type="hidden" name="id" value=id.get_value()/>
                    <input type="hidden" name="enabled" value=toggle/>
                    <button type="submit">{label}</button>
                </ActionForm>
                <details class="edit">
                    <summary>"Remove"</summary>
                    <p>"What waits to be sent is dropped."</p>
                    <ActionForm action=actions.remove>
                        <input type="hidden" name="id" value=id.get_value()/>
                        <button type="submit" class="danger">"Remove the channel"</button>
                    </ActionForm>
                </details>
            </div>
        </section>
    }
    .erased()
}

#[component]
fn Delivery(delivery: DeliveryItem, actions: Actions, as_of_ms: i64, utc_offset_s: i32) -> impl IntoView {
    let when = wording::date_and_clock(delivery.created_at_ms / 1_000, utc_offset_s);
    let next = delivery
        .next_attempt_at_ms
        .map(|at_ms| format!("next attempt in {}", wording::duration((at_ms - as_of_ms) / 1_000)));
    let attempts = delivery.attempts.into_iter().map(|attempt| view! { <Attempt attempt utc_offset_s/> });
    view! {
        <li>
            <details>
                <summary>
                    <span class="delivery-state" data-state=delivery.state.clone()>{delivery.state.clone()}</span>
                    <span class="what">{delivery.subject}</span>
                    <span class="when">{delivery.channel_name} ", " {wording::ago(delivery.created_at_ms, as_of_ms)}</span>
                </summary>
                <p class="facts">
                    {delivery.message_type} " · " {when} " · " <code>{delivery.message_id}</code>
                    {next.map(|next| format!(" · {next}"))}
                </p>
                <ol class="attempts">{attempts.collect_view()}</ol>
                <ActionForm action=actions.redeliver>
                    <input type="hidden" name="id" value=delivery.id/>
                    <button type="submit">"Send again"</button>
                </ActionForm>
            </details>
        </li>
    }
    .erased()
}

#[component]
fn Attempt(attempt: AttemptItem, utc_offset_s: i32) -> impl IntoView {
    let result = match (attempt.status, attempt.error.as_str()) {
        (Some(status), _) => format!("answered {status}"),
        (None, "refused_address") => "refused: not an allowed address".to_owned(),
        (None, error) => format!("no answer: {error}"),
    };
    let response = (!attempt.response.is_empty()).then(|| view! { <pre>{attempt.response}</pre> });
    view! {
        <li>
            {format!("{}. {} · {result} · {} ms", attempt.number, wording::clock(attempt.at_ms / 1_000, utc_offset_s), attempt.duration_ms)}
            {response}
        </li>
    }
    .erased()
}
