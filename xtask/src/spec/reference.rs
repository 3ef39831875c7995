//! References in a document: `$ref`, and the schemas of a discriminator mapping.
//!
//! The meaning of a key depends on the path to it: `description` is prose in a schema, a property
//! name below `properties`, and plain data below `example`. Every search for references or prose
//! therefore tracks the [kind](SpecNode) of the current node.

use std::path::Path;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::pointer;
use crate::error::{Error, Result};

/// Kind of a node in an OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecNode {
    /// An object whose keys the specification defines, or a list of such objects.
    Object,
    /// A map to [`Object`](Self::Object)s, by names that the document's author chose.
    Map,
    /// A map to [`Map`](Self::Map)s: callbacks, by name and then by expression.
    MapOfMaps,
    /// Arbitrary JSON, without meaning in the specification.
    Data,
}

impl SpecNode {
    /// Returns the kind of the child at `key`.
    pub fn child(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::MapOfMaps => Self::Map,
            Self::Map => Self::Object,
            Self::Object if key.starts_with("x-") => Self::Data,
            Self::Object => match key {
                "example" | "default" | "enum" | "value" | "security" => Self::Data,
                "properties" | "schemas" | "parameters" | "responses" | "requestBodies"
                | "headers" | "examples" | "links" | "securitySchemes" | "content" | "encoding"
                | "mapping" | "variables" | "scopes" | "paths" => Self::Map,
                "callbacks" => Self::MapOfMaps,
                _ => Self::Object,
            },
        }
    }

    /// Returns the kind of the items, if this node is a list.
    ///
    /// The kind alone does not say whether it is: `parameters` is a list in one location and a map
    /// in another.
    pub fn item(self) -> Self {
        match self {
            Self::Data => Self::Data,
            _ => Self::Object,
        }
    }
}

/// A reference in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// JSON pointer to the reference.
    pub pointer: String,
    /// Value of the reference, as JSON text.
    pub text: String,
    /// JSON pointer to the target; `None` if the target is outside the document, or malformed.
    pub target: Option<String>,
}

impl Reference {
    fn new(pointer: String, value: &Value, target: Option<String>) -> Self {
        Self {
            pointer,
            text: value.to_string(),
            target,
        }
    }

    /// Returns the error for a reference without a target in its document.
    pub fn unresolved_error(&self, path: &Path) -> Error {
        let text = &self.text;
        let message = match &self.target {
            Some(_) => format!("unresolved reference {text}"),
            None => {
                format!(
                    "external reference {text}; only references within the document are supported"
                )
            }
        };
        Error::at(path, &self.pointer, message)
    }
}

/// Parses a reference within the document into a JSON pointer.
pub fn parse_target(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
    Some(pointer.into_owned())
}

/// Finds every reference in `value`, the node of the document at `pointer`.
pub fn find_references(value: &Value, node: SpecNode, pointer: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(value, node, &mut pointer.to_owned(), &mut found);
    found
}

fn collect(value: &Value, node: SpecNode, pointer: &mut String, found: &mut Vec<Reference>) {
    let length = pointer.len();
    match value {
        _ if node == SpecNode::Data => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer::push(pointer, &index.to_string());
                collect(item, node.item(), pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Object(object) => {
            for (key, child) in object {
                pointer::push(pointer, key);
                match (node, key.as_str()) {
                    (_, "$ref") if child.is_string() || node == SpecNode::Object => {
                        let target = child.as_str().and_then(parse_target);
                        found.push(Reference::new(pointer.clone(), child, target));
                    }
                    (SpecNode::Object, "discriminator") => collect_mapping(child, pointer, found),
                    _ => collect(child, node.child(key), pointer, found),
                }
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Collects the targets of a discriminator: references, or plain schema names.
fn collect_mapping(discriminator: &Value, pointer: &str, found: &mut Vec<Reference>) {
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    for (value, child) in mapping.into_iter().flatten() {
        let pointer = pointer::join(&pointer::join(pointer, "mapping"), value);
        let target = child.as_str().and_then(|text| match text {
            _ if text.contains(['#', '/']) => parse_target(text),
            name => Some(pointer::from_segments(["components", "schemas", name])),
        });
        found.push(Reference::new(pointer, child, target));
    }
}

/// Fails if a reference has no target in the document.
pub fn check_references(path: &Path, document: &Value) -> Result<()> {
    let is_resolved = |reference: &Reference| {
        let target = reference.target.as_deref();
        target.is_some_and(|target| document.pointer(target).is_some())
    };
    let references = find_references(document, SpecNode::Object, "");
    let unresolved = references
        .iter()
        .filter(|reference| !is_resolved(reference));
    Error::fail_if_any(unresolved.map(|reference| reference.unresolved_error(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(value: &Value) -> Vec<(String, Option<String>)> {
        find_references(value, SpecNode::Object, "")
            .into_iter()
            .map(|reference| (reference.pointer, reference.target))
            .collect()
    }

    #[test]
    fn an_unresolved_reference_is_reported_with_its_pointer() {
        let document = json!({"a/b": [{"$ref": "#/components/schemas/Gone"}], "components": {}});
        let error = check_references(Path::new("x.json"), &document).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /a~1b/0/$ref: unresolved reference \"#/components/schemas/Gone\""
        );
    }

    #[test]
    fn percent_encoding_is_decoded_before_pointer_escapes() {
        let document = json!({
            "items": { "$ref": "#/components/schemas/A~1B%20%7E0%25" },
            "components": { "schemas": { "A/B ~%": {} } },
        });
        check_references(Path::new("x.json"), &document).unwrap();
    }

    #[test]
    fn other_files_and_hosts_are_external() {
        for external in ["other.json#/A", "https://example.com/a.json", "A", "#%ff"] {
            let error = check_references(Path::new("x.json"), &json!({ "$ref": external }));
            let error = error.unwrap_err().to_string();
            assert!(
                error.ends_with("only references within the document are supported"),
                "{error}"
            );
        }
    }

    #[test]
    fn data_and_property_names_are_not_references() {
        let document = json!({
            "example": { "$ref": "#/data" },
            "x-note": { "$ref": "#/data" },
            "enum": [{ "$ref": "#/data" }],
            "properties": { "$ref": { "$ref": "#/components/schemas/A" } },
        });
        let a = Some("/components/schemas/A".to_owned());
        assert_eq!(find(&document), [("/properties/$ref/$ref".to_owned(), a)]);
    }

    #[test]
    fn a_discriminator_maps_to_references_and_to_schema_names() {
        let document = json!({ "discriminator": { "propertyName": "kind", "mapping": {
            "a": "#/components/schemas/A", "b": "B", "c": "c.json#/C",
        } } });
        let targets: Vec<_> = find(&document)
            .into_iter()
            .map(|(_, target)| target)
            .collect();
        let schema = |name: &str| Some(format!("/components/schemas/{name}"));
        assert_eq!(targets, [schema("A"), schema("B"), None]);
    }

    fn kind(path: &[&str]) -> SpecNode {
        path.iter()
            .fold(SpecNode::Object, |node, key| node.child(key))
    }

    #[test]
    fn author_chosen_names_are_not_keywords() {
        assert_eq!(
            kind(&["components", "schemas", "A", "properties"]),
            SpecNode::Map
        );
        assert_eq!(
            kind(&["components", "schemas", "A", "properties", "example"]),
            SpecNode::Object
        );
        assert_eq!(
            kind(&["components", "schemas", "A", "example"]),
            SpecNode::Data
        );
        assert_eq!(
            kind(&["components", "schemas", "A", "example", "properties"]),
            SpecNode::Data
        );
    }
}
