//! Commands that generate text about the program itself: completions, manual pages, JSON Schemas.

pub(crate) mod completions;
pub(crate) mod man;
pub(crate) mod schema;
