//! Generates Rust from the model: [`types`], [`open_enum`]s, the [`client`] and the table of its
//! [`operations`], split into [`files`].

pub mod client;
pub mod files;
pub mod open_enum;
pub mod operations;
mod rewrite;
pub mod types;

use std::path::Path;
use std::thread;

use super::model::{TypeItem, TypeKind};
use crate::error::{Error, Result};
use files::{Files, Modules};

/// Returns the file of every type. Errors are attributed to the file at `path`.
pub fn type_files(path: &Path, types: &[TypeItem], modules: &Modules) -> Result<Files> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = types.len().div_ceil(threads).max(1);
    let results: Vec<Result<Files>> = thread::scope(|scope| {
        let shares = types.chunks(share).map(|types| {
            scope.spawn(move || {
                types
                    .iter()
                    .map(|item| type_file(path, item, modules))
                    .collect()
            })
        });
        // All threads are started before the first one is joined.
        let shares: Vec<_> = shares.collect();
        let joined = shares.into_iter().map(|share| {
            share
                .join()
                .unwrap_or_else(|_| Err(Error::new(path, "cannot generate the types")))
        });
        joined.collect()
    });
    let mut files = Files::new();
    for result in results {
        files.append(&mut result?);
    }
    Ok(files)
}

/// Returns the path and the text of a type's file.
fn type_file(path: &Path, item: &TypeItem, modules: &Modules) -> Result<(String, String)> {
    let items = match &item.kind {
        TypeKind::Struct(structure) => types::struct_items(item, structure),
        TypeKind::OpenEnum(variants) => open_enum::enum_items(item, variants),
    };
    // Printed one by one, because the syntax trees of all types of a large document take a gigabyte.
    match items {
        Ok(items) => Ok(files::type_file(item, items, modules)),
        Err(e) => Err(Error::new(
            path,
            format!("cannot generate {}: {e}", item.name),
        )),
    }
}
