//! Finds the schemas that requests and responses contain.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::codegen::flatten::{INLINE_IN, Schemas};
use crate::codegen::operations::{self, RESPONSE};
use crate::spec::pointer;
use crate::spec::reference::{SpecNode, find_references};

/// Returns the names of the schemas that each schema refers to, in any way.
pub(super) fn referenced_names(schemas: &Schemas) -> BTreeMap<String, BTreeSet<String>> {
    let names = schemas.iter().map(|(name, schema)| {
        let references = find_references(schema, SpecNode::Object, "");
        let targets = references
            .into_iter()
            .filter_map(|reference| reference.target);
        let found = targets.filter_map(|target| match &pointer::segments(&target)[..] {
            [_, _, name, ..] => Some(name.clone()),
            _ => None,
        });
        (name.clone(), found.collect())
    });
    names.collect()
}

/// Schemas that requests and responses contain.
pub(super) struct Directions {
    /// Names of the schemas that a request contains.
    pub(super) sent: BTreeSet<String>,
    /// Names of the schemas that a response contains.
    pub(super) received: BTreeSet<String>,
}

impl Directions {
    pub(super) fn of(flat: &Schemas, edges: &BTreeMap<String, BTreeSet<String>>) -> Self {
        let mut sent = Reached::default();
        let mut received = Reached::default();
        let (operations, types): (Vec<_>, Vec<_>) = flat
            .iter()
            .partition(|(name, schema)| is_operation(name, schema));
        for (_, slots) in operations {
            for (slot, schema) in slots["properties"].as_object().into_iter().flatten() {
                let reached = match slot == RESPONSE {
                    true => &mut received,
                    false => &mut sent,
                };
                let slot = [(slot.clone(), schema.clone())].into_iter().collect();
                reached.extend(referenced_names(&slot).into_values().flatten(), edges);
            }
        }
        // What neither direction reaches is of use for values that are preserved unread.
        let unreached = types.into_iter().map(|(name, _)| name);
        let unreached = unreached.filter(|name| !sent.0.contains(*name));
        received.extend(unreached.cloned(), edges);
        Self {
            sent: sent.0,
            received: received.0,
        }
    }
}

/// Names of schemas, with all that they refer to.
#[derive(Default)]
struct Reached(BTreeSet<String>);

impl Reached {
    fn extend(
        &mut self,
        names: impl Iterator<Item = String>,
        edges: &BTreeMap<String, BTreeSet<String>>,
    ) {
        let mut unvisited: Vec<String> = names.collect();
        while let Some(name) = unvisited.pop() {
            if self.0.insert(name.clone()) {
                unvisited.extend(edges.get(&name).into_iter().flatten().cloned());
            }
        }
    }
}

/// Returns whether a named schema has the schemas of an operation.
pub(super) fn is_operation(name: &str, schema: &Value) -> bool {
    name.starts_with(&operations::schema_name("")) && schema.get(INLINE_IN).is_none()
}
