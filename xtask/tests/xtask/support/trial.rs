//! A workspace in which generated clients are compiled, and their types tried with example values.
//!
//! It is kept between runs, so that only what changed is compiled again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use xtask::codegen::model::{Struct, TypeItem, TypeKind, ValueType};
use xtask::workspace;

use super::examples::{UNDECLARED, examples, object, of_another_kind};
use super::fixture::Fixture;
use super::shape::Shape;

/// Tests of each crate, which read the values from `cases.json`.
const ROUND_TRIP: &str = include_str!("../../fixtures/round_trip.rs");

/// The workspace, and the names of its crates.
pub(crate) struct Trial {
    folder: PathBuf,
    crates: Vec<&'static str>,
}

impl Trial {
    /// Creates an empty workspace, or keeps the one of an earlier run.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            crates: Vec::new(),
        }
    }

    /// Adds the low-level crate under another name. Returns its folder, which has no generated files yet.
    pub(crate) fn add_crate(&mut self, name: &'static str) -> PathBuf {
        let source = workspace::root().join("crates/rhombus-clips-api");
        let target = self.folder.join(name);
        let manifest = fs::read_to_string(source.join("Cargo.toml")).unwrap();
        update(&target.join("Cargo.toml"), &trial_manifest(&manifest, name));
        update(&target.join("README.md"), "");
        copy(&source.join("src"), &target.join("src"));
        self.crates.push(name);
        target
    }

    /// Adds the low-level crate as it would be with the client of a fixture, and the examples for all
    /// types.
    pub(crate) fn add(&mut self, fixture: &Fixture) {
        let target = self.add_crate(fixture.name);
        fixture.generate(&target.join("src/generated"));
        let model = fixture.model();
        let rows = model.types.iter().map(|item| match &item.kind {
            TypeKind::Struct(structure) => format!("    {},\n", row(item, structure)),
            TypeKind::OpenEnum(_) => format!("    open_enum!({}),\n", item.name),
        });
        let table: String = rows.collect();
        let tests = ROUND_TRIP
            .replace("/* types */", &format!("\n{table}"))
            .replace("crate_under_test", fixture.name);
        update(&target.join("tests/round_trip.rs"), &tests);
        let cases = model.types.iter().flat_map(|item| cases(fixture, item));
        let cases = Value::Array(cases.collect());
        update(&target.join("tests/cases.json"), &cases.to_string());
    }

    /// Compiles all crates without warnings, with and without JSON Schemas, and runs their tests; builds
    /// the documentation.
    pub(crate) fn run(&self) {
        self.cargo(&["check", "--quiet", "--workspace"]);
        self.cargo(&[
            "test",
            "--quiet",
            "--workspace",
            "--features",
            "schemars",
            "--test",
            "round_trip",
        ]);
        // Descriptions must not contain examples that are compiled.
        self.cargo(&[
            "test",
            "--quiet",
            "--workspace",
            "--features",
            "schemars",
            "--doc",
            "generated",
        ]);
        self.cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
    }

    fn cargo(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "cargo {}\n{}\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }

    /// Returns a cargo command in the workspace of all crates that were added.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let root = fs::read_to_string(workspace::root().join("Cargo.toml")).unwrap();
        update(
            &self.folder.join("Cargo.toml"),
            &trial_workspace(&root, &self.crates),
        );
        // The same versions as in the workspace, which are downloaded already.
        let lock = self.folder.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(workspace::root().join("Cargo.lock"), lock).unwrap();
        }
        let mut command = workspace::cargo();
        command
            .args(arguments)
            .arg("--target-dir")
            .arg(self.folder.join("target"))
            .env("RUSTDOCFLAGS", "-D warnings")
            .current_dir(&self.folder);
        command
    }
}

/// Returns the row of a struct in the table of types.
fn row(item: &TypeItem, structure: &Struct) -> String {
    let kind = match (structure.is_received, structure.is_sent) {
        (true, true) => "both",
        (true, false) => "received",
        (false, _) if structure.is_open => "sent_open",
        (false, _) => "sent",
    };
    format!("{kind}!({})", item.name)
}

/// Returns the examples of a type with what decoding must find in each: the number of entries in `extra`
/// and of decode issues.
fn cases(fixture: &Fixture, item: &TypeItem) -> Vec<Value> {
    let Some(shape) = fixture.shape_of(item) else {
        return Vec::new();
    };
    let case = |value: &Value, encoded: &Value, extra: usize, issues: usize| {
        json!({
            "type": item.name, "value": value, "encoded": encoded, "extra": extra, "issues": issues,
        })
    };
    let clean = |value: Value| {
        let names = value
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys());
        let extra = names
            .filter(|name| !shape.properties.contains_key(name.as_str()))
            .count();
        case(&value, &value, extra, 0)
    };
    let TypeKind::Struct(structure) = &item.kind else {
        let texts = shape
            .texts
            .iter()
            .copied()
            .chain(["A value of no enumeration"]);
        return texts.map(|text| clean(json!(text))).collect();
    };
    let document = &fixture.document;
    let nulls: Value = shape
        .properties
        .keys()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    let mut cases = vec![
        clean(all_properties(document, structure, &shape)),
        clean(json!({})),
        case(&nulls, &json!({}), 0, 0),
    ];
    for (name, schemas) in &shape.properties {
        for example in examples(document, schemas, 1) {
            cases.push(clean(json!({ *name: example })));
        }
    }
    if structure.is_received {
        let unknown = json!({ "unknown": [1, null], "Unknown": null });
        cases.push(case(&unknown, &unknown, 2, 0));
        cases.extend(
            wrong_values(document, structure, &shape).map(|value| case(&value, &value, 1, 1)),
        );
    }
    cases
}

fn all_properties(document: &Value, structure: &Struct, shape: &Shape<'_>) -> Value {
    let mut all = object(document, shape, 0);
    if !structure.is_open {
        all.remove(UNDECLARED);
    }
    Value::Object(all)
}

/// Returns an object for each property with a value that the property does not allow.
fn wrong_values(
    document: &Value,
    structure: &Struct,
    shape: &Shape<'_>,
) -> impl Iterator<Item = Value> {
    let typed = structure
        .fields
        .iter()
        .filter(|field| field.value != ValueType::Any && !field.is_essential);
    typed.filter_map(|field| {
        let schemas = shape.properties.get(field.property.as_str())?;
        let value = of_another_kind(&super::shape::shape(document, schemas));
        Some(json!({ &field.property: value }))
    })
}

/// Returns the manifest of the low-level crate, with another name and without its own tests.
fn trial_manifest(manifest: &str, name: &str) -> String {
    let sections = manifest.split("\n[").filter(|section| {
        !["dev-dependencies]", "[bench]]"]
            .iter()
            .any(|name| section.starts_with(name))
    });
    let sections: Vec<&str> = sections.collect();
    sections
        .join("\n[")
        .replacen("\"rhombus-clips-api\"", &format!("{name:?}"), 1)
}

/// Returns the manifest of the workspace, with other members, and with warnings as errors.
fn trial_workspace(manifest: &str, crates: &[&str]) -> String {
    let start = manifest.find("[workspace]").unwrap();
    let end = manifest.find("[profile").unwrap();
    let lines = manifest[start..end]
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some(("members", _)) => format!("members = {crates:?}"),
            Some(("default-members" | "exclude", _)) => String::new(),
            Some(("missing_docs", _)) => format!("{line}\nwarnings = \"deny\""),
            _ => line.to_owned(),
        });
    let workspace: String = lines.map(|line| line + "\n").collect();
    workspace + "[profile.dev]\ndebug = false\n"
}

/// Copies the sources of the low-level crate, without the generated ones.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.ends_with("generated") {
            continue;
        } else if from.is_dir() {
            copy(&from, &to);
        } else {
            update(&to, &fs::read_to_string(&from).unwrap());
        }
    }
}

/// Writes a file if its text changed, so that cargo compiles no more than it must.
fn update(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|current| current == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
