//! Answers as pages show them: each name that somebody else chose can stand in a sentence.
//!
//! What `/v1` answers is exact. What a page is answered goes through here first, so that no page has to think of it;
//! where a page needs a value as it is, for an address or for a field of a form, its answer has it beside the name.

use app::api::channels::{ChannelsPage, DeliveryRow};
use app::api::standing::{Standing, StandingScope};
use vocabulary::wording;

fn name(text: &mut String) {
    *text = wording::name(text);
}

/// A standing as pages show it.
pub(super) fn standing_as_shown(of: &mut Standing) {
    name(&mut of.name);
    let StandingScope { dimension: _, value, pool, organization, workspace } = &mut of.scope;
    [value, pool, organization, workspace].into_iter().flatten().for_each(name);
    // Pages show when it was learned, not where: the scope says that.
}

/// Channels and deliveries as their page shows them.
pub(super) fn channels_as_shown(page: &mut ChannelsPage) {
    page.channels.iter_mut().for_each(|channel| name(&mut channel.name));
    page.deliveries.iter_mut().for_each(delivery);
}

fn delivery(DeliveryRow { delivery: of, about }: &mut DeliveryRow) {
    if let Some(about) = about {
        name(&mut about.name);
        about.value.iter_mut().for_each(name);
    }
    name(&mut of.channel_name);
    of.subject = wording::passage(&of.subject);
    for attempt in &mut of.attempts {
        attempt.response = wording::passage(&attempt.response);
    }
}
