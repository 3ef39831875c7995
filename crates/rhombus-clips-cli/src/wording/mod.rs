//! Text for people: what it says, and how it is laid out.

pub(crate) mod columns;
pub(crate) mod hints;
pub(crate) mod printable;
pub(crate) mod seconds;
pub(crate) mod shell;
pub(crate) mod utc;
