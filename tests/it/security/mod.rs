//! Who gets in, and how far: as tables over everything there is, so that what is added without a thought fails.

mod addresses;
mod audit;
mod authorization;
mod cross_site;
mod scripts;
mod sessions;
