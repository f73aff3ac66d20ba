//! Every question a page asks, and its reply.
//!
//! All of them go through one server function and have one type of reply: what fetches, waits for and keeps a
//! reply is compiled into the bundle once, not once per question.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Postcard;

use super::alerts::FeedLines;
use super::breakdown::{Breakdown, BreakdownQuestion};
use super::channels::{ChannelsPage, RevealedSecret};
use super::chart::{Chart, ChartQuestion};
use super::error::ApiError;
use super::limits::LimitsPage;
use super::policies::PoliciesQuestion;
use super::setup::Setup;
use super::standing::{Room, Standings};

/// What a page asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Question {
    /// Whether anything has arrived yet, the lines to paste until then, and what is wrong on the way.
    Setup,
    /// How much room there is: where limits stand, worst first, and of each the worst.
    Room,
    /// Where the limits of their page stand, and of each the worst dozen. The reply is [`Reply::Standings`].
    LimitStandings,
    /// One measure over a range, with the limit lines that apply to it.
    Chart(ChartQuestion),
    /// All measures of a range, by one dimension.
    Breakdown(BreakdownQuestion),
    /// What the proxy's policies did.
    Policies(PoliciesQuestion),
    /// The latest alert transitions, newest first.
    Feed,
    /// The limits, and the kinds that can be added.
    Limits,
    /// Every channel with its latest deliveries.
    Channels,
    /// The signing secret of a channel just added, by its one-time token.
    Secret(Option<String>),
}

macro_rules! replies {
    ($($name:ident($answer:ty)),+ $(,)?) => {
        /// The answer to the [`Question`] of the same name.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Reply { $($name($answer)),+ }

        $(impl TryFrom<Reply> for $answer {
            type Error = ApiError;

            fn try_from(reply: Reply) -> Result<Self, ApiError> {
                match reply {
                    Reply::$name(answer) => Ok(answer),
                    _ => Err(ApiError::of_another_question()),
                }
            }
        })+
    };
}

replies! {
    Setup(Setup),
    Room(Room),
    Standings(Standings),
    Chart(Chart),
    Breakdown(Breakdown),
    Policies(Vec<(String, String)>),
    Feed(FeedLines),
    Limits(LimitsPage),
    Channels(ChannelsPage),
    Secret(Option<RevealedSecret>),
}

/// What came of one question among several.
pub type Replied = Result<Reply, ApiError>;

/// Asks the server several questions at once: one reply to each, in their order.
#[server(endpoint = "ask", input = Postcard, output = Postcard)]
pub async fn ask(questions: Vec<Question>) -> Result<Vec<Replied>, ApiError> {
    super::backend().ask(questions).await
}
