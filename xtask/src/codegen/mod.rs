//! `cargo xtask codegen`: generates the low-level client crate from the checked-in fragment.
//!
//! A pipeline in one direction, one module per stage. Each stage has one name for its result:
//!
//! | stage | result | module |
//! |---|---|---|
//! | read and validate the fragment | document | |
//! | bring it into the one form that lenient types can be generated from | flattened | [`flatten`] |
//! | apply the declared deviations, some of them as extensions (`x-rust-…`) | overlaid | [`overlay`] |
//! | evaluate the extensions, [`naming`] those that rename schemas | normalized | [`normalize`] |
//! | run progenitor, and edit its output | syntax tree | [`render`], [`postprocess`] |
//! | split it, with [`open_enum`] and [`decoder_impls`], and print it | files | [`files`] |
//!
//! No stage depends on the operation: any fragment of OpenAPI 3.0 can be generated from.

pub mod decoder_impls;
pub mod files;
pub mod flatten;
pub mod naming;
pub mod normalize;
pub mod open_enum;
pub mod overlay;
pub mod postprocess;
pub mod render;

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};
use crate::file_set::FileSet;
use crate::spec;
use normalize::Normalized;
use overlay::Provenance;

/// Command that regenerates the files.
pub const COMMAND: &str = "cargo xtask codegen";

/// Returns the document that progenitor reads: the fragment, flattened, with its overlay applied.
pub fn normalized(fragment: &Path, overlay: &Path) -> Result<Normalized> {
    let document = spec::read(fragment)?;
    let version = document.get("openapi").map(ToString::to_string);
    spec::check_version(fragment, version.as_deref())?;
    spec::deserialize::<openapiv3::OpenAPI>(fragment, &document)?;
    spec::reference::check_references(fragment, &document)?;
    let flattened = flatten::flatten(document);
    let mut overlaid = flattened.clone();
    overlay::apply(overlay, &mut overlaid)?;
    let provenance = Provenance {
        fragment,
        overlay,
        flattened: &flattened,
    };
    normalize::normalize(&provenance, overlaid)
}

/// Generates the text of every file, by its path relative to the generated directory.
/// Deterministic: the same input gives the same bytes on every machine.
pub fn generate(fragment: &Path, overlay: &Path) -> Result<BTreeMap<String, String>> {
    let normalized = normalized(fragment, overlay)?;
    let mut syntax_tree = render::render(fragment, &normalized)?;
    postprocess::drop_unused_items(&mut syntax_tree.items);
    postprocess::rewrite_requests(&mut syntax_tree);
    let mut enum_items = Vec::new();
    for open_enum in &normalized.open_enums {
        let items = open_enum::generate_items(open_enum).map_err(|e| {
            Error::new(fragment, format!("cannot generate {}: {e}", open_enum.name))
        })?;
        enum_items.push((open_enum.name.clone(), items));
    }
    let mut files = files::split(fragment, syntax_tree, enum_items)?;
    for file in files.values_mut() {
        decoder_impls::implement_decoders(file, &normalized);
        postprocess::apply_style(file, &normalized.response_schemas);
    }
    Ok(files::format(&files))
}

/// Generates the content of the folder `out`.
pub fn file_set(fragment: &Path, overlay: &Path, out: &Path) -> Result<FileSet> {
    let files = generate(fragment, overlay)?;
    Ok(FileSet::folder(out, files, files::HEADER))
}
