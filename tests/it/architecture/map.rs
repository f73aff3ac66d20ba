//! The map in ARCHITECTURE.md: what there is, from the ground up.

use std::path::Path;

/// A row of the map.
pub struct Floor {
    /// A folder, or a file of its own, as `server/src/clock.rs`.
    pub path: String,
    /// Which of [`TONGUES`](super::speech::TONGUES) are spoken there.
    pub speaks: Vec<String>,
}

/// Reads the table; a row that names several folders makes as many floors.
pub fn floors(root: &Path) -> Vec<Floor> {
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let floors = rows.flat_map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').collect();
        let speaks = cells.get(2).copied().unwrap_or_default();
        let speaks: Vec<_> = speaks.split(',').map(|word| word.trim().to_owned()).collect();
        let speaks: Vec<_> = speaks.into_iter().filter(|word| !word.is_empty()).collect();
        let paths: Vec<_> = cells[0].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        paths.into_iter().map(move |path| Floor { path, speaks: speaks.clone() })
    });
    floors.collect()
}

/// The floor that a file belongs to: the row that names most of its path. `server/src/config.rs` belongs to
/// `server/src/config`.
pub fn floor_of(floors: &[Floor], file: &str) -> Option<usize> {
    let holds = |floor: &&(usize, &Floor)| {
        let rest = file.strip_prefix(&floor.1.path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
    };
    let holding = floors.iter().enumerate();
    holding.filter(|floor| holds(&floor)).max_by_key(|(_, floor)| floor.path.len()).map(|(at, _)| at)
}

/// Whether one of two folders is inside the other: a module and its parts may use each other.
pub fn is_one_house(one: &Floor, other: &Floor) -> bool {
    let within =
        |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    within(&one.path, &other.path) || within(&other.path, &one.path) || one.path == other.path
}
