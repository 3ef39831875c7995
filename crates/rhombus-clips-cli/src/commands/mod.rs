//! The commands of the program, except for their arguments.

mod camera_lookup;
pub(crate) mod cameras;
pub(crate) mod doctor;
pub(crate) mod generate;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod simulate;
pub(crate) mod watch;
