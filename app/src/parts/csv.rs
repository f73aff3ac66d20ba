//! Tables as files.

use vocabulary::Dimension;
use vocabulary::view::View;

/// The address of a table of sums as a file.
pub fn csv_address(view: &View, by: Dimension) -> String {
    let address = view.address("/usage.csv");
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}dimension={}", by.word())
}
