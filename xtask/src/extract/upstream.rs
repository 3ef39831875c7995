//! Lazily parsed upstream OpenAPI document, and lookup of its operations by `operationId`.
//!
//! The upstream document has several megabytes, nearly all of which describe unselected operations.
//! Path items and components are validated as JSON but retained as raw text; they are parsed only when
//! an extracted operation references them. Drift detection reads the fragment the same way.
//!
//! Ids are the stable way to select operations: paths and methods may change between versions. A
//! failed lookup suggests similar ids.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::spec::{check_version, pointer};

/// Keys of a path item that contain operations.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Minimum Jaro-Winkler similarity, from 0 to 1, of a suggested id. Chosen: it accepts typos and
/// renamed suffixes, and rejects unrelated operations; not tuned.
const MIN_SIMILARITY: f64 = 0.8;

/// Maximum number of suggested ids. Chosen: fits one line of output; not tuned.
const MAX_SUGGESTIONS: usize = 3;

/// An operation and its location in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    /// The path that contains it.
    pub path: String,
    /// The HTTP method in lower case, as in the path item.
    pub method: &'static str,
}

impl Operation {
    /// Returns the JSON pointer to the operation.
    pub fn pointer(&self) -> String {
        pointer::from_segments(["paths", &self.path, self.method])
    }
}

type RawMap<'t> = BTreeMap<String, &'t RawValue>;

/// An OpenAPI document whose path items and components are unparsed.
#[derive(Debug)]
pub struct UpstreamSpec<'t> {
    /// The file name for error messages.
    pub file: &'t Path,
    /// All operations with an `operationId`, ordered by path.
    pub operations: Vec<Operation>,
    /// JSON pointers of the operations without one.
    pub unnamed: Vec<String>,
    top: RawMap<'t>,
    paths: RawMap<'t>,
    components: BTreeMap<String, RawMap<'t>>,
}

impl<'t> UpstreamSpec<'t> {
    /// Indexes the text of `file`.
    pub fn read(file: &'t Path, text: &'t str) -> Result<Self> {
        let top: RawMap<'t> = serde_json::from_str(text).map_err(|e| {
            let problem = match e.classify() {
                Category::Data => "not an OpenAPI document",
                _ => "not JSON",
            };
            Error::new(file, format!("{problem}: {e}"))
        })?;
        check_version(file, top.get("openapi").map(|raw| raw.get()))?;
        let paths: RawMap<'t> = match top.get("paths") {
            Some(raw) => parse(file, "/paths", raw)?,
            None => return Err(Error::at(file, "/paths", "missing")),
        };
        let mut operations = Vec::new();
        let mut unnamed = Vec::new();
        for (path, raw) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
            let location = pointer::from_segments(["paths", path]);
            let item: RawMap<'t> = parse(file, &location, raw)?;
            for method in METHODS {
                let Some(raw) = item.get(method) else {
                    continue;
                };
                let location = pointer::join(&location, method);
                match parse::<OperationStub>(file, &location, raw)?.id {
                    None => unnamed.push(location),
                    Some(id) => operations.push(Operation {
                        id,
                        path: path.clone(),
                        method,
                    }),
                }
            }
        }
        let sections: RawMap<'t> = match top.get("components") {
            Some(raw) => parse(file, "/components", raw)?,
            None => RawMap::new(),
        };
        let mut components = BTreeMap::new();
        for (section, raw) in sections {
            if !section.starts_with("x-") {
                let entries = parse(file, &pointer::from_segments(["components", &section]), raw)?;
                components.insert(section, entries);
            }
        }
        Ok(Self {
            file,
            operations,
            unnamed,
            top,
            paths,
            components,
        })
    }

    /// Finds the operation with an id; a duplicate id is an error.
    pub fn find(&self, id: &str) -> Result<Option<&Operation>> {
        let mut found = self.operations.iter().filter(|found| found.id == id);
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => Err(Error::at(
                self.file,
                pointer::join(&second.pointer(), "operationId"),
                format!(
                    "duplicate operation id {id:?}; also used at {}",
                    first.pointer()
                ),
            )),
            (found, _) => Ok(found),
        }
    }

    /// Finds the operation with an id; the error suggests similar ids.
    pub fn require(&self, id: &str) -> Result<&Operation> {
        self.find(id)?.ok_or_else(|| {
            let suggestions = match &self.similar_ids(id)[..] {
                [] => String::new(),
                similar => format!("; similar ids: {}", similar.join(", ")),
            };
            Error::at(
                self.file,
                "/paths",
                format!("operation {id:?} not found{suggestions}"),
            )
        })
    }

    /// Returns the ids most similar to `id`, best match first.
    pub fn similar_ids(&self, id: &str) -> Vec<&str> {
        let wanted = id.to_lowercase();
        let mut similar: Vec<(f64, &str)> = self
            .operations
            .iter()
            .map(|found| {
                let similarity = strsim::jaro_winkler(&wanted, &found.id.to_lowercase());
                (similarity, found.id.as_str())
            })
            .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
            .collect();
        similar.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
        let ids = similar.into_iter().map(|(_, id)| id);
        ids.take(MAX_SUGGESTIONS).collect()
    }

    /// Parses a top-level member of the document.
    pub fn top_level(&self, key: &str) -> Result<Option<Value>> {
        let raw = self.top.get(key);
        raw.map(|raw| parse(self.file, &pointer::from_segments([key]), raw))
            .transpose()
    }

    /// Parses the path item of a path; an unknown path is empty.
    pub fn path_item(&self, path: &str) -> Result<Map<String, Value>> {
        match self.paths.get(path) {
            Some(raw) => parse(self.file, &pointer::from_segments(["paths", path]), raw),
            None => Ok(Map::new()),
        }
    }

    /// Parses a component, if it exists.
    pub fn component(&self, section: &str, name: &str) -> Result<Option<Value>> {
        let raw = self.components.get(section).and_then(|all| all.get(name));
        let pointer = || pointer::from_segments(["components", section, name]);
        raw.map(|raw| parse(self.file, &pointer(), raw)).transpose()
    }
}

/// The part of an operation that is needed to index it.
#[derive(Deserialize)]
#[serde(expecting = "an operation")]
struct OperationStub {
    #[serde(rename = "operationId")]
    id: Option<String>,
}

/// Parses a part of the document. Line and column of an error are relative to the part.
fn parse<'t, T: Deserialize<'t>>(file: &Path, pointer: &str, raw: &'t RawValue) -> Result<T> {
    serde_json::from_str(raw.get())
        .map_err(|e| Error::at(file, pointer, format!("{e} of this value")))
}

/// Lists the operations of a fully parsed document.
pub fn list_operations(document: &Value) -> Vec<Operation> {
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flatten();
    items
        .flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                Some(Operation {
                    id: item.get(method)?.get("operationId")?.as_str()?.to_owned(),
                    path: path.clone(),
                    method,
                })
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_error(text: &str) -> String {
        UpstreamSpec::read(Path::new("x.json"), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn only_openapi_3_0_is_supported() {
        assert_eq!(
            read_error(r#"{"openapi":"3.1.0","paths":{}}"#),
            "x.json: /openapi: unsupported version \"3.1.0\"; only OpenAPI 3.0.x is supported"
        );
        assert_eq!(
            read_error(r#"{"swagger":"2.0","paths":{}}"#),
            "x.json: /openapi: missing; not an OpenAPI 3.0 document"
        );
        assert!(read_error("[]").starts_with("x.json: not an OpenAPI document: invalid type"));
        assert!(read_error("<html>").starts_with("x.json: not JSON: expected value at line 1"));
        assert!(read_error("").starts_with("x.json: not JSON: EOF"));
        assert_eq!(
            read_error(r#"{"openapi":"3.0.1"}"#),
            "x.json: /paths: missing"
        );
    }

    #[test]
    fn malformed_part_is_reported_with_its_pointer() {
        let message =
            read_error(r#"{"openapi":"3.0.1","paths":{"/a":{"get":[]}},"components":{}}"#);
        assert!(message.starts_with("x.json: /paths/~1a/get: "), "{message}");
        let message = read_error(r#"{"openapi":"3.0.1","paths":{},"components":{"schemas":[]}}"#);
        assert!(
            message.starts_with("x.json: /components/schemas: "),
            "{message}"
        );
    }
}
