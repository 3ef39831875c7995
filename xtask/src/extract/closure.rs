//! Builds a self-contained document that describes selected operations only.
//!
//! The subset consists of the selected operations, the closure of components that they reference, the
//! tags and security schemes that they use, and the document-level metadata. The closure is
//! transitive: it includes every component that an operation references, directly or through other
//! components. It follows all sections, not only schemas, and terminates on cycles because each
//! component is visited once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::upstream::{METHODS, Operation, UpstreamSpec};
use crate::error::{Error, Result};
use crate::spec::reference::{Reference, SpecNode, find_references};
use crate::spec::{check_outline, pointer};

/// Extracts operations and everything that they reference into a new document.
pub fn extract_operations(upstream: &UpstreamSpec<'_>, operations: &[&Operation]) -> Result<Value> {
    let paths = select_paths(upstream, operations)?;
    let security = upstream.top_level("security")?;

    let mut roots = path_references(&paths);
    roots.extend(security_scheme_references(security.as_ref(), "/security"));
    let closure = component_closure(upstream, roots)?;
    let tags = select_tags(upstream.top_level("tags")?, &paths);
    let mut subset = Map::new();
    for key in ["openapi", "info", "servers"] {
        subset.extend(
            upstream
                .top_level(key)?
                .map(|value| (key.to_owned(), value)),
        );
    }
    subset.extend(security.map(|value| ("security".to_owned(), value)));
    subset.extend(tags.map(|value| ("tags".to_owned(), value)));
    let paths = paths.into_iter().collect();
    subset.insert("paths".to_owned(), Value::Object(paths));
    if !closure.components.is_empty() {
        let sections = closure.components.into_iter();
        let components = sections
            .map(|(name, all)| (name, Value::Object(all)))
            .collect();
        subset.insert("components".to_owned(), Value::Object(components));
    }
    let subset = Value::Object(subset);
    check_unresolved(upstream, &subset, &closure.unresolved)?;
    check_outline(upstream.file, &subset)?;
    Ok(subset)
}

/// Separates the operations that the document describes completely from the others, which are reported.
pub fn complete_operations<'u>(
    upstream: &'u UpstreamSpec<'_>,
) -> Result<(Vec<&'u Operation>, Vec<Error>)> {
    let unnamed = upstream.unnamed.iter().map(|location| {
        let message = "operation left out: it has no operationId";
        Error::at(upstream.file, location, message)
    });
    let mut incomplete: Vec<Error> = unnamed.collect();
    let mut complete: Vec<&Operation> = upstream.operations.iter().collect();
    // An operation may refer into another one, so that only what it lacks leaves it out.
    let mut leave_out = |operation: &Operation, error: Error| {
        let prefix = format!("operation {} left out: ", operation.id);
        incomplete.extend(error.into_each().map(|error| error.prefixed(&prefix)));
        false
    };
    if extract_operations(upstream, &complete).is_err() {
        complete.retain(|operation| match own_closure(upstream, operation) {
            Ok(_) => true,
            Err(error) => leave_out(operation, error),
        });
    }
    if extract_operations(upstream, &complete).is_err() {
        complete.retain(
            |operation| match extract_operations(upstream, &[*operation]) {
                Ok(_) => true,
                Err(error) => leave_out(operation, error),
            },
        );
    }
    if complete.is_empty() {
        return Err(Error::at(
            upstream.file,
            "/paths",
            "no operation is described completely",
        ));
    }
    Ok((complete, incomplete))
}

/// Computes the closure of one operation, which may refer into others.
fn own_closure(upstream: &UpstreamSpec<'_>, operation: &Operation) -> Result<Closure> {
    let paths = select_paths(upstream, &[operation])?;
    component_closure(upstream, path_references(&paths))
}

/// Returns the references in path items, to security schemes as well.
fn path_references(paths: &BTreeMap<String, Value>) -> Vec<Reference> {
    let mut found = Vec::new();
    for (path, item) in paths {
        let location = pointer::from_segments(["paths", path]);
        found.extend(find_references(item, SpecNode::Object, &location));
        for method in METHODS {
            let operation = item.get(method);
            let requirements = operation.and_then(|operation| operation.get("security"));
            let location = pointer::join(&pointer::join(&location, method), "security");
            found.extend(security_scheme_references(requirements, &location));
        }
    }
    found
}

/// Returns the path items of the operations, without the unselected operations.
fn select_paths(
    upstream: &UpstreamSpec<'_>,
    operations: &[&Operation],
) -> Result<BTreeMap<String, Value>> {
    let mut selected: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in operations {
        let methods = selected.entry(&operation.path).or_default();
        methods.push(operation.method);
    }
    let mut paths = BTreeMap::new();
    for (path, methods) in selected {
        let mut item = upstream.path_item(path)?;
        item.retain(|key, _| !METHODS.contains(&key.as_str()) || methods.contains(&key.as_str()));
        paths.insert(path.to_owned(), Value::Object(item));
    }
    Ok(paths)
}

/// Returns the tags that the operations use, in document order.
fn select_tags(tags: Option<Value>, paths: &BTreeMap<String, Value>) -> Option<Value> {
    let operations = paths
        .values()
        .flat_map(|item| METHODS.into_iter().filter_map(|method| item.get(method)));
    let used: BTreeSet<&str> = operations
        .filter_map(|operation| operation.get("tags")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let Some(Value::Array(mut tags)) = tags else {
        return tags;
    };
    tags.retain(|tag| {
        let name = tag.get("name").and_then(Value::as_str);
        name.is_some_and(|name| used.contains(name))
    });
    Some(Value::Array(tags)).filter(|tags| *tags != json!([]))
}

/// Converts security requirements, which name their schemes without a `$ref`, to references.
fn security_scheme_references(requirements: Option<&Value>, location: &str) -> Vec<Reference> {
    let requirements = requirements.and_then(Value::as_array);
    let named = requirements.into_iter().flatten().enumerate();
    named
        .flat_map(|(index, requirement)| {
            let location = pointer::join(location, &index.to_string());
            let names = requirement.as_object().into_iter().flat_map(Map::keys);
            names.map(move |name| Reference {
                pointer: pointer::join(&location, name),
                text: json!(name).to_string(),
                target: Some(pointer::from_segments([
                    "components",
                    "securitySchemes",
                    name,
                ])),
            })
        })
        .collect()
}

/// Checks references that do not point to a component.
///
/// They may point into a selected operation; an unselected one is not part of the subset.
fn check_unresolved(
    upstream: &UpstreamSpec<'_>,
    subset: &Value,
    unresolved: &[Reference],
) -> Result<()> {
    let resolves = |reference: &&Reference| {
        let target = reference.target.as_deref().filter(|to| !to.is_empty());
        target.is_some_and(|target| subset.pointer(target).is_some())
    };
    let unresolved = unresolved.iter().filter(|reference| !resolves(reference));
    Error::fail_if_any(unresolved.map(|Reference { pointer, text, .. }| {
        let message =
            format!("reference {text} resolves to neither a component nor a selected operation");
        Error::at(upstream.file, pointer, message)
    }))
}

/// Components that are reachable from a set of references.
#[derive(Debug, Default)]
struct Closure {
    /// The reachable components by section and name.
    components: BTreeMap<String, Map<String, Value>>,
    /// References that point into the document, but not to a component.
    unresolved: Vec<Reference>,
}

/// Computes the closure of the given references.
///
/// A reference into a component, such as one to a schema's property, includes the entire component.
fn component_closure(upstream: &UpstreamSpec<'_>, roots: Vec<Reference>) -> Result<Closure> {
    let mut closure = Closure::default();
    let mut broken = Vec::new();
    let mut unfollowed = VecDeque::from(roots);
    while let Some(reference) = unfollowed.pop_front() {
        let Some(target) = &reference.target else {
            broken.push(reference.unresolved_error(upstream.file));
            continue;
        };
        let segments = pointer::segments(target);
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
            let Some(component) = upstream.component(section, name)? else {
                broken.push(reference.unresolved_error(upstream.file));
                continue;
            };
            unfollowed.extend(find_references(
                &component,
                SpecNode::Object.child(section).child(""),
                &pointer::from_segments(["components", section, name]),
            ));
            entries.insert(name.clone(), component);
        }
        let within = pointer::from_segments(within.iter().map(String::as_str));
        if entries[name].pointer(&within).is_none() {
            broken.push(reference.unresolved_error(upstream.file));
        }
    }
    Error::fail_if_any(broken)?;
    closure.components.retain(|_, entries| !entries.is_empty());
    Ok(closure)
}

#[cfg(test)]
mod tests {
    use super::*;
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
