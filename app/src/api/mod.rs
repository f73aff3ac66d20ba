//! What pages show and `/v1` answers: the shape of each answer.
//!
//! To add one: a file here, and what answers it in `server/src/dashboard/`.

pub mod alerts;
pub mod breakdown;
pub mod channels;
pub mod happened;
pub mod limits;
pub mod live;
pub mod notice;
pub mod plot;
pub mod policies;
pub mod room;
pub mod series;
pub mod setup;
pub mod standing;
pub mod zone;
