//! Tests of the generator with complete documents: nothing that a document describes is lost.
//!
//! The documents in `fixtures/` have made-up names. What the generator makes of them is compared with
//! the shapes of the documents themselves, which are read independently of the generator.

use std::collections::BTreeSet;

use serde_json::Value;
use xtask::codegen;
use xtask::codegen::model::{Model, TypeKind, ValueType};
use xtask::codegen::operations::Operation;
use xtask::extract::{self, Selection};
use xtask::spec::Source;

use crate::support::fixture::{FIXTURES, Fixture, document_names, named, path};
use crate::support::shape::{Kind, shape};
use crate::support::trial::Trial;
use crate::support::{ResourceUsage, Sandbox, upstream};

#[test]
fn every_property_has_a_field_of_its_type() {
    let mut faults = Vec::new();
    for name in FIXTURES {
        let fixture = Fixture::extracted(name);
        let model = fixture.model();
        for item in &model.types {
            let location = format!("{name}: {} ({})", item.name, item.schema);
            let Some(shape) = fixture.shape_of(item) else {
                faults.push(format!("{location}: not in the document"));
                continue;
            };
            let found: BTreeSet<&str> = document_names(item).into_iter().collect();
            let expected: BTreeSet<&str> = match &item.kind {
                TypeKind::Struct(_) => shape.properties.keys().copied().collect(),
                TypeKind::OpenEnum(_) => shape.texts.iter().copied().collect(),
            };
            if found != expected {
                faults.push(format!(
                    "{location}: expected {expected:?}, found {found:?}"
                ));
            }
            let TypeKind::Struct(structure) = &item.kind else {
                continue;
            };
            for field in &structure.fields {
                let schemas = shape.properties.get(field.property.as_str());
                let schemas = schemas.map_or(&[][..], Vec::as_slice);
                if let Err(fault) = check_type(&fixture.document, &model, schemas, &field.value, 0)
                {
                    faults.push(format!("{location}, {:?}: {fault}", field.property));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Schemas may contain themselves through lists and maps, which no type expresses.
const MAX_NESTING: usize = 8;

/// Checks that a value has the most precise type that holds everything its schemas describe.
fn check_type(
    document: &Value,
    model: &Model,
    schemas: &[&Value],
    value: &ValueType,
    nesting: usize,
) -> Result<(), String> {
    let shape = shape(document, schemas);
    let is_single = schemas.len() == 1 && shape.parts == 1;
    let fits = match shape.kind() {
        Kind::Object if !shape.properties.is_empty() => {
            let fields = named(model, value).map(document_names).unwrap_or_default();
            let fields: BTreeSet<&str> = fields.into_iter().collect();
            // Different objects for one property of several parts have no type in common.
            schemas.len() > 1 || fields == shape.properties.keys().copied().collect()
        }
        Kind::Object => match (value, &shape.entries[..]) {
            (ValueType::Map(values), [schema @ Value::Object(_)]) => {
                check_type(document, model, &[schema], values, nesting + 1)?;
                true
            }
            (ValueType::AnyObject, [schema @ Value::Object(_)]) => {
                // A map of itself ends somewhere.
                nesting > 0 || !is_single || is_any(document, schema)
            }
            (_, [Value::Object(_)]) => false,
            (ValueType::AnyObject | ValueType::Any, _) => true,
            (value, _) => named(model, value).is_some_and(|item| document_names(item).is_empty()),
        },
        Kind::Array => match (value, &shape.items[..]) {
            (ValueType::Array(item), [schema]) => {
                check_type(document, model, &[schema], item, nesting + 1)?;
                true
            }
            (ValueType::Array(item), _) => **item == ValueType::Any,
            // A list of itself ends somewhere.
            (value, _) => *value == ValueType::Any && (nesting > 0 || !is_single),
        },
        Kind::EnumText if is_single => {
            named(model, value).is_some_and(|item| matches!(item.kind, TypeKind::OpenEnum(_)))
        }
        Kind::EnumText => *value == ValueType::Text || named(model, value).is_some(),
        Kind::Text => *value == ValueType::Text,
        Kind::Integer => *value == ValueType::Integer,
        Kind::Number => *value == ValueType::Number,
        Kind::Boolean => *value == ValueType::Boolean,
        Kind::Any => true,
    };
    match fits || nesting > MAX_NESTING {
        true => Ok(()),
        false => Err(format!("{:?} has the type {value:?}", shape.kind())),
    }
}

/// Returns whether a schema allows any value, or contains itself.
fn is_any(document: &Value, schema: &Value) -> bool {
    let shape = shape(document, &[schema]);
    shape.kind() == Kind::Any || shape.entries.contains(&schema)
}

#[test]
fn every_operation_has_a_method_or_a_note() {
    for name in FIXTURES {
        let fixture = Fixture::extracted(name);
        let model = fixture.model();
        let folder = fixture.sandbox.path("out");
        let notes = fixture.generate(&folder);
        let client = fixture.sandbox.read("out/client.rs");
        let table = fixture.sandbox.read("out/operations.rs");
        for (pointer, operation) in operations(&fixture.document) {
            let id = operation["operationId"].as_str().unwrap_or("");
            let noted = notes.lines().any(|line| {
                let is_at = |suffix| line.contains(&format!("{pointer}{suffix}"));
                line.contains(&format!(" operation {id} left out:"))
                    || line.contains("operation left out:") && is_at(":")
                    || line.contains("operation skipped:") && (is_at(":") || is_at("/"))
            });
            let method = model
                .methods
                .iter()
                .find(|method| method.operation.pointer == pointer);
            let is_generated = method.is_some_and(|method| {
                client.contains(&format!("pub async fn {}<", method.name))
                    && table.contains(&format!("method_name: {:?}", method.name))
            });
            assert!(
                is_generated != noted,
                "{name}: {pointer} ({id}): generated {is_generated}, noted {noted}\n{notes}"
            );
        }
    }
}

/// Returns the operations of a document with their JSON pointers.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in [
            "get", "put", "post", "delete", "options", "head", "patch", "trace",
        ] {
            if let Some(operation) = item.get(method) {
                let path = path.replace('~', "~0").replace('/', "~1");
                operations.push((format!("/paths/{path}/{method}"), operation));
            }
        }
    }
    operations
}

/// Every value that a document describes survives decoding and encoding in the compiled client.
#[test]
fn every_value_round_trips() {
    let mut trial = Trial::new("round-trips");
    for name in FIXTURES {
        trial.add(&Fixture::extracted(name));
    }
    trial.run();
}

#[test]
fn names_do_not_depend_on_other_operations() {
    for name in FIXTURES {
        let fixture = Fixture::extracted(name);
        let whole = fixture.model();
        let names = names(&whole);
        let notes: Vec<String> = whole.notes.iter().map(ToString::to_string).collect();
        for method in &whole.methods {
            // The name of another operation may fall together with this one, which is noted.
            let Operation { id, pointer, .. } = &method.operation;
            let noted = format!("{pointer}: ");
            let is_repeated = operations(&fixture.document)
                .iter()
                .filter(|(_, operation)| operation["operationId"] == **id)
                .count()
                > 1;
            if is_repeated || notes.iter().any(|note| note.contains(&noted)) {
                continue;
            }
            // An operation that refers into another one cannot stand alone.
            let Some(alone) = alone(&fixture, id) else {
                continue;
            };
            for name in self::names(&alone) {
                assert!(names.contains(&name), "{id}: {name:?}");
            }
        }
    }
}

/// Returns the model of one operation of a fixture, extracted alone, if it can be.
fn alone(fixture: &Fixture, id: &str) -> Option<Model> {
    let file = |name: &str| fixture.sandbox.path(name);
    let source = Source::File(path(fixture.name));
    let selection = Selection::Named(vec![id.to_owned()]);
    let alone = extract::extract(&source, &file("none.json"), &selection).ok()?;
    fixture.sandbox.write("alone.json", &alone.text);
    Some(codegen::model(&file("alone.json"), &file("overlay.json")).unwrap())
}

/// Returns all items with their Rust names and types, as pairs of what they are named after and the name.
/// A schema that is inline in one place and referred to in another has a type for each.
fn names(model: &Model) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    for item in &model.types {
        let schema = &item.schema;
        names.insert((format!("schema {schema}"), item.name.clone()));
        match &item.kind {
            TypeKind::Struct(structure) => names.extend(structure.fields.iter().map(|field| {
                let property = format!("property {:?} of {schema}", field.property);
                (property, format!("{}: {:?}", field.name, field.value))
            })),
            TypeKind::OpenEnum(variants) => {
                names.extend(variants.iter().map(|(value, variant)| {
                    (format!("value {value:?} of {schema}"), variant.clone())
                }))
            }
        }
    }
    for method in &model.methods {
        let parameters = format!("{}{:?}", method.name, method.parameters);
        names.insert((method.operation.pointer.clone(), parameters));
    }
    names
}

/// Prints the cost of a document of the size of the service's; run manually:
///
/// `cargo test -p xtask whole_document -- --ignored --nocapture`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "prints measurements without assertions"]
fn measure_complete_document() {
    let (operations, schemas) = (1_000, 3_500);
    let text = upstream::document_in_groups(operations, schemas, 40).to_string();
    let mut trial = Trial::new("measured");
    let folder = trial.add_crate("measured");
    let sandbox = Sandbox::new();
    let (full, fragment) = (folder.join("full.json"), folder.join("fragment.json"));
    std::fs::write(&full, &text).unwrap();
    let [full, fragment] = [&full, &fragment].map(|path| path.to_str().unwrap());
    let generated = folder.join("src/generated");
    let extraction = sandbox.measure(&[
        "fragment",
        "--all",
        "--from",
        full,
        "--fragment",
        "none.json",
        "--out",
        fragment,
    ]);
    let generation = sandbox.measure(&[
        "codegen",
        "--fragment",
        fragment,
        "--overlay",
        "overlay.json",
        "--out",
        generated.to_str().unwrap(),
    ]);
    // What the compiler remembers of an earlier run changes the cost.
    let clean = ["clean", "--quiet", "--package", "measured"];
    assert!(trial.command(&clean).status().unwrap().success());
    let check = ResourceUsage::of(&mut trial.command(&["check", "--quiet"]));
    println!(
        "{full}: {:.1} MB, {operations} operations, {schemas} schemas",
        text.len() as f64 / 1e6
    );
    println!("fragment --all: {extraction}\ncodegen: {generation}\ncargo check: {check}");
}
