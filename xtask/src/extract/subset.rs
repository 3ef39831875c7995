//! Builds a self-contained document that describes selected operations only.
//!
//! The subset consists of the selected operations, the closure of components that they reference, the
//! tags and security schemes that they use, and the document-level metadata.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::closure;
use super::operation::{METHODS, Operation};
use super::upstream::UpstreamSpec;
use crate::error::{Error, Result};
use crate::spec::deserialize;
use crate::spec::node::SpecNode;
use crate::spec::pointer;
use crate::spec::reference::{Reference, find_references};

/// Extracts operations and everything that they reference into a new document.
pub fn extract_operations(upstream: &UpstreamSpec<'_>, operations: &[&Operation]) -> Result<Value> {
    let paths = select_paths(upstream, operations)?;
    let security = upstream.top_level("security")?;

    let mut roots = Vec::new();
    for (path, item) in &paths {
        let place = pointer::from_segments(["paths", path]);
        roots.extend(find_references(item, SpecNode::Object, &place));
        for method in METHODS {
            let requirements = item
                .get(method)
                .and_then(|operation| operation.get("security"));
            let place = pointer::join(&pointer::join(&place, method), "security");
            roots.extend(security_scheme_references(requirements, &place));
        }
    }
    roots.extend(security_scheme_references(security.as_ref(), "/security"));
    let closure = closure::component_closure(upstream, roots)?;

    let tags = select_tags(upstream.top_level("tags")?, &paths);
    let mut fragment = Map::new();
    for key in ["openapi", "info", "servers"] {
        fragment.extend(
            upstream
                .top_level(key)?
                .map(|value| (key.to_owned(), value)),
        );
    }
    fragment.extend(security.map(|value| ("security".to_owned(), value)));
    fragment.extend(tags.map(|value| ("tags".to_owned(), value)));
    let paths = paths.into_iter().collect();
    fragment.insert("paths".to_owned(), Value::Object(paths));
    if !closure.components.is_empty() {
        let sections = closure.components.into_iter();
        let components = sections
            .map(|(name, all)| (name, Value::Object(all)))
            .collect();
        fragment.insert("components".to_owned(), Value::Object(components));
    }
    let fragment = Value::Object(fragment);
    check_unresolved(upstream, &fragment, &closure.unresolved)?;
    deserialize::<openapiv3::OpenAPI>(upstream.file, &fragment)?;
    Ok(fragment)
}

/// Returns the path items of the operations, without the unselected operations.
fn select_paths(
    upstream: &UpstreamSpec<'_>,
    operations: &[&Operation],
) -> Result<BTreeMap<String, Value>> {
    let mut paths = BTreeMap::new();
    for operation in operations {
        let mut item = upstream.path_item(&operation.path)?;
        item.retain(|key, _| {
            let is_selected = |method| {
                operations
                    .iter()
                    .any(|other| other.path == operation.path && other.method == method)
            };
            !METHODS.contains(&key.as_str()) || is_selected(key.as_str())
        });
        paths.insert(operation.path.clone(), Value::Object(item));
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
fn security_scheme_references(requirements: Option<&Value>, place: &str) -> Vec<Reference> {
    let requirements = requirements.and_then(Value::as_array);
    let named = requirements.into_iter().flatten().enumerate();
    named
        .flat_map(|(index, requirement)| {
            let place = pointer::join(place, &index.to_string());
            let names = requirement.as_object().into_iter().flat_map(Map::keys);
            names.map(move |name| Reference {
                pointer: pointer::join(&place, name),
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
    fragment: &Value,
    unresolved: &[Reference],
) -> Result<()> {
    let resolves = |reference: &&Reference| {
        let target = reference.target.as_deref().filter(|to| !to.is_empty());
        target.is_some_and(|target| fragment.pointer(target).is_some())
    };
    match unresolved.iter().find(|reference| !resolves(reference)) {
        None => Ok(()),
        Some(Reference { pointer, text, .. }) => Err(Error::at(
            upstream.file,
            pointer,
            format!("reference {text} resolves to neither a component nor a selected operation"),
        )),
    }
}
