//! Secrets begin here.

use rand::TryRng;

/// Random bytes of the system.
#[expect(clippy::expect_used, reason = "without randomness from the system there are no secrets")]
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).expect("the system's source of randomness");
    bytes
}
