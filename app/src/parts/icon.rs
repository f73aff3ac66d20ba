//! The icon in the tab.

/// A gauge with its tick at 80 %, drawn here so that no other file has to be fetched.
pub const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
    %3Crect width='32' height='32' rx='7' fill='%231f2a44'/%3E\
    %3Cpath d='M6 22a10 10 0 1 1 20 0' fill='none' stroke='%238fb3ff' stroke-width='3.5' stroke-linecap='round'/%3E\
    %3Cpath d='M16 22l6-8' stroke='%23ffc04d' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E";
