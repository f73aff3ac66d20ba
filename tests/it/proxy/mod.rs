//! Calls through the proxy, to a made-up API: the bytes, the events, and what happens when somebody goes away.

mod attribution;
mod bytes;
mod canary;
mod credentials;
mod endpoints;
mod ends;
mod enforce;
mod fail_open;
mod learned;
mod policies;
mod refusals;
mod tls;
mod usage;
