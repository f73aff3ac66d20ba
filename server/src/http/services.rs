//! What the handlers use.

use std::sync::Arc;

use axum::extract::FromRef;

use super::{Bundle, LiveHub, Pace, Regions};
use crate::access::gate::Gate;
use crate::commands::Commands;
use crate::dashboard::Dashboard;
use crate::record::intake::Intake;
use crate::record::recorder::Recorder;
use crate::store::Store;

/// What the handlers use; each takes only its own part.
#[derive(Clone, FromRef)]
pub struct Services {
    /// What browsers are sent beside pages.
    pub bundle: Bundle,
    /// Checks keys and sessions.
    pub gate: Arc<Gate>,
    /// Counts how often a key posts.
    pub pace: Arc<Pace>,
    /// Takes events in.
    pub intake: Arc<Intake>,
    /// Answers questions.
    pub dashboard: Arc<Dashboard>,
    /// Carries out what is decided.
    pub commands: Arc<Commands>,
    /// Feeds the live stream.
    pub live: Arc<LiveHub>,
    /// Tells whether anything can be stored.
    pub recorder: Recorder,
    /// Tells whether the database answers.
    pub store: Arc<dyn Store>,
    /// Regions of open pages, drawn once for everybody who reads alike.
    pub regions: Regions,
    /// Whether there is a page that shows every part of the interface.
    #[from_ref(skip)]
    pub has_style_page: bool,
}
