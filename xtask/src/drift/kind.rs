//! Kinds of Rust types.

/// Kind of the Rust type of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SchemaKind {
    /// An arbitrary JSON value.
    Any,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    /// A map with arbitrary keys.
    Map,
    /// A struct.
    Object,
    /// An open enumeration of strings.
    Enum,
}

impl SchemaKind {
    /// Returns whether such a schema is a Rust type with a name.
    pub(super) fn has_name(self) -> bool {
        matches!(self, Self::Object | Self::Enum)
    }

    /// Returns whether such a schema consists of other schemas.
    pub(super) fn is_scalar(self) -> bool {
        !matches!(self, Self::Array | Self::Map | Self::Object)
    }

    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Map => "map",
            Self::Object => "object",
            Self::Enum => "enum",
        }
    }
}

/// Returns the kind that several kinds have in common; any value if there is none.
pub(super) fn shared_kind(kinds: impl Iterator<Item = SchemaKind>) -> SchemaKind {
    use SchemaKind::{Any, Boolean, Enum, Integer, Number, String};
    let shared = kinds
        .map(|kind| if kind == Enum { String } else { kind })
        .reduce(|one, other| match (one, other) {
            (Integer, Number) | (Number, Integer) => Number,
            (one, other) if one == other => one,
            _ => Any,
        });
    match shared {
        Some(kind @ (Boolean | Integer | Number | String)) => kind,
        _ => Any,
    }
}
