//! Origin of a setting.
//!
//! Every resolved value carries its origin, because an error in a setting is fixed where the setting
//! was made.

use std::fmt;
use std::path::PathBuf;

/// Origin of a setting. `Display` completes "from …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    Flag(&'static str),
    Variable(&'static str),
    File { path: PathBuf, section: String },
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { path, section } => write!(f, "[{section}] in {}", path.display()),
        }
    }
}
