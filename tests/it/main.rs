//! Tests through the real doors: the program, HTTP, files, a browser. In the order in which an event travels.

mod given;
mod harness;

mod access;
mod alert;
mod architecture;
mod config;
mod crash;
mod demo;
mod import;
mod ingest;
mod interface;
mod limits;
mod live;
mod pages;
mod start;
mod store;
mod webhook;
