//! Merges the descriptions of the current fragment into a newly extracted one.
//!
//! Descriptions are written in this workspace, not copied from upstream, so that they state units,
//! ranges and the meaning of null. A description is preserved as long as the element that it describes
//! exists. It is preserved beside a `$ref` too: OpenAPI 3.0 ignores siblings of `$ref`, but the
//! generator uses them for the property's documentation.

use serde_json::{Map, Value};

use crate::spec::pointer;
use crate::spec::reference::SpecNode;

/// Keys whose string values are prose.
const DESCRIPTION_KEYS: [&str; 2] = ["description", "summary"];

/// Elements of a fragment that have no description from the current fragment, as JSON pointers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MissingDescriptions {
    /// Descriptions and summaries copied from upstream.
    pub upstream: Vec<String>,
    /// Schemas and properties without any description.
    pub absent: Vec<String>,
}

/// Replaces the descriptions in `theirs` with those of `ours`, and returns the elements without one.
///
/// Elements are matched by JSON pointer, except in arrays of named objects: parameters, servers and
/// tags are matched by name, so that reordering does not lose their descriptions.
pub fn merge_descriptions(ours: &Value, theirs: &mut Value) -> MissingDescriptions {
    let mut missing = MissingDescriptions::default();
    merge_node(
        Some(ours),
        theirs,
        SpecNode::Object,
        &mut String::new(),
        &mut missing,
    );
    missing.upstream.sort();
    missing.absent.sort();
    missing
}

fn merge_node(
    ours: Option<&Value>,
    theirs: &mut Value,
    node: SpecNode,
    location: &mut String,
    missing: &mut MissingDescriptions,
) {
    let length = location.len();
    match theirs {
        _ if node == SpecNode::Data => {}
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let ours = counterpart(ours, item, index);
                pointer::push(location, &index.to_string());
                merge_node(ours, item, node.item(), location, missing);
                location.truncate(length);
            }
        }
        Value::Object(object) => {
            if node == SpecNode::Object {
                apply_descriptions(ours, object, location, missing);
            }
            for (key, child) in object {
                let below = node.child(key);
                pointer::push(location, key);
                merge_node(
                    ours.and_then(|ours| ours.get(key)),
                    child,
                    below,
                    location,
                    missing,
                );
                let needs_description = key == "properties" || key == "schemas";
                if needs_description && node == SpecNode::Object {
                    missing.absent.extend(undescribed(child, location));
                }
                location.truncate(length);
            }
        }
        _ => {}
    }
}

fn apply_descriptions(
    ours: Option<&Value>,
    theirs: &mut Map<String, Value>,
    location: &str,
    missing: &mut MissingDescriptions,
) {
    for key in DESCRIPTION_KEYS {
        match ours.and_then(|ours| ours.get(key)) {
            Some(Value::String(words)) => {
                theirs.insert(key.to_owned(), Value::String(words.clone()));
            }
            _ if theirs.get(key).is_some_and(Value::is_string) => {
                missing.upstream.push(pointer::join(location, key));
            }
            _ => {}
        }
    }
}

/// Finds the item of `ours` that corresponds to an array item of `theirs`.
fn counterpart<'v>(ours: Option<&'v Value>, theirs: &Value, index: usize) -> Option<&'v Value> {
    let ours = ours?.as_array()?;
    match identity(theirs) {
        None => ours.get(index).filter(|ours| identity(ours).is_none()),
        identified => ours.iter().find(|ours| identity(ours) == identified),
    }
}

/// Returns the key that identifies an array item, if it has one.
fn identity(item: &Value) -> Option<(&Value, Option<&Value>)> {
    let key = ["$ref", "url", "name"]
        .into_iter()
        .find_map(|key| item.get(key))?;
    Some((key, item.get("in")))
}

/// Lists the named objects without a description.
fn undescribed<'v>(names: &'v Value, location: &'v str) -> impl Iterator<Item = String> + 'v {
    let names = names.as_object().into_iter().flatten();
    names
        .filter(|(_, value)| value.is_object() && value.get("description").is_none())
        .map(move |(name, _)| pointer::join(location, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(ours: Value, mut theirs: Value) -> (Value, MissingDescriptions) {
        let missing = merge_descriptions(&ours, &mut theirs);
        (theirs, missing)
    }

    #[test]
    fn own_descriptions_replace_upstream_ones() {
        let (merged, missing) = merged(
            json!({ "info": { "title": "Old", "description": "Ours." } }),
            json!({ "info": { "title": "New", "description": "Theirs.", "summary": "Theirs." } }),
        );
        assert_eq!(
            merged,
            json!({ "info": { "title": "New", "description": "Ours.", "summary": "Theirs." } })
        );
        assert_eq!(missing.upstream, ["/info/summary"]);
    }

    #[test]
    fn descriptions_beside_a_reference_are_preserved() {
        let (merged, missing) = merged(
            json!({ "properties": { "a": { "$ref": "#/x", "description": "Ours." } } }),
            json!({ "properties": { "a": { "$ref": "#/y" }, "b": { "$ref": "#/y" } } }),
        );
        assert_eq!(merged["properties"]["a"]["description"], "Ours.");
        assert_eq!(merged["properties"]["a"]["$ref"], "#/y");
        assert_eq!(missing.absent, ["/properties/b"]);
    }

    #[test]
    fn descriptions_of_removed_elements_are_dropped() {
        let ours = json!({ "properties": { "a": { "description": "Ours." } } });
        let (merged, missing) = merged(ours, json!({ "properties": {} }));
        assert_eq!(merged, json!({ "properties": {} }));
        assert_eq!(missing, MissingDescriptions::default());
    }

    #[test]
    fn data_and_property_names_are_not_descriptions() {
        let ours = json!({
            "example": { "description": "Ours." },
            "properties": { "description": { "type": "string", "description": "Ours." } },
        });
        let theirs = json!({
            "example": { "description": "Data." },
            "properties": { "description": { "type": "string", "description": "Theirs." } },
        });
        let (merged, missing) = merged(ours, theirs);
        assert_eq!(merged["example"]["description"], "Data.");
        assert_eq!(merged["properties"]["description"]["description"], "Ours.");
        assert_eq!(missing, MissingDescriptions::default());
    }

    #[test]
    fn reordered_named_items_keep_their_descriptions() {
        let (merged, missing) = merged(
            json!({ "tags": [{ "name": "A", "description": "Ours." }], "servers": [{ "url": "u" }] }),
            json!({
                "tags": [{ "name": "B", "description": "Theirs." }, { "name": "A" }],
                "servers": [{ "url": "v", "description": "Theirs." }],
            }),
        );
        assert_eq!(
            merged["tags"][1],
            json!({ "name": "A", "description": "Ours." })
        );
        assert_eq!(merged["tags"][0]["description"], "Theirs.");
        assert_eq!(
            missing.upstream,
            ["/servers/0/description", "/tags/0/description"]
        );
    }
}
