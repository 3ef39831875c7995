//! JSON documents: how they are read, walked and written, and what in them is a reference.

pub mod place;
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

/// Reads a JSON document; an error names the line and column.
pub fn read(path: &Path) -> Result<Value> {
    let text = Source::File(path.to_owned()).text()?;
    serde_json::from_str(&text).map_err(|e| Error::new(path, format!("not JSON: {e}")))
}

/// Reads a JSON value as a type; an error names the JSON pointer.
pub fn interpret<T: DeserializeOwned>(path: &Path, value: &Value) -> Result<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|e| Error::at(path, pointer::to(e.path()), e.into_inner().to_string()))
}

/// The one text a document has: keys in order, two spaces, a newline at the end.
pub fn canonical(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    format!("{sorted:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_does_not_depend_on_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"b":{"d":1,"c":[2]},"a":null}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":null,"b":{"c":[2],"d":1}}"#).unwrap();
        assert_eq!(canonical(&one), canonical(&other));
        assert!(canonical(&one).ends_with("}\n"));
    }
}
