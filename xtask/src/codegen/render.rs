//! From the normalized document to Rust, by progenitor.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode};
use quote::quote;
use serde_json::{Value, json};

use super::normalize::Normalized;
use crate::document::{self, pointer};
use crate::error::{Error, Result};

/// What progenitor makes of the document, as one file; `path` is the file to blame.
pub fn render(path: &Path, normalized: &Normalized) -> Result<syn::File> {
    let document: OpenAPI = document::interpret(path, &without_values(normalized))?;
    let mut settings = GenerationSettings::new();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Settings))
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    for open_enum in &normalized.open_enums {
        settings.with_replacement(&open_enum.name, &open_enum.name, std::iter::empty());
    }
    let tokens = without_panicking(|| Generator::new(&settings).generate_tokens(&document))
        .map_err(|panic| Error::new(path, format!("not supported by progenitor: {panic}")))?
        .map_err(|e| Error::new(path, format!("not accepted by progenitor: {e}")))?;
    syn::parse2(tokens)
        .map_err(|e| Error::new(path, format!("progenitor made no valid Rust of it: {e}")))
}

/// The document with one value for each enumeration that is made elsewhere: progenitor names the
/// values although nothing comes of it, and finds no names for some.
fn without_values(normalized: &Normalized) -> Value {
    let mut document = normalized.document.clone();
    for open_enum in &normalized.open_enums {
        let values = pointer::of(["components", "schemas", &open_enum.name, "enum"]);
        if let Some(values) = document.pointer_mut(&values) {
            *values = json!(["KNOWN"]);
        }
    }
    document
}

/// progenitor panics on what it does not support, such as a 200 and a default response of
/// different types. Its message becomes an error, and the panic is not reported.
fn without_panicking<T>(generate: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let reporter = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(generate));
    panic::set_hook(reporter);
    outcome.map_err(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
        message.unwrap_or("a panic without a message").to_owned()
    })
}
