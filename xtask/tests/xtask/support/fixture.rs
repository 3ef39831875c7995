//! Fixtures: complete documents, extracted and modelled as a maintainer does it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use xtask::codegen;
use xtask::codegen::model::{Model, TypeItem, TypeKind, ValueType};
use xtask::workspace;

use super::shape::{self, Shape};
use super::{Sandbox, stderr};

/// Names of the fixtures: the shapes of the service's document, and others that OpenAPI 3.0 allows.
pub(crate) const FIXTURES: [&str; 2] = ["shapes", "more_shapes"];

/// A complete document, and the fragment of all its operations.
pub(crate) struct Fixture {
    /// Folder of `fragment.json` and `overlay.json`.
    pub(crate) sandbox: Sandbox,
    pub(crate) name: &'static str,
    /// The complete document.
    pub(crate) document: Value,
    /// What the extraction says on stderr.
    notes: String,
}

impl Fixture {
    /// Extracts all operations of a document.
    pub(crate) fn extracted(name: &'static str) -> Self {
        let sandbox = Sandbox::new();
        // The rules of the workspace's overlay apply to every document.
        fs::copy(workspace::overlay(), sandbox.path("overlay.json")).unwrap();
        let from = path(name);
        let from = from.to_str().unwrap();
        let output = sandbox.run(&[
            "fragment",
            "--all",
            "--from",
            from,
            "--fragment",
            "none.json",
            "--out",
            "fragment.json",
        ]);
        let notes = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{name}: {notes}");
        Self {
            sandbox,
            name,
            document: serde_json::from_str(&fs::read_to_string(from).unwrap()).unwrap(),
            notes,
        }
    }

    pub(crate) fn model(&self) -> Model {
        let path = |name| self.sandbox.path(name);
        codegen::model(&path("fragment.json"), &path("overlay.json")).unwrap()
    }

    /// Writes the generated files to a folder. Returns the notes on what was left out, with those of
    /// the extraction.
    pub(crate) fn generate(&self, folder: &std::path::Path) -> String {
        let folder = folder.to_str().unwrap();
        let output = self.sandbox.run(&[
            "codegen",
            "--fragment",
            "fragment.json",
            "--overlay",
            "overlay.json",
            "--out",
            folder,
        ]);
        let notes = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{}: {notes}", self.name);
        self.notes.clone() + &notes
    }

    /// Returns the shape of the schema that a type was generated from; `None` if there is none.
    pub(crate) fn shape_of(&self, item: &TypeItem) -> Option<Shape<'_>> {
        let schema = match item.schema.starts_with('/') {
            true => self.document.pointer(&item.schema),
            false => self.document["components"]["schemas"].get(&item.schema),
        };
        Some(shape::shape(&self.document, &[schema?]))
    }
}

/// Path of a fixture's document.
pub(crate) fn path(name: &str) -> PathBuf {
    xtask::workspace::root().join(format!("xtask/tests/fixtures/{name}.json"))
}

/// Returns the type that a value names, if any.
pub(crate) fn named<'m>(model: &'m Model, value: &ValueType) -> Option<&'m TypeItem> {
    let ValueType::Named(name) = value else {
        return None;
    };
    Some(model.types.iter().find(|item| item.name == *name).unwrap())
}

/// Names of the properties of a struct, or the values of an enumeration.
pub(crate) fn document_names(item: &TypeItem) -> Vec<&str> {
    match &item.kind {
        TypeKind::Struct(structure) => {
            let fields = structure.fields.iter();
            fields.map(|field| field.property.as_str()).collect()
        }
        TypeKind::OpenEnum(variants) => variants.iter().map(|(value, _)| value.as_str()).collect(),
    }
}
