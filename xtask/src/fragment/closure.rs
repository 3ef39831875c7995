//! What is reached from somewhere, reference by reference.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::whole::Whole;
use crate::error::Result;
use crate::spec::node::SpecNode;
use crate::spec::pointer;
use crate::spec::reference::{Reference, find_references};

/// What is reached.
#[derive(Debug, Default)]
pub struct Closure {
    /// The components, by section and name.
    pub components: BTreeMap<String, Map<String, Value>>,
    /// References to something in the document that is not a component.
    pub astray: Vec<Reference>,
}

/// Follows references, and those in what they lead to, until nothing new is reached.
///
/// A reference into a component, such as one to a schema's property, reaches the component.
pub fn close(whole: &Whole<'_>, roots: Vec<Reference>) -> Result<Closure> {
    let mut closure = Closure::default();
    let mut unfollowed = VecDeque::from(roots);
    while let Some(reference) = unfollowed.pop_front() {
        let broken = || reference.unresolved_error(whole.file);
        let segments = pointer::segments(reference.target.as_deref().ok_or_else(broken)?);
        let [components, section, name, within @ ..] = &segments[..] else {
            closure.astray.push(reference);
            continue;
        };
        if components != "components" {
            closure.astray.push(reference);
            continue;
        }
        let entries = closure.components.entry(section.clone()).or_default();
        if !entries.contains_key(name) {
            let component = whole.component(section, name)?.ok_or_else(broken)?;
            unfollowed.extend(find_references(
                &component,
                place(section),
                &pointer::from_segments(["components", section, name]),
            ));
            entries.insert(name.clone(), component);
        }
        let within = pointer::from_segments(within.iter().map(String::as_str));
        if entries[name].pointer(&within).is_none() {
            return Err(broken());
        }
    }
    closure.components.retain(|_, entries| !entries.is_empty());
    Ok(closure)
}

/// What a component of a section is.
fn place(section: &str) -> SpecNode {
    SpecNode::Object.child(section).child("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn closed(components: Value, root: &str) -> Result<Vec<String>> {
        let document = json!({ "openapi": "3.0.1", "paths": {}, "components": components });
        let text = document.to_string();
        let whole = Whole::read(Path::new("x.json"), &text)?;
        let root = find_references(&json!({ "$ref": root }), SpecNode::Object, "/paths/~1a");
        let closure = close(&whole, root)?;
        let reached = closure.components.into_iter().flat_map(|(section, all)| {
            all.into_iter()
                .map(move |(name, _)| format!("{section}/{name}"))
        });
        let mut reached: Vec<String> = reached.collect();
        reached.sort();
        Ok(reached)
    }

    fn schema(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    #[test]
    fn cycles_end() {
        let components = json!({ "schemas": {
            "A": { "properties": { "b": schema("B"), "a": schema("A") } },
            "B": { "items": schema("C") },
            "C": { "additionalProperties": schema("A") },
            "D": schema("A"),
        } });
        assert_eq!(
            closed(components, "#/components/schemas/B").unwrap(),
            ["schemas/A", "schemas/B", "schemas/C"]
        );
    }

    #[test]
    fn every_section_is_followed() {
        let components = json!({
            "responses": { "R": {
                "headers": { "h": { "$ref": "#/components/headers/H" } },
                "links": { "l": { "$ref": "#/components/links/L" } },
                "content": { "application/json": {
                    "schema": schema("A"),
                    "examples": { "e": { "$ref": "#/components/examples/E" } },
                } },
            } },
            "headers": { "H": { "schema": schema("B") } },
            "links": { "L": {} },
            "examples": { "E": { "value": schema("Data") }, "F": {} },
            "schemas": { "A": {}, "B": {}, "Data": {} },
            "callbacks": { "C": { "{$url}": { "post": { "requestBody": schema("A") } } } },
        });
        assert_eq!(
            closed(components.clone(), "#/components/responses/R").unwrap(),
            [
                "examples/E",
                "headers/H",
                "links/L",
                "responses/R",
                "schemas/A",
                "schemas/B"
            ]
        );
        assert_eq!(
            closed(components, "#/components/callbacks/C").unwrap(),
            ["callbacks/C", "schemas/A"]
        );
    }

    #[test]
    fn a_reference_into_a_component_reaches_all_of_it() {
        let components = json!({ "schemas": {
            "A": { "properties": { "x": {}, "y": schema("B") } }, "B": {},
        } });
        let root = "#/components/schemas/A/properties/x";
        assert_eq!(
            closed(components.clone(), root).unwrap(),
            ["schemas/A", "schemas/B"]
        );
        let error = closed(components, "#/components/schemas/A/properties/z").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /paths/~1a/$ref: unresolved reference \"#/components/schemas/A/properties/z\""
        );
    }

    #[test]
    fn a_broken_reference_deep_inside_is_named_by_its_own_place() {
        let components = json!({ "schemas": { "A": { "properties": { "x": schema("Gone") } } } });
        let error = closed(components, "#/components/schemas/A").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /components/schemas/A/properties/x/$ref: unresolved reference \"#/components/schemas/Gone\""
        );
    }
}
