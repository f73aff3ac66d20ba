//! Which colour a series has. It follows from its name, so that a model looks the same in every chart, however
//! large it is there.

/// Colours of their own.
pub const COLORS: usize = 8;

/// The colour, below [`COLORS`], of each name. Names that would share one move on to the next that is free, in
/// alphabetical order; beyond [`COLORS`] names they share.
pub fn colors(names: &[&str]) -> Vec<u8> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|index| names[*index]);
    let mut taken = [false; COLORS];
    let mut colors = vec![0; names.len()];
    for index in order {
        let own = preferred(names[index]);
        let free = (0..COLORS).map(|step| (own + step) % COLORS).find(|color| !taken[*color]);
        let color = free.unwrap_or(own);
        taken[color] = true;
        colors[index] = color as u8;
    }
    colors
}

/// FNV-1a. Source: Fowler, Noll and Vo, "FNV Hash" (the 32-bit offset basis and prime).
fn preferred(name: &str) -> usize {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // These bits tell the current models apart.
    (hash >> 2) as usize % COLORS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_colour_whatever_its_place() {
        let there = colors(&["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"]);
        let back = colors(&["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"]);
        assert_eq!(there, back.into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn as_many_names_as_colours_have_one_each() {
        let names: Vec<String> = (0..COLORS).map(|number| format!("model {number}")).collect();
        let mut colors = colors(&names.iter().map(String::as_str).collect::<Vec<_>>());
        colors.sort_unstable();
        assert_eq!(colors, [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
