//! Schemas as facts, so that two documents can be compared.
//!
//! OpenAPI 3.0 and the JSON Schema that schemars derives spell the same thing differently. Both
//! become facts: at a position (`SavedClip.alterMap{}[]`), about one thing (`null`), one word
//! (`accepted`). A keyword that is not known here is a fact under its own name, so that none is
//! passed over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// What is known about every position.
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

/// What says nothing about the values, and the mark that no JSON Schema can express.
const SILENT: [&str; 4] = ["description", "example", "title", "x-rust-essential"];

impl Facts {
    /// The facts of named schemas.
    pub fn of<'v>(schemas: impl IntoIterator<Item = (&'v String, &'v Value)>) -> Self {
        let mut facts = Self::default();
        for (name, schema) in schemas {
            facts.learn(Role::Schema, name, schema);
        }
        facts
    }

    fn learn(&mut self, role: Role, path: &str, schema: &Value) {
        let mut known = BTreeMap::new();
        let mut know = |about: &str, word: &str| {
            known.insert(about.to_owned(), word.to_owned());
        };
        let (mut schema, nullable) = plain(schema);
        if role != Role::Schema {
            know("null", if nullable { "accepted" } else { "refused" });
        }
        if let Some(values) = schema.remove("enum") {
            let open = schema.remove("x-rust-open-enum") == Some(Value::Bool(true));
            know("other values", if open { "kept" } else { "refused" });
            for value in values.as_array().into_iter().flatten() {
                know(&format!("value {value}"), "known");
            }
        }
        if let Some(items) = schema.remove("items") {
            self.learn(Role::Item, &format!("{path}[]"), &items);
        }
        let other = schema.remove("additionalProperties");
        if let Some(Value::Object(properties)) = schema.remove("properties") {
            let required = schema.remove("required").unwrap_or_default();
            for (name, schema) in &properties {
                self.learn(Role::Property, &format!("{path}.{name}"), schema);
            }
            for name in required.as_array().into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                let position = (Role::Property, format!("{path}.{name}"));
                let property = self.0.entry(position).or_default();
                property.insert("required".to_owned(), "yes".to_owned());
            }
            match other {
                None => {}
                Some(Value::Bool(false)) => know("other properties", "refused"),
                Some(Value::Bool(true)) => know("other properties", "kept"),
                Some(Value::Object(any)) if any.is_empty() => know("other properties", "kept"),
                Some(other) => know("other properties", &other.to_string()),
            }
        } else if let Some(values) = other {
            know("type", "map");
            schema.remove("type");
            self.learn(Role::MapValue, &format!("{path}{{}}"), &values);
        }
        for (keyword, value) in schema {
            // `uniqueItems: false` and its like are what no keyword means.
            if !SILENT.contains(&keyword.as_str()) && value != Value::Bool(false) {
                know(&keyword, value.as_str().unwrap_or(&value.to_string()));
            }
        }
        self.0
            .entry((role, path.to_owned()))
            .or_default()
            .extend(known);
    }

    /// What the others say otherwise, a line each, with where they do: "every" is every position
    /// that said the same before.
    pub fn difference(&self, others: &Self) -> String {
        let mut lines = BTreeSet::new();
        let mut changes: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (position, ours) in &self.0 {
            let (role, path) = position;
            let Some(theirs) = others.0.get(position) else {
                lines.insert(format!("{path}: gone"));
                continue;
            };
            for about in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                let (from, to) = (ours.get(about), theirs.get(about));
                if from != to {
                    let paths = changes.entry((*role, about, from, to)).or_default();
                    paths.push(path);
                }
            }
        }
        for (role, path) in others.0.keys() {
            if !self.0.contains_key(&(*role, path.clone())) {
                lines.insert(format!("{path}: added"));
            }
        }
        for ((role, about, from, to), paths) in changes {
            let candidates = self.0.iter().filter(|(position, facts)| {
                position.0 == role
                    && others.0.contains_key(position)
                    && facts.get(about) == from
                    && comparable(about, facts)
            });
            let candidates = candidates.map(|((_, path), _)| path.as_str()).collect();
            let said = |word: Option<&String>| word.map_or("unsaid", String::as_str).to_owned();
            let place = summary(role, candidates, &paths);
            lines.insert(format!("{about}: {} -> {}: {place}", said(from), said(to)));
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

/// Some of the places where something could be: all of them, nearly all, or few.
fn summary(role: Role, candidates: Vec<&str>, paths: &[&str]) -> String {
    let every = match role {
        Role::Schema => "every schema",
        Role::Property => "every property",
        Role::Item => "every item",
        Role::MapValue => "every map value",
    };
    let is_spared = |path: &&&str| !paths.contains(path);
    let spared: Vec<&str> = candidates.iter().filter(is_spared).copied().collect();
    if candidates.len() == 1 || spared.len() >= paths.len() {
        paths.join(", ")
    } else if spared.is_empty() {
        every.to_owned()
    } else {
        format!("{every} but {}", spared.join(", "))
    }
}

/// Whether a position could say something about a thing at all: only objects have properties.
fn comparable(about: &str, facts: &BTreeMap<String, String>) -> bool {
    about != "other properties" || facts.get("type").is_some_and(|kind| kind == "object")
}

/// A schema without what is said about null, and whether null is accepted.
fn plain(schema: &Value) -> (Map<String, Value>, bool) {
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    let mut nullable = schema.remove("nullable") == Some(Value::Bool(true));
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let (null, kinds): (Vec<Value>, Vec<Value>) =
            kinds.iter().cloned().partition(|kind| kind == "null");
        nullable |= !null.is_empty();
        let kind = <[Value; 1]>::try_from(kinds).map_or_else(Value::from, |[kind]| kind);
        schema.insert("type".to_owned(), kind);
    }
    for keyword in ["allOf", "anyOf"] {
        let Some(Value::Array(branches)) = schema.get(keyword) else {
            continue;
        };
        let is_null = |branch: &Value| branch["type"] == "null";
        let mut others = branches.iter().filter(|branch| !is_null(branch));
        let single = others.next().filter(|_| others.next().is_none()).cloned();
        let open = open_enumeration(branches);
        nullable |= branches.iter().any(is_null);
        if let Some(plainer) = single.or(open) {
            schema.remove(keyword);
            schema.extend(plainer.as_object().cloned().unwrap_or_default());
        }
    }
    if let Some(Value::String(reference)) = schema.remove("$ref") {
        let name = reference.rsplit('/').next().unwrap_or_default();
        schema.insert("type".to_owned(), name.into());
    }
    (schema, nullable)
}

/// The values of an enumeration beside a branch that takes any other.
fn open_enumeration(branches: &[Value]) -> Option<Value> {
    let [known, any] = branches else { return None };
    let says_nothing = |schema: &Value| {
        let mut keywords = schema.as_object().into_iter().flat_map(Map::keys);
        keywords.all(|keyword| SILENT.contains(&keyword.as_str()))
    };
    let values = known.get("enum").filter(|_| says_nothing(any))?;
    Some(serde_json::json!({ "enum": values, "x-rust-open-enum": true }))
}
