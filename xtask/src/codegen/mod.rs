//! `cargo xtask codegen`: generates the low-level client crate from the checked-in fragment.
//!
//! A pipeline in one direction, one module per stage. Each stage has one name for its result:
//!
//! | stage | result | module |
//! |---|---|---|
//! | read the fragment | document | |
//! | apply the declared deviations, some of them as [`extensions`] | overlaid | [`overlay`] |
//! | read the operations, with their [`effect`] | operations | [`operations`] |
//! | bring all schemas into the two forms that types are generated from | flat | [`flatten`] |
//! | name the items, and determine the types of their fields | model | [`mod@model`], [`naming`] |
//! | generate Rust, the client's methods with progenitor | files | [`emit`] |
//!
//! No stage depends on the operation: any document of OpenAPI 3.0 can be generated from. What cannot be
//! generated is left out and noted, with the overlay step that mends it.

pub mod effect;
pub mod emit;
pub mod extensions;
pub mod flatten;
pub mod model;
pub mod naming;
pub mod operations;
pub mod overlay;

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};
use crate::file_set::FileSet;
use crate::spec;
use crate::spec::reference::check_references;
use emit::operations::table as operations_table;
use emit::{client, files};
use model::Model;
use overlay::Provenance;

/// Command that regenerates the files.
pub const COMMAND: &str = "cargo xtask codegen";

/// Generated files, and what was left out or chosen in place of the document.
#[derive(Debug)]
pub struct Generated {
    /// Text of every file, by its path relative to the generated folder.
    pub files: BTreeMap<String, String>,
    /// Notes for the maintainer: stale overlay steps, skipped operations, and names that were chosen.
    pub notes: Vec<Error>,
}

impl Generated {
    /// Returns the content of the folder `out`.
    pub fn file_set(&self, out: &Path) -> FileSet {
        FileSet::folder(out, self.files.clone(), files::HEADER)
    }
}

/// Generates the text of every file. Deterministic: the same input gives the same bytes on every
/// machine.
pub fn generate(fragment: &Path, overlay: &Path) -> Result<Generated> {
    with_model(fragment, overlay, |provenance, mut model| {
        let (client, rejected) = client::client_items(provenance, &model)?;
        let modules = files::Modules::of(&model.types);
        let mut files = files::client_files(client, operations_table(&model.methods), &modules);
        files.extend(emit::type_files(fragment, &model.types, &modules)?);
        model.notes.extend(rejected);
        Ok(Generated {
            files,
            notes: model.notes,
        })
    })
}

/// Returns the items that are generated from a fragment.
pub fn model(fragment: &Path, overlay: &Path) -> Result<Model> {
    with_model(fragment, overlay, |_, model| Ok(model))
}

fn with_model<T>(
    fragment: &Path,
    overlay: &Path,
    generate: impl FnOnce(&Provenance<'_>, Model) -> Result<T>,
) -> Result<T> {
    let document = spec::read(fragment)?;
    let version = document.get("openapi").map(ToString::to_string);
    spec::check_version(fragment, version.as_deref())?;
    let mut overlaid = document.clone();
    let stale = overlay::apply(overlay, &mut overlaid)?;
    let provenance = Provenance {
        fragment,
        overlay,
        document: &document,
        overlaid: &overlaid,
    };
    check_document(&provenance)?;
    check_references(fragment, &overlaid)?;
    let mut model = model::build(&provenance)?;
    model.notes.splice(0..0, stale);
    generate(&provenance, model)
}

/// Fails unless the parts of the document that the later stages read are objects. An operation may need
/// no schema.
fn check_document(provenance: &Provenance<'_>) -> Result<()> {
    spec::check_outline(provenance.fragment, provenance.overlaid)?;
    let value = |location: &str| provenance.overlaid.pointer(location);
    let malformed = ["/paths", "/components", "/components/schemas"]
        .into_iter()
        .filter(|location| value(location).is_some_and(|value| !value.is_object()));
    Error::fail_if_any(malformed.map(|location| provenance.error_at(location, "not an object")))
}
