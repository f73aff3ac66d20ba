//! Channels: where alerts go, and what became of every message.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;
use vocabulary::wording;

use crate::api::Question;
use crate::api::channels::{
    AddChannel, AttemptItem, ChannelItem, ChannelsPage as Channels, DeliveryItem, EnableChannel, Redeliver,
    RemoveChannel, RevealedSecret, TestChannel,
};
use crate::api::zone::Zone;
use crate::live::use_live;
use crate::parts::{Answered, CopyButton, Erase, Followed, IdButton, Items, LastRefusal, PostForm, asked};

/// The page of channels.
#[component]
pub fn ChannelsPage() -> impl IntoView {
    let live = use_live();
    // Grows with every change made here.
    let changes = RwSignal::new(0);
    let query = use_query_map();
    let token = move || query.with(|query| query.get("reveal"));
    let secret = asked(move || Question::Secret(token()), || 0);
    let revealed = |secret: Option<RevealedSecret>| secret.map(|secret| view! { <Secret secret/> });
    let page = asked(|| Question::Channels, move || changes.get() + live.beat());
    view! {
        <Title text="Channels"/>
        <h1>"Channels"</h1>
        <p class="lead">
            "Alerts are sent as signed webhooks (Standard Webhooks). A message that does not arrive is sent again "
            "for up to three days, always as the same message."
        </p>
        <LastRefusal/>
        <Answered to=secret draw=revealed/>
        <section class="card" aria-labelledby="add-title">
            <h2 id="add-title">"Add a webhook"</h2>
            <PostForm to=AddChannel::PATH taken=changes class="form" empties=true><AddFields/></PostForm>
        </section>
        <Followed to=page draw=move |page| view! { <Body page changes/> }/>
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
fn AddFields() -> impl IntoView {
    view! {
        <label>"Name" <input name="form[name]" required maxlength="128" placeholder="On call"/></label>
        <label class="wide">
            "Address" <input name="form[url]" type="url" required placeholder="https://example.com/hooks/tacho"/>
        </label>
        <button type="submit" class="primary">"Add the webhook"</button>
    }
    .erased()
}

#[component]
fn Body(page: Signal<Channels>, changes: RwSignal<u32>) -> impl IntoView {
    let channels = Signal::derive(move || page.get().channels);
    let deliveries = Signal::derive(move || {
        let Channels { deliveries, as_of_ms, zone, .. } = page.get();
        deliveries.into_iter().map(|delivery| (delivery, as_of_ms, zone.clone())).collect::<Vec<_>>()
    });
    let channel = move |channel: ChannelItem| view! { <Channel channel changes/> };
    let delivery = move |(delivery, as_of_ms, zone): (DeliveryItem, i64, Zone)| {
        view! { <Delivery delivery changes as_of_ms zone/> }
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
fn Channel(channel: ChannelItem, changes: RwSignal<u32>) -> impl IntoView {
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
                <PostForm to=TestChannel::PATH taken=changes><IdButton id=id.get_value() label="Send a test"/></PostForm>
                <PostForm to=EnableChannel::PATH taken=changes>
                    <input type="hidden" name="enabled" value=toggle/>
                    <IdButton id=id.get_value() label/>
                </PostForm>
                <details class="edit">
                    <summary>"Remove"</summary>
                    <p>"What waits to be sent is dropped."</p>
                    <PostForm to=RemoveChannel::PATH taken=changes>
                        <IdButton id=id.get_value() class="danger" label="Remove the channel"/>
                    </PostForm>
                </details>
            </div>
        </section>
    }
    .erased()
}

#[component]
fn Delivery(delivery: DeliveryItem, changes: RwSignal<u32>, as_of_ms: i64, zone: Zone) -> impl IntoView {
    let created_at_s = delivery.created_at_ms / 1_000;
    let when = wording::date_and_clock(created_at_s, zone.offset_s(created_at_s));
    let next = delivery
        .next_attempt_at_ms
        .map(|at_ms| format!("next attempt in {}", wording::duration((at_ms - as_of_ms) / 1_000)));
    let attempts = delivery.attempts.into_iter().map(|attempt| {
        let utc_offset_s = zone.offset_s(attempt.at_ms / 1_000);
        view! { <Attempt attempt utc_offset_s/> }
    });
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
                <PostForm to=Redeliver::PATH taken=changes><IdButton id=delivery.id label="Send again"/></PostForm>
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
}
