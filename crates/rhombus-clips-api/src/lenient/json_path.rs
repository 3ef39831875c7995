//! Path of the value that is being decoded.

use std::fmt;

/// A path from the outermost value, as a linked list on the stack.
///
/// Descending allocates nothing: the JSON pointer is formatted for a decode issue only.
pub(crate) enum JsonPath<'p> {
    Root,
    Property {
        parent: &'p JsonPath<'p>,
        name: &'p str,
    },
    Item {
        parent: &'p JsonPath<'p>,
        index: usize,
    },
}

impl fmt::Display for JsonPath<'_> {
    /// Formats the path as a JSON pointer (RFC 6901).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Property { parent, name } => {
                write!(f, "{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Self::Item { parent, index } => write!(f, "{parent}/{index}"),
        }
    }
}
