//! The service's whole document, read no further than needed.
//!
//! Nearly all of its megabytes are about other operations. They are checked to be JSON and left
//! as text; only what an operation reaches becomes values.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::operation::{METHODS, Operation};
use crate::error::{Error, Result};
use crate::spec::{check_version, pointer};

type Parts<'t> = BTreeMap<String, &'t RawValue>;

/// A whole document, its parts still text.
#[derive(Debug)]
pub struct Whole<'t> {
    /// The file to blame.
    pub file: &'t Path,
    /// Every operation that has an id, in the order of the paths.
    pub operations: Vec<Operation>,
    top: Parts<'t>,
    paths: Parts<'t>,
    components: BTreeMap<String, Parts<'t>>,
}

impl<'t> Whole<'t> {
    /// Reads the text of `file`.
    pub fn read(file: &'t Path, text: &'t str) -> Result<Self> {
        let top: Parts<'t> = serde_json::from_str(text).map_err(|e| {
            let fault = match e.classify() {
                Category::Data => "not an OpenAPI document",
                _ => "not JSON",
            };
            Error::new(file, format!("{fault}: {e}"))
        })?;
        check_version(file, top.get("openapi").map(|raw| raw.get()))?;
        let paths: Parts<'t> = match top.get("paths") {
            Some(raw) => parse(file, "/paths", raw)?,
            None => return Err(Error::at(file, "/paths", "missing")),
        };
        let mut operations = Vec::new();
        for (path, raw) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
            let item: PathItem = parse(file, &pointer::from_segments(["paths", path]), raw)?;
            operations.extend(item.operations(path));
        }
        let sections: Parts<'t> = match top.get("components") {
            Some(raw) => parse(file, "/components", raw)?,
            None => Parts::new(),
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

    /// A part of the document besides its paths and components.
    pub fn top(&self, key: &str) -> Result<Option<Value>> {
        let raw = self.top.get(key);
        raw.map(|raw| parse(self.file, &pointer::from_segments([key]), raw))
            .transpose()
    }

    /// What stands at a path.
    pub fn path_item(&self, path: &str) -> Result<Map<String, Value>> {
        match self.paths.get(path) {
            Some(raw) => parse(self.file, &pointer::from_segments(["paths", path]), raw),
            None => Ok(Map::new()),
        }
    }

    /// A component, if there is one of that name.
    pub fn component(&self, section: &str, name: &str) -> Result<Option<Value>> {
        let raw = self.components.get(section).and_then(|all| all.get(name));
        let place = || pointer::from_segments(["components", section, name]);
        raw.map(|raw| parse(self.file, &place(), raw)).transpose()
    }
}

/// As much of a path item as it takes to find an operation.
#[derive(Deserialize)]
#[serde(expecting = "a path item")]
struct PathItem {
    get: Option<Named>,
    put: Option<Named>,
    post: Option<Named>,
    delete: Option<Named>,
    options: Option<Named>,
    head: Option<Named>,
    patch: Option<Named>,
    trace: Option<Named>,
}

#[derive(Deserialize)]
#[serde(expecting = "an operation")]
struct Named {
    #[serde(rename = "operationId")]
    id: Option<String>,
}

impl PathItem {
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

/// Reads a part of the document. Line and column of an error count from the part's beginning.
fn parse<'t, T: Deserialize<'t>>(file: &Path, pointer: &str, raw: &'t RawValue) -> Result<T> {
    serde_json::from_str(raw.get()).map_err(|e| Error::at(file, pointer, format!("{e} of it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Whole::read(Path::new("x.json"), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn only_openapi_3_0_is_read() {
        assert_eq!(
            refusal(r#"{"openapi":"3.1.0","paths":{}}"#),
            "x.json: /openapi: unsupported version \"3.1.0\"; only OpenAPI 3.0.x is supported"
        );
        assert_eq!(
            refusal(r#"{"swagger":"2.0","paths":{}}"#),
            "x.json: /openapi: missing; not an OpenAPI 3.0 document"
        );
        assert!(refusal("[]").starts_with("x.json: not an OpenAPI document: invalid type"));
        assert!(refusal("<html>").starts_with("x.json: not JSON: expected value at line 1"));
        assert!(refusal("").starts_with("x.json: not JSON: EOF"));
        assert_eq!(refusal(r#"{"openapi":"3.0.1"}"#), "x.json: /paths: missing");
    }

    #[test]
    fn a_part_of_the_wrong_shape_is_named_by_its_pointer() {
        let message = refusal(r#"{"openapi":"3.0.1","paths":{"/a":{"get":[]}},"components":{}}"#);
        assert!(message.starts_with("x.json: /paths/~1a: "), "{message}");
        let message = refusal(r#"{"openapi":"3.0.1","paths":{},"components":{"schemas":[]}}"#);
        assert!(
            message.starts_with("x.json: /components/schemas: "),
            "{message}"
        );
    }
}
