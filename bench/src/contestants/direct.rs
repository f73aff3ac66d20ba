//! No proxy: what the others are held against.

use super::Kind;
use crate::calls::Target;

/// Calls go straight to the API.
pub const KIND: Kind =
    Kind { name: "direct", start: |setting| Ok((Target { address: setting.upstream, prefix: "" }, None)) };
