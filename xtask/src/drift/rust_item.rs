//! Maps elements of the document to the Rust items that are generated from them.
//!
//! Findings name the affected Rust item, so the generator's naming rules are applied here, including
//! the names that the overlay assigns. This module computes names only; it does not run the generator.

use heck::ToPascalCase;
use serde_json::Value;

use super::schema::{SchemaFacts, SchemaKind};
use crate::codegen::model::NAME;
use crate::codegen::naming::NameKind;
use crate::spec::pointer;

/// A Rust item: a type, field, variant or method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RustItem {
    /// The displayed name: `SavedClip`, `SavedClip::status`, `Client::get_clip_with_progress`.
    pub(super) name: String,
    /// The type name that the generator gives to an inline schema of this item.
    pub(super) inner: String,
}

impl RustItem {
    /// Creates the item of a type.
    pub(super) fn for_type(name: String) -> Self {
        Self {
            inner: name.clone(),
            name,
        }
    }

    /// Returns the field for a property of this type.
    pub(super) fn field(&self, property: &str) -> Self {
        Self {
            name: format!("{}::{}", self.inner, NameKind::Field.name(property)),
            inner: format!("{}{}", self.inner, property.to_pascal_case()),
        }
    }

    /// Returns the variant name for a value of this enum.
    pub(super) fn variant(&self, value: &str) -> String {
        format!("{}::{}", self.inner, NameKind::Variant.name(value))
    }

    /// Returns the same item with the inline type of a nested schema: array items, map values.
    pub(super) fn nested(&self, suffix: &str) -> Self {
        Self {
            name: self.name.clone(),
            inner: format!("{}{}", self.inner, suffix.to_pascal_case()),
        }
    }
}

/// Returns the client method of an operation.
pub(super) fn client_method(operation: &str) -> RustItem {
    RustItem {
        name: format!("Client::{}", NameKind::Method.name(operation)),
        inner: operation.to_pascal_case(),
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

    /// Returns the Rust type of a named schema.
    pub(super) fn rust_type(&self, schema: &str) -> RustItem {
        let named = self.overlaid.pointer(&pointer::from_segments([
            "components",
            "schemas",
            schema,
            NAME,
        ]));
        let name = named.and_then(Value::as_str).map(str::to_owned);
        RustItem::for_type(name.unwrap_or_else(|| NameKind::Type.name(schema)))
    }

    /// Returns whether the overlay removes the component at a pointer, or a parent of it.
    pub(super) fn is_excluded(&self, element: &str) -> bool {
        let segments = pointer::segments(element);
        let lengths = match segments.first().map(String::as_str) {
            Some("components") => 3..=segments.len(),
            // Paths contain arrays, in which removals shift the pointers of later items.
            _ => return false,
        };
        lengths
            .map(|length| pointer::from_segments(segments.iter().take(length).map(String::as_str)))
            .any(|parent| {
                self.document.pointer(&parent).is_some() && self.overlaid.pointer(&parent).is_none()
            })
    }
}

/// Returns the Rust type of a scalar schema; `None` for schemas that become a type of their own.
///
/// Formats and constraints do not affect the type, because the generator removes them.
pub(super) fn scalar_type(facts: &SchemaFacts<'_>) -> Option<&'static str> {
    match facts.kind {
        _ if facts.enum_values.is_some() => None,
        SchemaKind::Any => Some("a JSON value"),
        SchemaKind::Boolean => Some("bool"),
        SchemaKind::Integer => Some("i64"),
        SchemaKind::Number => Some("f64"),
        SchemaKind::String => Some("String"),
        SchemaKind::Array | SchemaKind::Object | SchemaKind::Map | SchemaKind::Union => None,
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
        } });
        let overlaid = json!({ "components": {
            "schemas": { "ClipStatusEnum": { "x-rust-name": "ClipStatus" }, "Area_OtherType": {} },
        } });
        OverlaidFragment::new(document, overlaid)
    }

    #[test]
    fn overlay_names_take_precedence_over_generated_ones() {
        let overlaid = overlaid();
        let status = overlaid.rust_type("ClipStatusEnum");
        assert_eq!(status.name, "ClipStatus");
        assert_eq!(status.variant("ON_HOLD"), "ClipStatus::OnHold");
        let other = overlaid.rust_type("Area_OtherType");
        assert_eq!(other.name, "AreaOtherType");
        assert_eq!(
            other.field("clipLocationV2").name,
            "AreaOtherType::clip_location_v2"
        );
        assert_eq!(other.field("type").name, "AreaOtherType::type_");
        let inline = other.field("viewList").nested("item");
        assert_eq!(inline.field("x").name, "AreaOtherTypeViewListItem::x");
        assert_eq!(
            client_method("getClipWithProgress").name,
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
    }
}
