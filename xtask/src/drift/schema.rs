//! What a schema means, whichever way it is written: in place, by reference, or composed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::at::At;
use crate::spec::pointer;

/// How many wrappers around a schema are taken off before it is taken as it is.
const DEPTH: usize = 16;

/// The keywords that limit a value without giving it another form.
const LIMITS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The keywords that make a schema more than the one that it wraps.
const STRUCTURE: [&str; 9] = [
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "format",
    "oneOf",
    "anyOf",
    "not",
];

/// A schema without what is wrapped around it.
#[derive(Debug)]
pub(super) struct Bare<'d> {
    /// The name that it goes by.
    pub(super) name: Option<String>,
    /// The references to it and the `allOf`s around it, from the outside in.
    pub(super) wrappers: Vec<At<'d>>,
    /// The schema itself.
    pub(super) schema: At<'d>,
}

impl<'d> Bare<'d> {
    /// Takes off what only wraps: `{"allOf": [{"$ref": ...}]}` means the same as the reference.
    pub(super) fn of(at: &At<'d>) -> Self {
        let mut bare = Self {
            name: None,
            wrappers: Vec::new(),
            schema: at.clone(),
        };
        for _ in 0..DEPTH {
            let inner = match bare.schema.next() {
                Some(target) => {
                    bare.name = target.schema_name();
                    target
                }
                None => match &wrapped(&bare.schema)[..] {
                    [only] => only.clone(),
                    _ => break,
                },
            };
            bare.wrappers
                .push(std::mem::replace(&mut bare.schema, inner));
        }
        bare
    }

    /// Every name on the way to the schema, those of aliases too.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let on_the_way = self.wrappers.iter().chain([&self.schema]);
        on_the_way.skip(1).filter_map(At::schema_name)
    }

    /// The schema as people read it.
    pub(super) fn describe(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => Contents::of(&self.schema).describe(),
        }
    }
}

fn wrapped<'d>(at: &At<'d>) -> Vec<At<'d>> {
    let mut keys = STRUCTURE.iter().chain(&LIMITS);
    if keys.any(|key| at.value.get(key).is_some()) {
        return Vec::new();
    }
    at.items("allOf")
}

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Any,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    /// Properties with names that the schema knows.
    Object,
    /// Values by names that the schema does not know.
    Map,
    /// One of several schemas.
    Choice,
}

/// Everything that a schema says about a value, the parts of an `allOf` taken together.
#[derive(Debug)]
pub(super) struct Contents<'d> {
    pub(super) form: Form,
    /// The names of the parts.
    pub(super) names: Vec<String>,
    pub(super) format: Option<&'d str>,
    /// The values of an enumeration and where each stands. Their order means nothing.
    pub(super) values: Option<BTreeMap<String, At<'d>>>,
    pub(super) limits: BTreeMap<&'static str, At<'d>>,
    pub(super) items: Option<At<'d>>,
    pub(super) properties: BTreeMap<&'d str, At<'d>>,
    pub(super) required: BTreeSet<&'d str>,
    /// What the schema says of properties without a known name.
    pub(super) others: Option<At<'d>>,
    pub(super) choices: Vec<At<'d>>,
}

impl<'d> Contents<'d> {
    pub(super) fn of(schema: &At<'d>) -> Self {
        let mut parts = Vec::new();
        collect_parts(schema, &mut parts);
        let first = |key: &str| parts.iter().find_map(|part| part.get(key));
        let all = |key: &str| parts.iter().flat_map(|part| part.names(key)).collect();
        let mut contents = Self {
            form: Form::Any,
            names: parts.iter().skip(1).filter_map(At::schema_name).collect(),
            format: parts.iter().find_map(|part| part.text("format")),
            values: first("enum").map(|_| parts.iter().flat_map(values).collect()),
            limits: LIMITS
                .into_iter()
                .filter_map(|key| Some((key, first(key).filter(|at| limits(at.value))?)))
                .collect(),
            items: first("items"),
            properties: all("properties"),
            required: parts
                .iter()
                .filter_map(|part| part.value.get("required")?.as_array())
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
            others: first("additionalProperties"),
            choices: parts
                .iter()
                .flat_map(|part| [part.items("oneOf"), part.items("anyOf")])
                .flatten()
                .collect(),
        };
        let declared = parts.iter().find_map(|part| part.text("type"));
        contents.form = contents.derive_form(declared);
        contents
    }

    fn derive_form(&self, declared: Option<&str>) -> Form {
        match declared {
            Some("boolean") => Form::Boolean,
            Some("integer") => Form::Integer,
            Some("number") => Form::Number,
            Some("string") => Form::String,
            Some("array") => Form::Array,
            _ if !self.properties.is_empty() => Form::Object,
            _ if !self.choices.is_empty() => Form::Choice,
            Some("object") if self.is_closed() => Form::Object,
            Some("object") => Form::Map,
            _ if self.described_others().is_some() => Form::Map,
            _ if self.items.is_some() => Form::Array,
            _ if self.values.is_some() => Form::String,
            _ => Form::Any,
        }
    }

    /// What properties without a known name look like, where the schema says it.
    pub(super) fn described_others(&self) -> Option<At<'d>> {
        let describes = |at: &&At<'d>| at.value.as_object().is_some_and(|o| !o.is_empty());
        self.others.as_ref().filter(describes).cloned()
    }

    /// Whether properties without a known name are forbidden.
    pub(super) fn is_closed(&self) -> bool {
        self.others
            .as_ref()
            .is_some_and(|at| *at.value == json!(false))
    }

    /// The schema as people read it, one level deep.
    pub(super) fn describe(&self) -> String {
        let of = |at: &Option<At<'d>>| match at {
            Some(at) => format!(" of {}", Bare::of(at).describe()),
            None => String::new(),
        };
        let word = match self.form {
            Form::Any => "anything",
            Form::Boolean => "boolean",
            Form::Integer => "integer",
            Form::Number => "number",
            Form::String if self.values.is_some() => "enumeration",
            Form::String => "string",
            Form::Array => return format!("array{}", of(&self.items)),
            Form::Object => "object",
            Form::Map => return format!("map{}", of(&self.described_others())),
            Form::Choice => "one of several schemas",
        };
        match self.format {
            Some(format) => format!("{word} {format}"),
            None => word.to_owned(),
        }
    }
}

/// `uniqueItems: false` limits nothing.
fn limits(value: &Value) -> bool {
    *value != json!(false)
}

fn collect_parts<'d>(schema: &At<'d>, parts: &mut Vec<At<'d>>) {
    if parts.iter().any(|part| part.pointer == schema.pointer) {
        return;
    }
    parts.push(schema.clone());
    for part in schema.items("allOf") {
        collect_parts(&Bare::of(&part).schema, parts);
    }
}

/// Null among the values says that null is allowed, and is no value of its own.
fn values<'d>(part: &At<'d>) -> Vec<(String, At<'d>)> {
    let values = part.items("enum").into_iter();
    values
        .filter(|at| !at.value.is_null())
        .map(|at| {
            let text = at.value.as_str().map(str::to_owned);
            (text.unwrap_or_else(|| at.value.to_string()), at)
        })
        .collect()
}

/// The name that tells one choice from another: its schema's, or its index.
pub(super) fn choice_key(choice: &At<'_>) -> String {
    let index = || pointer::segments(&choice.pointer).pop().unwrap_or_default();
    Bare::of(choice).name.unwrap_or_else(index)
}
