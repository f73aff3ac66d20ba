//! The upstream over real HTTP: what it promises to those who test with it.

mod harness;

mod messages;
mod limits;
mod scenarios;
mod encodings;
mod resources;
mod disconnects;
mod tls;
mod python;
mod program;
