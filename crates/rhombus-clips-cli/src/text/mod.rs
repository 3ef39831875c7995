//! Text formatting for the terminal and the command line.
//!
//! Pure functions that know nothing of commands, settings or events, apart from [`hints`], which knows
//! the names of flags and variables.

pub(crate) mod columns;
pub(crate) mod hints;
pub(crate) mod sanitize;
pub(crate) mod seconds;
pub(crate) mod shell;
pub(crate) mod utc;
