//! Maps elements of the document to the Rust items that are generated from them.
//!
//! Findings name the affected Rust item, so the generator's naming rules are applied here, including
//! the names that the overlay assigns. This module computes names only; it does not run the generator.

use heck::ToUpperCamelCase;
use serde_json::Value;

use crate::codegen::extensions::NAME;
use crate::codegen::naming::NameKind;
use crate::spec::pointer;

/// A Rust item: a type, field, variant or method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RustItem {
    /// The displayed name: `SavedClip`, `SavedClip::status`, `Client::get_clip_with_progress`.
    pub(super) name: String,
    /// The name of the item's type: the generator gives it to an inline schema.
    pub(super) inner: String,
    /// The same in the other document, in which enclosing types may have other names.
    pub(super) their_inner: String,
}

impl RustItem {
    /// Creates the item of a type.
    pub(super) fn for_type(name: String) -> Self {
        Self {
            inner: name.clone(),
            their_inner: name.clone(),
            name,
        }
    }

    /// Returns the field for a property of this type, whose name the overlay may have chosen.
    pub(super) fn field(&self, property: &str, chosen: Option<&str>) -> Self {
        let field = match chosen {
            Some(chosen) => chosen.to_owned(),
            None => NameKind::Field.name(property),
        };
        Self {
            name: format!("{}::{field}", self.inner),
            ..self.nested(property)
        }
    }

    /// Returns the variant name for a value of this enum.
    pub(super) fn variant(&self, value: &str) -> String {
        format!("{}::{}", self.inner, NameKind::Variant.name(value))
    }

    /// Returns the same item with the inline type of a nested schema: array items, map values.
    pub(super) fn nested(&self, suffix: &str) -> Self {
        let suffix = suffix.to_upper_camel_case();
        Self {
            name: self.name.clone(),
            inner: format!("{}{suffix}", self.inner),
            their_inner: format!("{}{suffix}", self.their_inner),
        }
    }

    /// Returns the same item with the names of its type, if it has names of its own.
    pub(super) fn with_type_names(&self, ours: Option<String>, theirs: Option<String>) -> Self {
        Self {
            name: self.name.clone(),
            inner: ours.unwrap_or_else(|| self.inner.clone()),
            their_inner: theirs.unwrap_or_else(|| self.their_inner.clone()),
        }
    }
}

/// Returns the client method of an operation, whose name the overlay may have chosen.
pub(super) fn client_method(operation: &str, chosen: Option<&str>) -> RustItem {
    let method = match chosen {
        Some(chosen) => chosen.to_owned(),
        None => NameKind::Method.name(operation),
    };
    let inner = NameKind::Type.name(operation);
    RustItem {
        name: format!("Client::{method}"),
        ..RustItem::for_type(inner)
    }
}

/// The fragment without and with its overlay, which assigns names and removes elements.
#[derive(Debug)]
pub(super) struct OverlaidFragment {
    document: Value,
    overlaid: Value,
}

impl OverlaidFragment {
    /// Creates the pair from the original and the overlaid fragment.
    pub(super) fn new(document: Value, overlaid: Value) -> Self {
        Self { document, overlaid }
    }

    /// Returns the name of the Rust type of a named schema.
    pub(super) fn rust_type(&self, schema: &str) -> String {
        let chosen = self.chosen_name(&pointer::from_segments(["components", "schemas", schema]));
        chosen.map_or_else(|| NameKind::Type.name(schema), str::to_owned)
    }

    /// Returns the name that the overlay chooses for the element at a pointer.
    pub(super) fn chosen_name(&self, element: &str) -> Option<&str> {
        self.overlaid.pointer(element)?.get(NAME)?.as_str()
    }

    /// Returns the document with its overlay applied.
    pub(super) fn overlaid(&self) -> &Value {
        &self.overlaid
    }

    /// Returns whether the overlay removes the element at a pointer, or a parent of it.
    pub(super) fn is_excluded(&self, element: &str) -> bool {
        let segments = pointer::segments(element);
        let lengths = match segments.first().map(String::as_str) {
            Some("components") => 3..=segments.len(),
            // Operations contain arrays, in which removals shift the pointers of later items.
            Some("paths") => 2..=segments.len().min(3),
            _ => return false,
        };
        lengths
            .map(|length| pointer::from_segments(segments.iter().take(length).map(String::as_str)))
            .any(|parent| {
                self.document.pointer(&parent).is_some() && self.overlaid.pointer(&parent).is_none()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn overlaid() -> OverlaidFragment {
        let document = json!({ "components": {
            "schemas": { "ClipStatusEnum": {}, "Area_OtherType": {} },
            "parameters": { "Sent": { "schema": {} } },
        }, "paths": { "/a": { "get": {}, "post": {} } } });
        let overlaid = json!({ "components": {
            "schemas": { "ClipStatusEnum": { "x-rust-name": "ClipStatus" }, "Area_OtherType": {} },
        }, "paths": { "/a": { "get": {} } } });
        OverlaidFragment::new(document, overlaid)
    }

    #[test]
    fn overlay_names_take_precedence_over_generated_ones() {
        let overlaid = overlaid();
        let status = RustItem::for_type(overlaid.rust_type("ClipStatusEnum"));
        assert_eq!(status.name, "ClipStatus");
        assert_eq!(status.variant("ON_HOLD"), "ClipStatus::OnHold");
        let other = RustItem::for_type(overlaid.rust_type("Area_OtherType"));
        assert_eq!(other.name, "AreaOtherType");
        let field = |property| other.field(property, None);
        assert_eq!(
            field("clipLocationV2").name,
            "AreaOtherType::clip_location_v2"
        );
        assert_eq!(field("type").name, "AreaOtherType::type_");
        let chosen = other.field("m", Some("minutes"));
        assert_eq!(chosen.name, "AreaOtherType::minutes");
        let inline = field("viewList").nested("item");
        assert_eq!(inline.field("x", None).name, "AreaOtherTypeViewListItem::x");
        assert_eq!(
            client_method("getClipWithProgress", None).name,
            "Client::get_clip_with_progress"
        );
    }

    #[test]
    fn elements_removed_by_the_overlay_are_excluded_with_their_children() {
        let overlaid = overlaid();
        assert!(overlaid.is_excluded("/components/parameters/Sent"));
        assert!(overlaid.is_excluded("/components/parameters/Sent/schema/enum/1"));
        assert!(!overlaid.is_excluded("/components/parameters/New"));
        assert!(!overlaid.is_excluded("/components/schemas/ClipStatusEnum/enum/1"));
        assert!(overlaid.is_excluded("/paths/~1a/post/responses/200"));
        assert!(!overlaid.is_excluded("/paths/~1a/get/parameters/1"));
    }
}
