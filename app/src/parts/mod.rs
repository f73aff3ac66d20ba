//! Pieces that pages are made of.

mod code;
mod copy;
mod csv;
mod figure;
mod filters;
mod icon;
mod lane;
mod names;
mod offered;
mod sign;

pub use code::with_code;
pub use copy::copy_button;
pub use csv::csv_address;
pub use figure::figure;
pub use filters::filter_name;
pub use icon::{ICON, MARK, icon};
pub use lane::{Lane, lane};
pub use names::{
    PRESET, covered_value, kind_name, learned_name, limit_and_value, limit_name, name_and_value, named,
    own_name, value_name,
};
pub use offered::{DIMENSIONS, MEASURES};
pub use sign::{INFORMATION, REFUSED, sign, state_class};
