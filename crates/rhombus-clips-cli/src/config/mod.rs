//! Settings of the program, from flags, environment variables and the files of the Rhombus CLI.
//!
//! ReadScope and resolving are separate steps: `read` performs all I/O and returns the raw `Sources`,
//! and `resolve` is a pure function from them to [`Settings`], so that precedence is tested without
//! an environment. Resolution never stops at the first error, because `doctor` reports all of them.
//! No message contains the value of a secret.

mod error;
mod ini;
mod origin;
mod read;
mod resolve;
mod settings;
mod sources;

pub(crate) use error::{ConfigError, ConfigItem};
pub(crate) use origin::{Origin, Sourced};
pub(crate) use read::read_sources;
pub(crate) use resolve::resolve;
pub(crate) use settings::{ClientCertificate, ProfileFile, Settings};
pub(crate) use sources::{Flags, ReadScope};
