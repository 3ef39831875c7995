//! Lazily parsed upstream OpenAPI document.
//!
//! The upstream document has several megabytes, nearly all of which describe unselected operations.
//! Path items and components are validated as JSON but retained as raw text; they are parsed only when
//! an extracted operation references them. Drift detection reads the fragment the same way.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::operation::{METHODS, Operation};
use crate::error::{Error, Result};
use crate::spec::{check_version, pointer};

type RawMap<'t> = BTreeMap<String, &'t RawValue>;

/// An OpenAPI document whose path items and components are unparsed.
#[derive(Debug)]
pub struct UpstreamSpec<'t> {
    /// The file name for error messages.
    pub file: &'t Path,
    /// All operations with an `operationId`, ordered by path.
    pub operations: Vec<Operation>,
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
        for (path, raw) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
            let item: PathItemStub = parse(file, &pointer::from_segments(["paths", path]), raw)?;
            operations.extend(item.operations(path));
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
            top,
            paths,
            components,
        })
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

/// The part of a path item that is needed to index its operations.
#[derive(Deserialize)]
#[serde(expecting = "a path item")]
struct PathItemStub {
    get: Option<OperationStub>,
    put: Option<OperationStub>,
    post: Option<OperationStub>,
    delete: Option<OperationStub>,
    options: Option<OperationStub>,
    head: Option<OperationStub>,
    patch: Option<OperationStub>,
    trace: Option<OperationStub>,
}

#[derive(Deserialize)]
#[serde(expecting = "an operation")]
struct OperationStub {
    #[serde(rename = "operationId")]
    id: Option<String>,
}

impl PathItemStub {
    fn operations(self, path: &str) -> impl Iterator<Item = Operation> {
        let all = [
            self.get,
            self.put,
            self.post,
            self.delete,
            self.options,
            self.head,
            self.patch,
            self.trace,
        ];
        let named = METHODS.into_iter().zip(all);
        named.filter_map(|(method, operation)| {
            Some(Operation {
                id: operation?.id?,
                path: path.to_owned(),
                method,
            })
        })
    }
}

/// Parses a part of the document. Line and column of an error are relative to the part.
fn parse<'t, T: Deserialize<'t>>(file: &Path, pointer: &str, raw: &'t RawValue) -> Result<T> {
    serde_json::from_str(raw.get())
        .map_err(|e| Error::at(file, pointer, format!("{e} of this value")))
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
        assert!(message.starts_with("x.json: /paths/~1a: "), "{message}");
        let message = read_error(r#"{"openapi":"3.0.1","paths":{},"components":{"schemas":[]}}"#);
        assert!(
            message.starts_with("x.json: /components/schemas: "),
            "{message}"
        );
    }
}
