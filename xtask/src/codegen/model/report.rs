//! Names that the overlay sets, and the errors and notes about them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::build::{Builder, location};
use crate::codegen::extensions::{self, VARIANT_NAMES};
use crate::codegen::naming::{NameKind, ScopeNames};
use crate::codegen::overlay::json_path;

impl Builder<'_> {
    /// Returns the name that the overlay sets for an element.
    pub(super) fn chosen_name(
        &mut self,
        kind: NameKind,
        schema: &Value,
        extension: &str,
    ) -> Option<String> {
        let name = schema.get(extension)?;
        let pointer = format!("{}/{extension}", location(schema));
        self.evaluated.insert(pointer.clone());
        if let Some(text) = name.as_str().filter(|text| kind.accepts(text)) {
            return Some(text.to_owned());
        }
        self.reject_name(&pointer, name, kind);
        None
    }

    pub(super) fn reject_name(&mut self, pointer: &str, name: &Value, kind: NameKind) {
        let kind = match kind {
            NameKind::Type => "type, such as ClipStatus",
            NameKind::Field => "field, such as created_at_ms",
            NameKind::Variant => "variant, such as OnHold",
            NameKind::Method | NameKind::Parameter => "method, such as get_clip",
        };
        let message = format!("{name} is not a name of a {kind}; set another");
        self.errors.push(self.provenance.error_at(pointer, message));
    }

    /// Records an error if two elements have the same chosen name.
    pub(super) fn check_unique<'s>(
        &mut self,
        chosen: &BTreeMap<String, String>,
        element: impl Fn(&str) -> (&'s Value, &'s str),
    ) {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, name) in chosen {
            if let Some(other) = owners.insert(name, key) {
                let (schema, extension) = element(key);
                let pointer = format!("{}/{extension}", location(schema));
                let message = format!("{name} is the name of {other:?} as well; set another");
                self.errors
                    .push(self.provenance.error_at(&pointer, message));
            }
        }
    }

    /// Reports extensions without an effect: an unknown one is an error, and one in the wrong place a note.
    pub(super) fn check_extensions(&mut self) {
        for (pointer, extension) in extensions::find(self.provenance.overlaid) {
            if !extensions::ALL.contains(&extension.as_str()) {
                let known = extensions::ALL.join(", ");
                let message = format!("unknown extension; the generator knows {known}");
                self.errors
                    .push(self.provenance.error_at(&pointer, message));
            } else if !self.evaluated.contains(&pointer) {
                let message = format!(
                    "{extension} has no effect here; see openapi/README.md for what it applies to"
                );
                self.notes.push(self.provenance.error_at(&pointer, message));
            }
        }
    }

    /// Reports parts of schemas that mean nothing.
    pub(super) fn note_malformed(&mut self, malformed: &BTreeSet<String>) {
        for pointer in malformed {
            let step = json!({ "target": json_path(pointer), "remove": true });
            let message = format!(
                "not a valid schema, and ignored; correct or remove it in the overlay: {step}"
            );
            self.notes.push(self.provenance.error_at(pointer, message));
        }
    }

    /// Reports elements that were named differently because another one has their name.
    /// `element` returns the location of one, and the extension that names it.
    pub(super) fn note_conflicts<'e>(
        &mut self,
        scope: &ScopeNames,
        element: impl Fn(&str) -> (String, &'e str),
    ) {
        for (key, other) in &scope.conflicts {
            let name = scope.names.get(key).map_or("", String::as_str);
            let (pointer, extension) = element(key);
            let update = match extension {
                VARIANT_NAMES => json!({ extension: { key.as_str(): name } }),
                _ => json!({ extension: name }),
            };
            let step = json!({ "target": json_path(&pointer), "update": update });
            let message = format!(
                "{key:?} would have the name of {other:?}, and is named {name}; \
                 confirm or change it in the overlay: {step}"
            );
            self.notes.push(self.provenance.error_at(&pointer, message));
        }
    }
}
