//! Alerts: what went wrong, who was told, and whether it arrived.

use leptos::prelude::*;
use vocabulary::Severity;

use crate::api::channels::{
    AttemptItem, ChannelForm, ChannelItem, ChannelsPage, DeliveryItem, DeliveryRow, MessageAbout,
    RevealedSecret,
};
use crate::pages::refusal;
use crate::parts::{copy_button, learned_name, name_and_value, named};
use crate::reader::Reader;

/// A signing secret, shown once.
pub fn secret(reader: &Reader, secret: Option<&RevealedSecret>) -> Option<AnyView> {
    let text = &reader.text().alerts;
    let RevealedSecret { channel_name, secret } = secret?;
    Some(
        view! {
            <section class="secret" role="status" data-key="secret">
                <h2>{(text.secret_of)(channel_name)}</h2>
                <p>{text.secret_note}</p>
                <div class="paste"><pre><code>{secret.clone()}</code></pre>{copy_button(reader)}</div>
            </section>
        }
        .into_any(),
    )
}

/// The form for a new channel; of one that was refused, what it held and why.
pub fn add(reader: &Reader, refused: Option<&(ChannelForm, String)>) -> AnyView {
    let text = &reader.text().alerts;
    let (name, url) = refused.map(|(form, _)| (form.name.clone(), form.url.clone())).unwrap_or_default();
    view! {
        <section aria-labelledby="add-title" id="add">
            <h2 id="add-title">{text.add}</h2>
            <p class="footnote">{text.lead}" "<a href="/docs/webhooks">{reader.text().docs.webhooks}</a></p>
            {refusal(refused.map(|(_, why)| why.as_str()))}
            <form method="post" action="/alerts/channels" class="form">
                <label>{text.name}<input name="name" value=name required maxlength="128" placeholder=text.name_hint/></label>
                <label class="wide">{text.address}<input name="url" type="url" value=url required placeholder="https://example.com/hooks/tacho"/></label>
                <button type="submit" class="primary">{text.add_button}</button>
            </form>
        </section>
    }
    .into_any()
}

/// Every channel.
pub fn channels(reader: &Reader, page: &ChannelsPage) -> AnyView {
    let text = &reader.text().alerts;
    let none = page.channels.is_empty().then(|| view! { <p class="empty">{text.no_channel}</p> });
    let channels = page.channels.iter().map(|channel| self::channel(reader, channel)).collect_view();
    view! {
        <section aria-labelledby="channels-title">
            <h2 id="channels-title">{text.channels}</h2>
            {none}
            <ul class="channels">{channels}</ul>
        </section>
    }
    .into_any()
}

fn channel(reader: &Reader, channel: &ChannelItem) -> AnyView {
    let text = &reader.text().alerts;
    let state = match (&channel.disabled_reason, channel.enabled) {
        (Some(reason), false) => {
            let said = text.reasons.iter().find(|(stored, _)| stored == reason);
            (text.switched_off)(said.map_or(reason.as_str(), |(_, said)| said))
        }
        (None, false) => text.paused.to_owned(),
        (_, true) if channel.pending > 0 => (text.waiting)(&reader.exact(channel.pending as f64)),
        (_, true) => text.active.to_owned(),
    };
    let (toggled, label) = if channel.enabled { ("false", text.pause) } else { ("true", text.resume) };
    let id = || view! { <input type="hidden" name="id" value=channel.id.clone()/> };
    view! {
        <li data-key=channel.id.clone() class="channel" aria-label=channel.name.clone()>
            <h3>{channel.name.clone()}</h3>
            <p class="facts"><code>{channel.url.clone()}</code>" · "{state}" · "{(text.secret_ends)(&channel.secret_hint)}</p>
            <div class="buttons">
                <form method="post" action="/alerts/channels/test">{id()}<button type="submit">{text.send_test}</button></form>
                <form method="post" action="/alerts/channels/enable"><input type="hidden" name="enabled" value=toggled/>{id()}<button type="submit">{label}</button></form>
                <details class="edit" id=format!("remove-{}", channel.id)>
                    <summary>{text.remove}</summary>
                    <p>{text.remove_note}</p>
                    <form method="post" action="/alerts/channels/remove">{id()}<button type="submit" class="danger">{text.remove_button}</button></form>
                </details>
            </div>
        </li>
    }
    .into_any()
}

/// The latest deliveries.
pub fn deliveries(reader: &Reader, page: &ChannelsPage) -> AnyView {
    let text = &reader.text().alerts;
    let none = page.deliveries.is_empty().then(|| view! { <p class="empty">{text.nothing_sent}</p> });
    let deliveries = page.deliveries.iter().map(|delivery| self::delivery(reader, delivery)).collect_view();
    view! {
        <section aria-labelledby="deliveries-title">
            <h2 id="deliveries-title">{text.deliveries}</h2>
            {none}
            <ol class="deliveries">{deliveries}</ol>
        </section>
    }
    .into_any()
}

fn delivery(reader: &Reader, DeliveryRow { delivery, about }: &DeliveryRow) -> AnyView {
    let text = &reader.text().alerts;
    let state = text
        .states
        .iter()
        .find(|(word, _)| *word == delivery.state)
        .map_or_else(|| delivery.state.clone(), |(_, said)| (*said).to_owned());
    let next = delivery
        .next_attempt_at_ms
        .filter(|_| delivery.state == "pending")
        .map(|at_ms| (text.next_at)(&reader.moment_with_seconds(at_ms / 1_000)));
    let attempts = delivery.attempts.iter().map(|attempt| self::attempt(reader, attempt)).collect_view();
    let count =
        (text.attempts)(delivery.attempts.len() as u64, &reader.exact(delivery.attempts.len() as f64));
    view! {
        <li data-key=delivery.id.clone() data-state=delivery.state.clone()>
            <details id=format!("delivery-{}", delivery.id)>
                <summary>
                    <time title=reader.date_and_clock(delivery.created_at_ms / 1_000)>{reader.moment(delivery.created_at_ms / 1_000)}</time>
                    <span class="what">{subject(reader, delivery, about.as_ref())}</span>
                    <span class="whom">{delivery.channel_name.clone()}</span>
                    <span class="delivery-state">{state}{next}</span>
                </summary>
                <p class="facts">{count}" · "<code>{delivery.message_id.clone()}</code></p>
                <ol class="attempts">{attempts}</ol>
                <form method="post" action="/alerts/redeliver"><input type="hidden" name="id" value=delivery.id.clone()/><button type="submit">{text.send_again}</button></form>
            </details>
        </li>
    }
    .into_any()
}

/// What a message is about, in the reader's language.
fn subject(reader: &Reader, delivery: &DeliveryItem, about: Option<&MessageAbout>) -> String {
    let text = &reader.text().alerts;
    match about {
        Some(MessageAbout { name, kind, is_learned, value, severity, percent }) => {
            let name = if *is_learned { learned_name(reader, name, kind) } else { named(reader, name, kind) };
            let name = name_and_value(reader, name, value.as_deref());
            let how = match severity {
                Severity::Ok => text.resolved.to_owned(),
                severity => (text.reached)(
                    reader.text().words.states[*severity as usize],
                    &reader.exact_amount(*percent, "percent"),
                ),
            };
            format!("{name}: {how}")
        }
        None if delivery.message_type == "limit.test" => text.test_message.to_owned(),
        None => delivery.subject.clone(),
    }
}

fn attempt(reader: &Reader, attempt: &AttemptItem) -> AnyView {
    let errors = reader.text().alerts.errors;
    let came = match (attempt.status, attempt.error.as_str()) {
        (Some(status), _) => status.to_string(),
        (None, error) => errors
            .iter()
            .find(|(word, _)| *word == error)
            .map_or_else(|| error.replace('_', " "), |(_, said)| (*said).to_owned()),
    };
    let response =
        (!attempt.response.is_empty()).then(|| view! { <pre><code>{attempt.response.clone()}</code></pre> });
    view! {
        <li>
            <time>{reader.moment_with_seconds(attempt.at_ms / 1_000)}</time>" "{came}" "{reader.wait(attempt.duration_ms)}
            {response}
        </li>
    }
    .into_any()
}
