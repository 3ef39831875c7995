//! OpenAPI documents as JSON values: reading, traversal, references, and their canonical text.
//!
//! All commands share it. Values stay untyped, because a typed model would drop what it does not
//! know, and an error could no longer name a JSON pointer. Only the document as such is known
//! here, not what a command does with it.

pub mod node;
pub mod pointer;
pub mod reference;
mod source;
mod version;
mod walk;

pub use reference::check_references;
pub use source::Source;
pub use version::check_version;
pub use walk::{walk, walk_mut};

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

/// Reads a JSON document. An error contains line and column.
pub fn read(path: &Path) -> Result<Value> {
    let text = Source::File(path.to_owned()).read_text()?;
    serde_json::from_str(&text).map_err(|e| Error::new(path, format!("not JSON: {e}")))
}

/// Deserializes a JSON value from the file at `path`. An error contains the JSON pointer.
pub fn deserialize<T: DeserializeOwned>(path: &Path, value: &Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let pointer = pointer::from_serde_path(e.path());
        Error::at(path, pointer, e.into_inner().to_string())
    })
}

/// Formats a document canonically: sorted keys, two spaces, a trailing newline.
pub fn to_canonical_json(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    format!("{sorted:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_does_not_depend_on_key_order() {
        let one: Value = serde_json::from_str(r#"{"b":{"d":1,"c":[2]},"a":null}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":null,"b":{"c":[2],"d":1}}"#).unwrap();
        assert_eq!(to_canonical_json(&one), to_canonical_json(&other));
        assert!(to_canonical_json(&one).ends_with("}\n"));
    }
}
