//! What pages ask, answered as they show it.

use app::api::{Question, Reply};
use vocabulary::Problem;

use super::Dashboard;
use super::shown::shown;
use crate::watch::snapshot::Pick;

/// Limits whose worst standing the overview is told: it shows a dozen, and counts the others.
const SHOWN: Pick = Pick::OfEach { each: 1, most: 50 };
/// Transitions on the overview.
const FEED_LENGTH: u32 = 20;

impl Dashboard {
    /// The reply to a question of a page.
    pub async fn reply(&self, question: Question) -> Result<Reply, Problem> {
        Ok(shown(match question {
            Question::Setup => Reply::Setup(self.read_setup().await?),
            Question::Standings => Reply::Standings(self.read_standings(SHOWN).await.standings),
            Question::Chart(chart) => Reply::Chart(self.read_chart(&chart).await?),
            Question::Breakdown(breakdown) => Reply::Breakdown(self.read_breakdown(&breakdown).await?),
            Question::Policies(policies) => Reply::Policies(self.answer_policies(&policies).await?),
            Question::Feed => Reply::Feed(self.feed_lines(FEED_LENGTH).await?),
            Question::Limits => Reply::Limits(self.limits_page().await?),
            Question::LimitStandings => Reply::Standings(self.limit_standings().await?),
            Question::Channels => Reply::Channels(self.channels_page().await?),
            // A secret is shown once, which is a change.
            Question::Secret(_) => Reply::Secret(None),
        }))
    }
}
