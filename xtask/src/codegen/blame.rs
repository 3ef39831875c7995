//! Whose fault it is: the service's fragment, or our overlay.

use std::path::Path;

use serde_json::Value;

use super::shape::INSIDE;
use crate::document::pointer;
use crate::error::Error;

/// What was read, to tell who said what in the document that came of it.
#[derive(Debug, Clone, Copy)]
pub struct Blame<'a> {
    /// The file of the fragment.
    pub fragment: &'a Path,
    /// The file of the overlay.
    pub overlay: &'a Path,
    /// The fragment in its shape, as it was before the overlay.
    pub shaped: &'a Value,
}

impl Blame<'_> {
    /// A fault at a place below a schema of the `overlaid` document.
    ///
    /// Where the fragment says the same, the fragment is to blame, at the service's own place.
    pub fn at(
        &self,
        overlaid: &Value,
        schema: &str,
        below: &[&str],
        message: impl Into<String>,
    ) -> Error {
        let segments = ["components", "schemas", schema];
        let place = pointer::of(segments.iter().chain(below).copied());
        let (before, after) = (self.shaped.pointer(&place), overlaid.pointer(&place));
        let is_fragments = match before {
            Some(Value::Object(_) | Value::Array(_)) => true,
            before => before.is_some() && before == after,
        };
        if is_fragments {
            let place = self.origin(schema) + &pointer::of(below.iter().copied());
            Error::at(self.fragment, place, message)
        } else {
            Error::at(self.overlay, place, message)
        }
    }

    /// Where a schema stands in the service's document.
    fn origin(&self, schema: &str) -> String {
        let named = pointer::of(["components", "schemas", schema]);
        let inline = self.shaped.pointer(&format!("{named}/{INSIDE}/2"));
        inline
            .and_then(Value::as_str)
            .map(str::to_owned)
            .unwrap_or(named)
    }
}
