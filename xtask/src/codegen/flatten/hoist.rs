//! Makes named schemas of inline ones.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ChildSchema, Schemas, child_schemas, enum_texts, is_composition, is_struct};
use crate::spec::SCHEMA_PREFIX;

/// Extension of a schema that was inline: the name of the enclosing schema, and the role in it.
pub const INLINE_IN: &str = "x-rust-inline-in";

/// Moves inline objects, enumerations and compositions to names of their own.
pub(super) fn hoist(schemas: &mut Schemas) {
    let mut hoisting = Hoisting {
        taken: schemas.keys().cloned().collect(),
        named: Schemas::new(),
    };
    for (name, mut schema) in std::mem::take(schemas) {
        hoisting.within(&name, "", &mut schema);
        hoisting.named.insert(name, schema);
    }
    *schemas = hoisting.named;
}

struct Hoisting {
    taken: BTreeSet<String>,
    named: Schemas,
}

impl Hoisting {
    /// Moves what is inline in a schema, whose nearest enclosing name and path from there are given.
    fn within(&mut self, enclosing: &str, path: &str, schema: &mut Value) {
        for ChildSchema { role, schema } in child_schemas(schema) {
            let Some(role) = role else {
                // A part of a composition has no type of its own.
                self.within(enclosing, path, schema);
                continue;
            };
            let path = format!("{path}{role}");
            let has_type =
                is_struct(schema) || is_composition(schema) || enum_texts(schema).is_some();
            if !has_type {
                self.within(enclosing, &path, schema);
                continue;
            }
            let mut name = format!("{enclosing}{path}");
            while !self.taken.insert(name.clone()) {
                name.push('_');
            }
            // The location and the extensions of a property stay with the property as well.
            let mut reference = schema.clone();
            if let Some(object) = reference.as_object_mut() {
                object.retain(|key, _| key == "description" || key.starts_with("x-rust-"));
                object.insert("$ref".to_owned(), format!("{SCHEMA_PREFIX}{name}").into());
            }
            let mut inline = std::mem::replace(schema, reference);
            inline[INLINE_IN] = json!([enclosing, path]);
            self.within(&name, "", &mut inline);
            self.named.insert(name, inline);
        }
    }
}
