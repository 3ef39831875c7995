//! Transitive closure of components over references.
//!
//! An extracted document must be self-contained: it includes every component that its operations
//! reference, directly or through other components. The closure follows all sections, not only
//! schemas, and terminates on cycles because each component is visited once.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::upstream::UpstreamSpec;
use crate::error::Result;
use crate::spec::node::SpecNode;
use crate::spec::pointer;
use crate::spec::reference::{Reference, find_references};

/// Components that are reachable from a set of references.
#[derive(Debug, Default)]
pub struct Closure {
    /// The reachable components by section and name.
    pub components: BTreeMap<String, Map<String, Value>>,
    /// References that point into the document, but not to a component.
    pub unresolved: Vec<Reference>,
}

/// Computes the closure of the given references.
///
/// A reference into a component, such as one to a schema's property, includes the entire component.
pub fn component_closure(upstream: &UpstreamSpec<'_>, roots: Vec<Reference>) -> Result<Closure> {
    let mut closure = Closure::default();
    let mut unfollowed = VecDeque::from(roots);
    while let Some(reference) = unfollowed.pop_front() {
        let broken = || reference.unresolved_error(upstream.file);
        let segments = pointer::segments(reference.target.as_deref().ok_or_else(broken)?);
        let [components, section, name, within @ ..] = &segments[..] else {
            closure.unresolved.push(reference);
            continue;
        };
        if components != "components" {
            closure.unresolved.push(reference);
            continue;
        }
        let entries = closure.components.entry(section.clone()).or_default();
        if !entries.contains_key(name) {
            let component = upstream.component(section, name)?.ok_or_else(broken)?;
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

/// Returns the node kind of a component in a section.
fn place(section: &str) -> SpecNode {
    SpecNode::Object.child(section).child("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn closure_names(components: Value, root: &str) -> Result<Vec<String>> {
        let document = json!({ "openapi": "3.0.1", "paths": {}, "components": components });
        let text = document.to_string();
        let upstream = UpstreamSpec::read(Path::new("x.json"), &text)?;
        let root = find_references(&json!({ "$ref": root }), SpecNode::Object, "/paths/~1a");
        let closure = component_closure(&upstream, root)?;
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
    fn cyclic_references_terminate() {
        let components = json!({ "schemas": {
            "A": { "properties": { "b": schema("B"), "a": schema("A") } },
            "B": { "items": schema("C") },
            "C": { "additionalProperties": schema("A") },
            "D": schema("A"),
        } });
        assert_eq!(
            closure_names(components, "#/components/schemas/B").unwrap(),
            ["schemas/A", "schemas/B", "schemas/C"]
        );
    }

    #[test]
    fn references_in_every_section_are_followed() {
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
            closure_names(components.clone(), "#/components/responses/R").unwrap(),
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
            closure_names(components, "#/components/callbacks/C").unwrap(),
            ["callbacks/C", "schemas/A"]
        );
    }

    #[test]
    fn reference_into_a_component_includes_the_component() {
        let components = json!({ "schemas": {
            "A": { "properties": { "x": {}, "y": schema("B") } }, "B": {},
        } });
        let root = "#/components/schemas/A/properties/x";
        assert_eq!(
            closure_names(components.clone(), root).unwrap(),
            ["schemas/A", "schemas/B"]
        );
        let error = closure_names(components, "#/components/schemas/A/properties/z").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /paths/~1a/$ref: unresolved reference \"#/components/schemas/A/properties/z\""
        );
    }

    #[test]
    fn nested_unresolved_reference_is_reported_at_its_own_pointer() {
        let components = json!({ "schemas": { "A": { "properties": { "x": schema("Gone") } } } });
        let error = closure_names(components, "#/components/schemas/A").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /components/schemas/A/properties/x/$ref: unresolved reference \"#/components/schemas/Gone\""
        );
    }
}
