//! Items of every kind through the whole of reading.

mod edges;
pub(crate) mod hostile;
mod lenient;
mod properties;
