//! Which texts there are.

mod audit;
mod frame;
mod manage;
mod now;
mod refusals;
mod settings;
mod words;

pub use audit::*;
pub use frame::*;
pub use manage::*;
pub use now::*;
pub use refusals::*;
pub use settings::*;
pub use words::*;

type Words1 = fn(&str) -> String;
type Words2 = fn(&str, &str) -> String;
type Words3 = fn(&str, &str, &str) -> String;
/// How many, and the same in words.
type CountWords = fn(u64, &str) -> String;
/// A word of the API, and what it is called.
type Named = &'static [(&'static str, &'static str)];

/// Every text of the interface, in one language.
pub struct Text {
    pub words: WordsTexts,
    pub frame: FrameTexts,
    pub time: TimeTexts,
    pub keys: KeysTexts,
    pub now: NowTexts,
    pub notices: NoticesTexts,
    pub plot: PlotTexts,
    pub refusals: RefusalsTexts,
    pub limits: LimitsTexts,
    pub alerts: AlertsTexts,
    pub settings: SettingsTexts,
    pub connect: ConnectTexts,
    pub access: AccessTexts,
    pub audit: AuditTexts,
    pub health: HealthTexts,
    pub docs: DocsTexts,
    pub sign_in: SignInTexts,
}
