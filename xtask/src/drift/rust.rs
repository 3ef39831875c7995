//! What the generator makes of the document: the Rust that a difference touches.

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;

use super::schema::{Contents, Form};
use crate::codegen::naming::{NAME, type_name};
use crate::codegen::open_enum::variant_name;
use crate::spec::pointer;

/// A place in Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// How it is called: `SavedClip`, `SavedClip::status`, `Client::get_clip_with_progress`.
    pub(super) name: String,
    /// The type that an unnamed schema at this place becomes.
    pub(super) inner: String,
}

impl Item {
    /// A type.
    pub(super) fn of_type(name: String) -> Self {
        Self {
            inner: name.clone(),
            name,
        }
    }

    /// A property of the type at this place.
    pub(super) fn field(&self, property: &str) -> Self {
        Self {
            name: format!("{}::{}", self.inner, identifier(&property.to_snake_case())),
            inner: format!("{}{}", self.inner, property.to_pascal_case()),
        }
    }

    /// A value of the enumeration at this place.
    pub(super) fn variant(&self, value: &str) -> String {
        format!("{}::{}", self.inner, variant_name(value))
    }

    /// The same place, one level further in: an array's items, a map's values.
    pub(super) fn within(&self, suffix: &str) -> Self {
        Self {
            name: self.name.clone(),
            inner: format!("{}{}", self.inner, suffix.to_pascal_case()),
        }
    }
}

/// The client's method for an operation.
pub(super) fn method(operation: &str) -> Item {
    Item {
        name: format!("Client::{}", identifier(&operation.to_snake_case())),
        inner: operation.to_pascal_case(),
    }
}

/// A name that is a keyword gets an underscore.
fn identifier(name: &str) -> String {
    match syn::parse_str::<syn::Ident>(name) {
        Err(_) if !name.is_empty() => format!("{name}_"),
        _ => name.to_owned(),
    }
}

/// The names that the overlay gives, and what it leaves out.
#[derive(Debug)]
pub(super) struct Overlaid {
    before: Value,
    after: Value,
}

impl Overlaid {
    /// The fragment before and after its overlay.
    pub(super) fn new(before: Value, after: Value) -> Self {
        Self { before, after }
    }

    /// The type of a named schema.
    pub(super) fn type_of(&self, schema: &str) -> Item {
        let named = self.after.pointer(&pointer::from_segments([
            "components",
            "schemas",
            schema,
            NAME,
        ]));
        let name = named.and_then(Value::as_str).map(str::to_owned);
        Item::of_type(name.unwrap_or_else(|| type_name(schema)))
    }

    /// Whether the overlay removes the component at a place, or what it stands in.
    pub(super) fn leaves_out(&self, at: &str) -> bool {
        let segments = pointer::segments(at);
        let lengths = match segments.first().map(String::as_str) {
            Some("components") => 3..=segments.len(),
            // What stands in a path stands in lists too, where places shift.
            _ => return false,
        };
        lengths
            .map(|length| pointer::from_segments(segments.iter().take(length).map(String::as_str)))
            .any(|at| self.before.pointer(&at).is_some() && self.after.pointer(&at).is_none())
    }
}

/// The Rust type of a value that is neither list nor object; none for what becomes a type of its
/// own. Neither a format nor a limit makes another type: see `codegen::flatten`.
pub(super) fn scalar(contents: &Contents<'_>) -> Option<&'static str> {
    match contents.form {
        _ if contents.values.is_some() => None,
        Form::Any => Some("a JSON value"),
        Form::Boolean => Some("bool"),
        Form::Integer => Some("i64"),
        Form::Number => Some("f64"),
        Form::String => Some("String"),
        Form::Array | Form::Object | Form::Map | Form::Choice => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn overlaid() -> Overlaid {
        let before = json!({ "components": {
            "schemas": { "ClipStatusEnum": {}, "Area_OtherType": {} },
            "parameters": { "Sent": { "schema": {} } },
        } });
        let after = json!({ "components": {
            "schemas": { "ClipStatusEnum": { "x-rust-name": "ClipStatus" }, "Area_OtherType": {} },
        } });
        Overlaid::new(before, after)
    }

    #[test]
    fn names_are_the_overlays_or_else_the_generators() {
        let overlaid = overlaid();
        let status = overlaid.type_of("ClipStatusEnum");
        assert_eq!(status.name, "ClipStatus");
        assert_eq!(status.variant("ON_HOLD"), "ClipStatus::OnHold");
        let other = overlaid.type_of("Area_OtherType");
        assert_eq!(other.name, "AreaOtherType");
        assert_eq!(
            other.field("clipLocationV2").name,
            "AreaOtherType::clip_location_v2"
        );
        assert_eq!(other.field("type").name, "AreaOtherType::type_");
        let inline = other.field("viewList").within("item");
        assert_eq!(inline.field("x").name, "AreaOtherTypeViewListItem::x");
        assert_eq!(
            method("getClipWithProgress").name,
            "Client::get_clip_with_progress"
        );
    }

    #[test]
    fn what_the_overlay_removes_is_left_out_with_all_that_it_holds() {
        let overlaid = overlaid();
        assert!(overlaid.leaves_out("/components/parameters/Sent"));
        assert!(overlaid.leaves_out("/components/parameters/Sent/schema/enum/1"));
        assert!(!overlaid.leaves_out("/components/parameters/New"));
        assert!(!overlaid.leaves_out("/components/schemas/ClipStatusEnum/enum/1"));
    }
}
