//! The plot: drawn here, on the server, and sent as a picture that CSS colours. Browsers add a cursor to it, and nothing else.

mod axis;
mod backend;
mod draw;
mod figure;
mod nothing;
mod numbers;

pub use draw::{HEIGHT, draw, pace, per_window};
pub use figure::figure;
