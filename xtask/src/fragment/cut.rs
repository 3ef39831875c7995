//! Operations, with everything that they reach, as a document of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::closure;
use super::operation::{METHODS, Operation};
use super::whole::Whole;
use crate::error::{Error, Result};
use crate::spec::deserialize;
use crate::spec::node::SpecNode;
use crate::spec::pointer;
use crate::spec::reference::{Reference, find_references};

/// The document of some operations: what it says about them, and nothing else.
pub fn cut(whole: &Whole<'_>, operations: &[&Operation]) -> Result<Value> {
    let paths = cut_paths(whole, operations)?;
    let security = whole.top("security")?;

    let mut roots = Vec::new();
    for (path, item) in &paths {
        let place = pointer::from_segments(["paths", path]);
        roots.extend(find_references(item, SpecNode::Object, &place));
        for method in METHODS {
            let requirements = item
                .get(method)
                .and_then(|operation| operation.get("security"));
            let place = pointer::join(&pointer::join(&place, method), "security");
            roots.extend(schemes(requirements, &place));
        }
    }
    roots.extend(schemes(security.as_ref(), "/security"));
    let closure = closure::close(whole, roots)?;

    let tags = cut_tags(whole.top("tags")?, &paths);
    let mut fragment = Map::new();
    for key in ["openapi", "info", "servers"] {
        fragment.extend(whole.top(key)?.map(|value| (key.to_owned(), value)));
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
    check_astray(whole, &fragment, &closure.astray)?;
    deserialize::<openapiv3::OpenAPI>(whole.file, &fragment)?;
    Ok(fragment)
}

/// The path items of the operations, without the operations that are not wanted.
fn cut_paths(whole: &Whole<'_>, operations: &[&Operation]) -> Result<BTreeMap<String, Value>> {
    let mut paths = BTreeMap::new();
    for operation in operations {
        let mut item = whole.path_item(&operation.path)?;
        item.retain(|key, _| {
            let wanted = |method| {
                operations
                    .iter()
                    .any(|other| other.path == operation.path && other.method == method)
            };
            !METHODS.contains(&key.as_str()) || wanted(key.as_str())
        });
        paths.insert(operation.path.clone(), Value::Object(item));
    }
    Ok(paths)
}

/// The tags that the operations use, as the document orders and describes them.
fn cut_tags(tags: Option<Value>, paths: &BTreeMap<String, Value>) -> Option<Value> {
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

/// Security requirements name their schemes without a `$ref`.
fn schemes(requirements: Option<&Value>, place: &str) -> Vec<Reference> {
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

/// A reference may lead into an operation that is wanted. Into another it may not: half an
/// operation is no part of a document.
fn check_astray(whole: &Whole<'_>, fragment: &Value, astray: &[Reference]) -> Result<()> {
    let arrives = |reference: &&Reference| {
        let target = reference.target.as_deref().filter(|to| !to.is_empty());
        target.is_some_and(|target| fragment.pointer(target).is_some())
    };
    match astray.iter().find(|reference| !arrives(reference)) {
        None => Ok(()),
        Some(Reference { pointer, text, .. }) => Err(Error::at(
            whole.file,
            pointer,
            format!(
                "the reference {text} leads to neither a component nor a part of these operations"
            ),
        )),
    }
}
