//! Reduces schemas to facts, so that two documents can be compared.
//!
//! OpenAPI 3.0 and the JSON Schema that schemars derives express the same constraint differently.
//! Both are reduced to facts: a position (`SavedClip.alterMap{}[]`), a subject (`null`) and a value
//! (`accepted`). An unknown keyword becomes a fact under its own name, so that none is ignored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The facts of a document by position.
#[derive(Default)]
pub struct Facts(BTreeMap<Position, BTreeMap<String, String>>);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Schema,
    Property,
    Item,
    MapValue,
}

type Position = (Role, String);

/// Marks an enumeration whose other values are preserved.
const OPEN_ENUM: &str = "x-open";

/// Keywords that do not constrain values, and the extension that JSON Schema cannot express.
const ANNOTATIONS: [&str; 4] = ["description", "example", "title", "x-rust-essential"];

impl Facts {
    /// Collects the facts of named schemas.
    pub fn from_schemas<'v>(schemas: impl IntoIterator<Item = (&'v String, &'v Value)>) -> Self {
        let mut facts = Self::default();
        for (name, schema) in schemas {
            facts.collect(Role::Schema, name, schema);
        }
        facts
    }

    fn collect(&mut self, role: Role, path: &str, schema: &Value) {
        let mut known = BTreeMap::new();
        let mut record = |subject: &str, value: &str| {
            known.insert(subject.to_owned(), value.to_owned());
        };
        let (mut schema, nullable) = normalize(schema);
        if role != Role::Schema {
            record("null", if nullable { "accepted" } else { "rejected" });
        }
        if let Some(values) = schema.remove("enum") {
            let is_open = schema.remove(OPEN_ENUM) == Some(Value::Bool(true));
            record(
                "other values",
                if is_open { "preserved" } else { "rejected" },
            );
            for value in values.as_array().into_iter().flatten() {
                record(&format!("value {value}"), "known");
            }
        }
        if let Some(items) = schema.remove("items") {
            self.collect(Role::Item, &format!("{path}[]"), &items);
        }
        let other = schema.remove("additionalProperties");
        if let Some(Value::Object(properties)) = schema.remove("properties") {
            let required = schema.remove("required").unwrap_or_default();
            for (name, schema) in &properties {
                self.collect(Role::Property, &format!("{path}.{name}"), schema);
            }
            for name in required.as_array().into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                let position = (Role::Property, format!("{path}.{name}"));
                let property = self.0.entry(position).or_default();
                property.insert("required".to_owned(), "yes".to_owned());
            }
            match other {
                None => {}
                Some(Value::Bool(false)) => record("other properties", "rejected"),
                Some(Value::Bool(true)) => record("other properties", "preserved"),
                Some(Value::Object(any)) if any.is_empty() => {
                    record("other properties", "preserved")
                }
                Some(other) => record("other properties", &other.to_string()),
            }
        } else if let Some(values) = other {
            record("type", "map");
            schema.remove("type");
            self.collect(Role::MapValue, &format!("{path}{{}}"), &values);
        }
        for (keyword, value) in schema {
            // `uniqueItems: false` and its like are the default.
            if !ANNOTATIONS.contains(&keyword.as_str()) && value != Value::Bool(false) {
                record(&keyword, value.as_str().unwrap_or(&value.to_string()));
            }
        }
        self.0
            .entry((role, path.to_owned()))
            .or_default()
            .extend(known);
    }

    /// Lists the facts that differ in `others`, one per line with the positions concerned. "every"
    /// stands for every position that had the same fact before.
    pub fn difference(&self, others: &Self) -> String {
        let mut lines = BTreeSet::new();
        let mut changes: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (position, ours) in &self.0 {
            let (role, path) = position;
            let Some(theirs) = others.0.get(position) else {
                lines.insert(format!("{path}: removed"));
                continue;
            };
            for subject in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                let (from, to) = (ours.get(subject), theirs.get(subject));
                if from != to {
                    let paths = changes.entry((*role, subject, from, to)).or_default();
                    paths.push(path);
                }
            }
        }
        for (role, path) in others.0.keys() {
            if !self.0.contains_key(&(*role, path.clone())) {
                lines.insert(format!("{path}: added"));
            }
        }
        for ((role, subject, from, to), paths) in changes {
            let candidates = self.0.iter().filter(|(position, facts)| {
                position.0 == role
                    && others.0.contains_key(position)
                    && facts.get(subject) == from
                    && is_comparable(subject, facts)
            });
            let candidates = candidates.map(|((_, path), _)| path.as_str()).collect();
            let display =
                |value: Option<&String>| value.map_or("unspecified", String::as_str).to_owned();
            let location = summary(role, candidates, &paths);
            lines.insert(format!(
                "{subject}: {} -> {}: {location}",
                display(from),
                display(to)
            ));
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

/// Summarizes the changed positions among the candidates: all, nearly all, or a list.
fn summary(role: Role, candidates: Vec<&str>, paths: &[&str]) -> String {
    let every = match role {
        Role::Schema => "every schema",
        Role::Property => "every property",
        Role::Item => "every item",
        Role::MapValue => "every map value",
    };
    let is_unchanged = |path: &&&str| !paths.contains(path);
    let unchanged: Vec<&str> = candidates.iter().filter(is_unchanged).copied().collect();
    if candidates.len() == 1 || unchanged.len() >= paths.len() {
        paths.join(", ")
    } else if unchanged.is_empty() {
        every.to_owned()
    } else {
        format!("{every} except {}", unchanged.join(", "))
    }
}

/// Returns whether a subject applies to a position: only objects have other properties.
fn is_comparable(subject: &str, facts: &BTreeMap<String, String>) -> bool {
    subject != "other properties"
        || facts
            .get("type")
            .is_some_and(|type_name| type_name == "object")
}

/// Splits a schema into the part that does not concern null, and whether null is accepted.
fn normalize(schema: &Value) -> (Map<String, Value>, bool) {
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    let mut nullable = schema.remove("nullable") == Some(Value::Bool(true));
    if let Some(Value::Array(types)) = schema.get("type") {
        let (null, types): (Vec<Value>, Vec<Value>) = types
            .iter()
            .cloned()
            .partition(|type_name| type_name == "null");
        nullable |= !null.is_empty();
        let type_name =
            <[Value; 1]>::try_from(types).map_or_else(Value::from, |[type_name]| type_name);
        schema.insert("type".to_owned(), type_name);
    }
    for keyword in ["allOf", "anyOf"] {
        let Some(Value::Array(branches)) = schema.get(keyword) else {
            continue;
        };
        let is_null = |branch: &Value| branch["type"] == "null";
        let mut others = branches.iter().filter(|branch| !is_null(branch));
        let single = others.next().filter(|_| others.next().is_none()).cloned();
        let branch_enum = open_enumeration(branches);
        nullable |= branches.iter().any(is_null);
        if let Some(simplified) = single.or(branch_enum) {
            schema.remove(keyword);
            schema.extend(simplified.as_object().cloned().unwrap_or_default());
        }
    }
    if let Some(Value::String(reference)) = schema.remove("$ref") {
        let name = reference.rsplit('/').next().unwrap_or_default();
        schema.insert("type".to_owned(), name.into());
    }
    (schema, nullable)
}

/// Returns the enumeration of an `anyOf` whose other branch accepts any value.
fn open_enumeration(branches: &[Value]) -> Option<Value> {
    let [known, any] = branches else { return None };
    let is_unconstrained = |schema: &Value| {
        let mut keywords = schema.as_object().into_iter().flat_map(Map::keys);
        keywords.all(|keyword| ANNOTATIONS.contains(&keyword.as_str()))
    };
    let values = known.get("enum").filter(|_| is_unconstrained(any))?;
    Some(serde_json::json!({ "enum": values, (OPEN_ENUM): true }))
}
