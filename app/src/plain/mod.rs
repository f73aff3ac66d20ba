//! Pages that are rendered once, on the server, and work by forms: no browser is sent any of this.

pub mod access;
