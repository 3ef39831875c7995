//! Runs progenitor on the normalized document.
//!
//! progenitor is the only stage that is not ours: all of its settings, and all workarounds for
//! input that it cannot handle, are here.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode};
use quote::quote;
use serde_json::{Value, json};

use super::normalize::Normalized;
use crate::error::{Error, Result};
use crate::spec::{self, pointer};

/// Generates Rust as a single syntax tree. Errors are attributed to the file at `path`.
pub fn render(path: &Path, normalized: &Normalized) -> Result<syn::File> {
    let document: OpenAPI = spec::deserialize(path, &strip_enum_values(normalized))?;
    let mut settings = GenerationSettings::new();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Settings))
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    for open_enum in &normalized.open_enums {
        settings.with_replacement(&open_enum.name, &open_enum.name, std::iter::empty());
    }
    let tokens = catch_panic(|| Generator::new(&settings).generate_tokens(&document))
        .map_err(|panic| Error::new(path, format!("not supported by progenitor: {panic}")))?
        .map_err(|e| Error::new(path, format!("rejected by progenitor: {e}")))?;
    syn::parse2(tokens)
        .map_err(|e| Error::new(path, format!("progenitor generated invalid Rust: {e}")))
}

/// Returns the document with a single value in each open enumeration.
///
/// Open enumerations are generated elsewhere, but progenitor derives names for their values all
/// the same, and fails for some.
fn strip_enum_values(normalized: &Normalized) -> Value {
    let mut document = normalized.document.clone();
    for open_enum in &normalized.open_enums {
        let values = pointer::from_segments(["components", "schemas", &open_enum.name, "enum"]);
        if let Some(values) = document.pointer_mut(&values) {
            *values = json!(["KNOWN"]);
        }
    }
    document
}

/// Turns a panic into an error, without printing it.
///
/// progenitor panics on unsupported input, such as a 200 and a default response of different
/// types.
fn catch_panic<T>(generate: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(generate));
    panic::set_hook(hook);
    outcome.map_err(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
        message.unwrap_or("panic without a message").to_owned()
    })
}
