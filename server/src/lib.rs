//! Tacho's server. The modules stand in the order in which a usage event travels through them.

pub mod clock;
pub mod usage;
