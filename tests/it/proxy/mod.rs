//! Calls through the proxy, to a made-up API: the bytes, the events, and what happens when somebody goes away.

mod attribution;
mod browsers;
mod bytes;
mod canary;
mod credentials;
mod early;
mod endpoints;
mod ends;
mod enforce;
mod fail_open;
mod heads;
mod held;
mod learned;
mod overflow;
mod pages;
mod policies;
mod refusals;
mod request_ids;
mod secrets;
mod smuggling;
mod stale;
mod tls;
mod usage;
