//! `cargo xtask codegen`: generates the low-level client crate from the checked-in fragment.
//!
//! A pipeline in one direction, one module per stage:
//!
//! 1. [`flatten`] brings the document into the one form that lenient types can be generated from.
//! 2. [`overlay`] applies the declared deviations, some of them as extensions (`x-rust-…`).
//! 3. [`normalize`] evaluates the extensions; [`naming`] those that rename schemas.
//! 4. [`render`] runs progenitor; [`open_enum`] generates the enumerations in its place.
//! 5. [`postprocess`] and [`postprocess_client`] edit the syntax tree.
//! 6. [`files`] splits it; [`decoder_impls`] implements lenient decoding for response types.
//! 7. [`mod@format`] prints each file, and [`install`] compares or writes them.
//!
//! When a stage fails, [`diagnostics`] decides whether the fragment or the overlay is at fault. No
//! stage depends on the operation: any fragment of OpenAPI 3.0 can be generated from.

pub mod decoder_impls;
pub mod diagnostics;
pub mod files;
pub mod flatten;
pub mod format;
pub mod install;
pub mod naming;
pub mod normalize;
pub mod open_enum;
pub mod overlay;
pub mod postprocess;
pub mod postprocess_client;
pub mod render;

use std::path::Path;

use crate::error::{Error, Result};
use crate::spec;
use diagnostics::Provenance;

/// Returns the document that progenitor reads: the fragment, flattened, with its overlay applied.
pub fn normalized(fragment: &Path, overlay: &Path) -> Result<normalize::Normalized> {
    let mut document = spec::read(fragment)?;
    let version = document.get("openapi").map(ToString::to_string);
    spec::check_version(fragment, version.as_deref())?;
    spec::deserialize::<openapiv3::OpenAPI>(fragment, &document)?;
    spec::check_references(fragment, &document)?;
    flatten::flatten(&mut document);
    let flattened = document.clone();
    overlay::apply(overlay, &mut document)?;
    let provenance = Provenance {
        fragment,
        overlay,
        flattened: &flattened,
    };
    normalize::normalize(&provenance, document)
}

/// Generates the text of every file. Deterministic: the same input gives the same bytes on every
/// machine.
pub fn generate(fragment: &Path, overlay: &Path) -> Result<format::TextFiles> {
    let normalized = normalized(fragment, overlay)?;
    let mut file = render::render(fragment, &normalized)?;
    postprocess::drop_unused_items(&mut file.items);
    postprocess_client::rewrite_requests(&mut file);
    let mut enum_items = Vec::new();
    for open_enum in &normalized.open_enums {
        let items = open_enum::generate_items(open_enum).map_err(|e| {
            Error::new(fragment, format!("cannot generate {}: {e}", open_enum.name))
        })?;
        enum_items.push((open_enum.name.clone(), items));
    }
    let mut files = files::split(fragment, file, enum_items)?;
    for file in files.values_mut() {
        decoder_impls::implement_decoders(file, &normalized);
        postprocess::apply_style(file, &normalized.response_schemas);
    }
    Ok(format::format(&files))
}
