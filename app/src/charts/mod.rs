//! Charts: pure functions from data to SVG, and the components around them.
//!
//! Plotters lays out and draws; our backend writes SVG with CSS classes instead of colours, so one drawing
//! serves light and dark, print and high contrast, and server and browser write the same bytes.
//!
//! To add a chart: a file here with a pure `draw`, and the page that shows it.

mod axis;
mod backend;
mod colors;
pub mod figure;
pub mod usage_over_time;
