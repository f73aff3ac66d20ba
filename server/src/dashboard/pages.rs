//! What pages ask, answered as they show it.

use std::sync::Arc;

use app::api::{Question, Reply};
use vocabulary::Problem;

use super::Dashboard;
use super::shown::shown;

/// Transitions on the overview.
const FEED_LENGTH: u32 = 20;

impl Dashboard {
    /// The reply to a question of an open page, which asks when it has heard of a revision. What every overview asks then
    /// is answered once for all.
    pub async fn reply_to_open_page(self: &Arc<Self>, question: Question) -> Result<Reply, Problem> {
        let is_of_overview = match question {
            Question::Setup
            | Question::Room
            | Question::Chart(_)
            | Question::Breakdown(_)
            | Question::Policies(_)
            | Question::Feed => true,
            Question::Limits | Question::Gauges | Question::Channels | Question::Secret(_) => false,
        };
        if !is_of_overview {
            return self.reply(question).await;
        }
        let revision = *self.sources.recorder.revision().borrow();
        let moment = (revision, self.now_ms().div_euclid(1_000));
        let dashboard = self.clone();
        let make = move |question| {
            let dashboard = dashboard.clone();
            async move { dashboard.reply(question).await }
        };
        self.shared.reply(moment, question, make).await
    }

    /// The reply to a question of a page that is being opened: with all that can be seen in the store.
    pub async fn reply(&self, question: Question) -> Result<Reply, Problem> {
        Ok(shown(match question {
            Question::Setup => Reply::Setup(self.read_setup().await?),
            Question::Room => Reply::Room(self.read_room().await),
            Question::Chart(chart) => Reply::Chart(self.read_chart(&chart).await?),
            Question::Breakdown(breakdown) => Reply::Breakdown(self.read_breakdown(&breakdown).await?),
            Question::Policies(policies) => Reply::Policies(self.answer_policies(&policies).await?),
            Question::Feed => Reply::Feed(self.feed_lines(FEED_LENGTH).await?),
            Question::Limits => Reply::Limits(self.limits_page().await?),
            Question::Gauges => Reply::Gauges(self.limit_gauges().await?),
            Question::Channels => Reply::Channels(self.channels_page().await?),
            // A secret is shown once, which is a change.
            Question::Secret(_) => Reply::Secret(None),
        }))
    }
}
