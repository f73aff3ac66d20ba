//! Tests through the real doors: the program, HTTP, files, a browser. In the order in which an event travels.

mod given;
mod harness;

mod start;
mod config;
mod access;
mod hosts;
mod reach;
mod sign_in;
mod ingest;
mod prices;
mod attribution;
mod usage;
mod senders;
mod pace;
mod connections;
mod proxy;
mod sdk;
mod import;
mod store;
mod corrections;
mod limits;
mod learned;
mod alert;
mod replay;
mod webhook;
mod live;
mod pages;
mod names;
mod assets;
mod interface;
mod crash;
mod full_disk;
mod demo;
mod architecture;
