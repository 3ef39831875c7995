//! What a document refers to: `$ref`, and the schemas that a discriminator maps to.

use std::path::Path;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::place::Place;
use super::pointer;
use crate::error::{Error, Result};

/// A reference as it stands in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands.
    pub pointer: String,
    /// What stands there, as JSON.
    pub text: String,
    /// Where in the same document it leads; none when it leads elsewhere, or cannot be read.
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

    /// Why a reference that leads to nothing in its own document cannot be followed.
    pub fn broken(&self, path: &Path) -> Error {
        let fault = match &self.target {
            Some(_) => "leads nowhere",
            None => "leads out of the document",
        };
        Error::at(
            path,
            &self.pointer,
            format!("the reference {} {fault}", self.text),
        )
    }
}

/// The JSON pointer that a reference within a document stands for.
pub fn target(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
    Some(pointer.into_owned())
}

/// Every reference below and including `value`, which stands at `pointer`.
pub fn references(value: &Value, place: Place, pointer: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(value, place, &mut pointer.to_owned(), &mut found);
    found
}

fn collect(value: &Value, place: Place, at: &mut String, found: &mut Vec<Reference>) {
    let length = at.len();
    match value {
        _ if place == Place::Data => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer::push(at, &index.to_string());
                collect(item, place.item(), at, found);
                at.truncate(length);
            }
        }
        Value::Object(object) => {
            for (key, child) in object {
                pointer::push(at, key);
                match (place, key.as_str()) {
                    (_, "$ref") if child.is_string() || place == Place::Object => {
                        let target = child.as_str().and_then(target);
                        found.push(Reference::new(at.clone(), child, target));
                    }
                    (Place::Object, "discriminator") => collect_mapping(child, at, found),
                    _ => collect(child, place.below(key), at, found),
                }
                at.truncate(length);
            }
        }
        _ => {}
    }
}

/// A discriminator maps to references, or to the bare names of schemas.
fn collect_mapping(discriminator: &Value, at: &str, found: &mut Vec<Reference>) {
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    for (value, child) in mapping.into_iter().flatten() {
        let at = pointer::below(&pointer::below(at, "mapping"), value);
        let target = child.as_str().and_then(|text| match text {
            _ if text.contains(['#', '/']) => target(text),
            name => Some(pointer::of(["components", "schemas", name])),
        });
        found.push(Reference::new(at, child, target));
    }
}

/// Every reference leads somewhere in the same document; the first that does not is the error.
pub fn check_references(path: &Path, document: &Value) -> Result<()> {
    let leads_somewhere = |reference: &Reference| {
        let target = reference.target.as_deref();
        target.is_some_and(|target| document.pointer(target).is_some())
    };
    match references(document, Place::Object, "")
        .iter()
        .find(|reference| !leads_somewhere(reference))
    {
        None => Ok(()),
        Some(reference) => Err(reference.broken(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(value: &Value) -> Vec<(String, Option<String>)> {
        references(value, Place::Object, "")
            .into_iter()
            .map(|reference| (reference.pointer, reference.target))
            .collect()
    }

    #[test]
    fn a_reference_that_leads_nowhere_is_named_by_its_pointer() {
        let document = json!({"a/b": [{"$ref": "#/components/schemas/Gone"}], "components": {}});
        let error = check_references(Path::new("x.json"), &document).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /a~1b/0/$ref: the reference \"#/components/schemas/Gone\" leads nowhere"
        );
    }

    #[test]
    fn escapes_of_the_fragment_and_of_the_pointer_are_undone_in_that_order() {
        let document = json!({
            "items": { "$ref": "#/components/schemas/A~1B%20%7E0%25" },
            "components": { "schemas": { "A/B ~%": {} } },
        });
        check_references(Path::new("x.json"), &document).unwrap();
    }

    #[test]
    fn other_files_and_hosts_are_out_of_the_document() {
        for elsewhere in ["other.json#/A", "https://example.com/a.json", "A", "#%ff"] {
            let error = check_references(Path::new("x.json"), &json!({ "$ref": elsewhere }));
            let error = error.unwrap_err().to_string();
            assert!(error.ends_with("leads out of the document"), "{error}");
        }
    }

    #[test]
    fn data_and_names_are_not_references() {
        let document = json!({
            "example": { "$ref": "#/data" },
            "x-note": { "$ref": "#/data" },
            "enum": [{ "$ref": "#/data" }],
            "properties": { "$ref": { "$ref": "#/components/schemas/A" } },
        });
        let a = Some("/components/schemas/A".to_owned());
        assert_eq!(found(&document), [("/properties/$ref/$ref".to_owned(), a)]);
    }

    #[test]
    fn a_discriminator_maps_to_references_and_to_names() {
        let document = json!({ "discriminator": { "propertyName": "kind", "mapping": {
            "a": "#/components/schemas/A", "b": "B", "c": "c.json#/C",
        } } });
        let targets: Vec<_> = found(&document).into_iter().map(|(_, to)| to).collect();
        let schema = |name: &str| Some(format!("/components/schemas/{name}"));
        assert_eq!(targets, [schema("A"), schema("B"), None]);
    }
}
