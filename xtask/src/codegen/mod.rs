//! `cargo xtask codegen`: from the checked-in fragment to the low-level client crate.
//!
//! One direction, a room a step: [`shape`] gives every schema a shape that tolerant types can be
//! made of, [`overlay`] applies what we declare, [`normalize`] carries it out ([`naming`] what it
//! says of names), [`render`] lets progenitor make Rust of it, [`open_enum`] makes the
//! enumerations, [`refine`] trims, [`sending`] leaves addresses and answers to the crate, [`split`]
//! makes files, [`decoding`] makes their types tolerant, [`mod@format`] makes text, [`install`]
//! compares or writes it. [`blame`] tells whose fault it is when a step fails.

pub mod blame;
pub mod decoding;
pub mod format;
pub mod install;
pub mod naming;
pub mod normalize;
pub mod open_enum;
pub mod overlay;
pub mod refine;
pub mod render;
pub mod sending;
pub mod shape;
pub mod split;

use std::path::Path;

use crate::document;
use crate::error::{Error, Result};
use blame::Blame;

/// The document that progenitor reads: the fragment with its overlay carried out.
pub fn normalized(fragment: &Path, overlay: &Path) -> Result<normalize::Normalized> {
    let mut value = document::read(fragment)?;
    let version = value.get("openapi").map(ToString::to_string);
    document::check_version(fragment, version.as_deref())?;
    document::interpret::<openapiv3::OpenAPI>(fragment, &value)?;
    document::check_references(fragment, &value)?;
    shape::shape(&mut value);
    let shaped = value.clone();
    overlay::apply(overlay, &mut value)?;
    let blame = Blame {
        fragment,
        overlay,
        shaped: &shaped,
    };
    normalize::normalize(&blame, value)
}

/// Every generated file, as text. The same input gives the same bytes on every machine.
pub fn generate(fragment: &Path, overlay: &Path) -> Result<format::TextFiles> {
    let normalized = normalized(fragment, overlay)?;
    let mut file = render::render(fragment, &normalized)?;
    refine::drop_unneeded(&mut file.items);
    sending::exchange(&mut file);
    let mut beside = Vec::new();
    for open_enum in &normalized.open_enums {
        let items = open_enum::items(open_enum).map_err(|e| {
            Error::new(
                fragment,
                format!("no Rust name for {}: {e}", open_enum.name),
            )
        })?;
        beside.push((open_enum.name.clone(), items));
    }
    let mut files = split::split(fragment, file, beside)?;
    for file in files.values_mut() {
        decoding::tolerate(file, &normalized);
        refine::style(file, &normalized.response_schemas);
    }
    Ok(format::format(&files))
}
