//! Attribution of errors to the fragment or to the overlay.
//!
//! Most errors are found in the overlaid document, which no file contains. An error is only of use
//! with the file and the location that has to be edited.

use std::path::Path;

use serde_json::Value;

use super::flatten::INLINE_ORIGIN;
use crate::error::Error;
use crate::spec::pointer;

/// Inputs of the overlaid document, to attribute its parts to them.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// File of the fragment.
    pub fragment: &'a Path,
    /// File of the overlay.
    pub overlay: &'a Path,
    /// The flattened fragment, before the overlay.
    pub flattened: &'a Value,
}

impl Provenance<'_> {
    /// Builds an error for a location below a schema of the `overlaid` document.
    ///
    /// If the flattened fragment has the same value there, the error names the fragment and the
    /// original location in it; otherwise it names the overlay.
    pub fn error_at(
        &self,
        overlaid: &Value,
        schema: &str,
        below: &[&str],
        message: impl Into<String>,
    ) -> Error {
        let segments = ["components", "schemas", schema];
        let location = pointer::from_segments(segments.iter().chain(below).copied());
        let (before, after) = (
            self.flattened.pointer(&location),
            overlaid.pointer(&location),
        );
        let is_from_fragment = match before {
            Some(Value::Object(_) | Value::Array(_)) => true,
            before => before.is_some() && before == after,
        };
        if is_from_fragment {
            let location =
                self.original_location(schema) + &pointer::from_segments(below.iter().copied());
            Error::at(self.fragment, location, message)
        } else {
            Error::at(self.overlay, location, message)
        }
    }

    /// Returns the location of a schema in the fragment as it is checked in.
    fn original_location(&self, schema: &str) -> String {
        let named = pointer::from_segments(["components", "schemas", schema]);
        let inline = self
            .flattened
            .pointer(&format!("{named}/{INLINE_ORIGIN}/2"));
        inline
            .and_then(Value::as_str)
            .map(str::to_owned)
            .unwrap_or(named)
    }
}
