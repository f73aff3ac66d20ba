//! Names of a few bytes, put together from pieces without allocating.

/// Text of at most `N` bytes. What is longer is none of the names that are looked for.
#[derive(Debug)]
pub(super) struct Short<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Short<N> {
    pub fn new() -> Self {
        Short { bytes: [0; N], length: 0 }
    }

    /// Adds bytes. Once there were too many, it stays too long until it is cleared.
    pub fn push(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
        }
        self.length = end;
    }

    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// What it holds; nothing when that was too long.
    pub fn get(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}
