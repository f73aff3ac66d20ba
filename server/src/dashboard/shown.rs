//! Answers as pages show them: each name that somebody else chose can stand in a sentence.
//!
//! What `/v1` answers is exact. What a page is answered goes through here first, so that no page has to think of it;
//! where a page needs a value as it is, for an address or for a field of a form, its answer has it beside the name.

use app::api::Reply;
use app::api::channels::{ChannelItem, DeliveryItem};
use app::api::chart::Chart;
use app::api::standing::{Standing, StandingScope};
use vocabulary::wording;

use crate::watch::value_in_words;

/// The reply to a question of a page, with its names as they are shown.
pub(super) fn shown(mut reply: Reply) -> Reply {
    match &mut reply {
        Reply::Chart(answer) => chart(answer),
        Reply::Channels(page) => {
            page.channels.iter_mut().for_each(channel);
            page.deliveries.iter_mut().for_each(delivery);
        }
        // These are put together for pages alone, with names as they are shown.
        Reply::Room(_)
        | Reply::Gauges(_)
        | Reply::Setup(_)
        | Reply::Breakdown(_)
        | Reply::Policies(_)
        | Reply::Feed(_)
        | Reply::Limits(_)
        | Reply::Secret(_) => {}
    }
    reply
}

fn name(text: &mut String) {
    *text = wording::name(text);
}

fn scope(of: &mut StandingScope) {
    let StandingScope { dimension: _, value, pool, organization, workspace } = of;
    [pool, organization, workspace].into_iter().flatten().for_each(name);
    value.iter_mut().for_each(|value| *value = value_in_words(value));
}

/// A standing as pages show it.
pub(super) fn standing_as_shown(of: &mut Standing) {
    name(&mut of.name);
    scope(&mut of.scope);
    // Pages show when it was learned, not where: the scope says that.
}

fn chart(of: &mut Chart) {
    of.series.groups.iter_mut().flat_map(|group| group.key.values_mut()).for_each(name);
    of.lines.iter_mut().for_each(|line| name(&mut line.name));
}

fn channel(of: &mut ChannelItem) {
    name(&mut of.name);
}

fn delivery(of: &mut DeliveryItem) {
    name(&mut of.channel_name);
    of.subject = wording::passage(&of.subject);
    for attempt in &mut of.attempts {
        attempt.response = wording::passage(&attempt.response);
    }
}
