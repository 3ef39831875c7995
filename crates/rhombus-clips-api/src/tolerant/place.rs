//! Where in an answer decoding is.

use std::fmt;

/// A place, as a chain on the stack: nothing is built until somebody wants to know.
pub(crate) enum Place<'p> {
    Whole,
    Property { of: &'p Place<'p>, name: &'p str },
    Item { of: &'p Place<'p>, index: usize },
}

impl fmt::Display for Place<'_> {
    /// The JSON pointer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Property { of, name } => {
                write!(f, "{of}/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Self::Item { of, index } => write!(f, "{of}/{index}"),
        }
    }
}
