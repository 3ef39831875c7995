//! OpenAPI documents as JSON values: reading, traversal, references, and their canonical text.
//!
//! All commands share it. Values stay untyped, because a typed model would drop what it does not
//! know, and an error could no longer name a JSON pointer. Only the document as such is known
//! here, not what a command does with it.

pub mod pointer;
pub mod reference;

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

/// Prefix of a reference to a named schema.
pub const SCHEMA_PREFIX: &str = "#/components/schemas/";

/// Keywords that constrain a value without changing its type.
pub const CONSTRAINTS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// A file, or standard input if the argument is `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Source {
    /// Returns the name for messages.
    pub fn name(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stdin => Path::new("<stdin>"),
        }
    }

    /// Reads the entire text.
    pub fn read_text(&self) -> Result<String> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path),
            Self::Stdin => {
                let mut text = String::new();
                io::stdin().lock().read_to_string(&mut text).map(|_| text)
            }
        };
        let text = text.map_err(|e| Error::new(self.name(), format!("not readable: {e}")))?;
        // Some editors and shells write a byte order mark.
        Ok(text.trim_start_matches('\u{feff}').to_owned())
    }
}

impl From<OsString> for Source {
    fn from(argument: OsString) -> Self {
        if argument == "-" {
            Self::Stdin
        } else {
            Self::File(argument.into())
        }
    }
}

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

/// Fails unless the document is OpenAPI 3.0.x. `version` is the value of `openapi`, as JSON text.
pub fn check_version(path: &Path, version: Option<&str>) -> Result<()> {
    let message = match version {
        None => "missing; not an OpenAPI 3.0 document".to_owned(),
        Some(version) if version.starts_with("\"3.0.") => return Ok(()),
        Some(version) => format!("unsupported version {version}; only OpenAPI 3.0.x is supported"),
    };
    Err(Error::at(path, "/openapi", message))
}

/// Fails unless the document without its operations and components is one of OpenAPI 3.0.
///
/// Of what describes the operations more is understood than the specification allows.
pub fn check_outline(path: &Path, document: &Value) -> Result<()> {
    let mut outline = document.as_object().cloned().unwrap_or_default();
    outline.insert("paths".to_owned(), Value::Object(Default::default()));
    outline.remove("components");
    deserialize::<openapiv3::OpenAPI>(path, &Value::Object(outline))?;
    Ok(())
}

/// Visits `value` and every value below it, with its JSON pointer. Parents come before children.
pub fn walk<'v>(value: &'v Value, pointer: &mut String, visit: &mut impl FnMut(&str, &'v Value)) {
    visit(pointer, value);
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                pointer::push(pointer, key);
                walk(child, pointer, visit);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                pointer::push(pointer, &index.to_string());
                walk(child, pointer, visit);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Visits `value` and every value below it mutably. Parents come before children.
pub fn walk_mut(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    visit(value);
    match value {
        Value::Object(map) => map.values_mut().for_each(|child| walk_mut(child, visit)),
        Value::Array(items) => items.iter_mut().for_each(|child| walk_mut(child, visit)),
        _ => {}
    }
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
