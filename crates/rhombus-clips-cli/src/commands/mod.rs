//! The commands of the program, except for their arguments.

pub(crate) mod doctor;
pub(crate) mod generate;
pub(crate) mod get;
pub(crate) mod simulate;
pub(crate) mod watch;
