//! Korean.

mod audit;
mod frame;
mod manage;
mod now;
mod refusals;
mod settings;
mod words;

use super::shape::Text;

pub(super) static TEXT: Text = Text {
    words: words::WORDS,
    frame: frame::FRAME,
    time: frame::TIME,
    keys: frame::KEYS,
    now: now::NOW,
    notices: now::NOTICES,
    plot: now::PLOT,
    refusals: refusals::REFUSALS,
    limits: manage::LIMITS,
    alerts: manage::ALERTS,
    settings: settings::SETTINGS,
    connect: settings::CONNECT,
    access: settings::ACCESS,
    audit: audit::AUDIT,
    health: settings::HEALTH,
    sign_in: settings::SIGN_IN,
    docs: settings::DOCS,
};
