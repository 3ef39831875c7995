//! Inlines named schemas that have no Rust type of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{ORIGIN, Schemas, child_schemas, enum_texts, is_struct};
use crate::spec::SCHEMA_PREFIX;

/// Inlines every schema that is neither an object with properties nor an enumeration of strings.
pub(super) fn inline_aliases(schemas: &mut Schemas) {
    let (types, aliases): (Schemas, Schemas) = std::mem::take(schemas)
        .into_iter()
        .partition(|(_, schema)| is_struct(schema) || enum_texts(schema).is_some());
    let mut inlining = Inlining {
        aliases: &aliases,
        finished: BTreeMap::new(),
        unfinished: Vec::new(),
    };
    *schemas = types;
    for schema in schemas.values_mut() {
        inlining.within(schema);
    }
    drop_dangling(schemas);
}

struct Inlining<'a> {
    aliases: &'a Schemas,
    /// Aliases without references to aliases.
    finished: BTreeMap<String, Value>,
    /// Names of the aliases that are being inlined, which end a cycle.
    unfinished: Vec<String>,
}

impl Inlining<'_> {
    fn within(&mut self, schema: &mut Value) {
        if let Some(name) = target(schema)
            && self.aliases.contains_key(name)
        {
            let name = name.to_owned();
            let alias = self.resolved(&name);
            let mut inlined = alias.as_object().cloned().unwrap_or_default();
            // An alias is no type, and its name is not that of the property.
            inlined.retain(|key, _| !key.starts_with("x-rust-"));
            if let Some(reference) = schema.as_object_mut() {
                reference.remove("$ref");
                // Annotations beside the reference take precedence.
                inlined.append(reference);
            }
            *schema = Value::Object(inlined);
            return;
        }
        for child in child_schemas(schema) {
            self.within(child.schema);
        }
    }

    fn resolved(&mut self, name: &str) -> Value {
        if let Some(finished) = self.finished.get(name) {
            return finished.clone();
        }
        if self.unfinished.iter().any(|unfinished| unfinished == name) {
            return Value::Object(Map::new());
        }
        let mut schema = self.aliases.get(name).cloned().unwrap_or_default();
        self.unfinished.push(name.to_owned());
        self.within(&mut schema);
        self.unfinished.pop();
        // Within a cycle the result depends on where the cycle was entered.
        if self.unfinished.is_empty() {
            self.finished.insert(name.to_owned(), schema.clone());
        }
        schema
    }
}

fn target(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMA_PREFIX)
}

/// Turns references without a target into arbitrary JSON.
fn drop_dangling(schemas: &mut Schemas) {
    let names: BTreeSet<String> = schemas.keys().cloned().collect();
    fn visit(schema: &mut Value, names: &BTreeSet<String>) {
        if target(schema).is_some_and(|name| !names.contains(name))
            && let Some(object) = schema.as_object_mut()
        {
            object.retain(|key, _| key == "description" || key == ORIGIN);
        }
        for child in child_schemas(schema) {
            visit(child.schema, names);
        }
    }
    for schema in schemas.values_mut() {
        visit(schema, &names);
    }
}
