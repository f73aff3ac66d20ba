//! What people see: Tacho's interface, rendered on the server and alive in the browser.

pub mod api;
pub mod shell;
