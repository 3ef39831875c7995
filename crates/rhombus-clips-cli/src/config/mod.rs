//! The program's settings: flags over environment over the files of Rhombus's own command-line
//! tool.

mod decide;
mod file;
mod inputs;
mod origin;
mod problem;
mod read;
mod settings;

pub(crate) use decide::decide;
pub(crate) use inputs::{Flags, Reading};
pub(crate) use origin::{Origin, Sourced};
pub(crate) use problem::{Problem, Topic};
pub(crate) use read::read;
pub(crate) use settings::{Certificate, FileFound, Settings};
