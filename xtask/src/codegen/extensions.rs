//! Extensions by which the overlay controls the generator.
//!
//! | extension | applies to | effect |
//! |---|---|---|
//! | [`NAME`] | schema, property, operation | Rust name of the type, field or method |
//! | [`TYPE_NAME`] | inline schema | Rust name of its type |
//! | [`VARIANT_NAMES`] | enumeration | Rust names of its values |
//! | [`ESSENTIAL`] | property | decoding the object fails if the property has the wrong type |
//! | [`EFFECT`] | operation | whether it reads or writes, and the reason |

use serde_json::Value;

use crate::spec::pointer;
use crate::spec::reference::SpecNode;

/// Rust name of a named schema, a property or an operation.
pub const NAME: &str = "x-rust-name";

/// Rust name of the type of an inline schema.
pub const TYPE_NAME: &str = "x-rust-type-name";

/// Rust names of an enumeration's values, by value.
pub const VARIANT_NAMES: &str = "x-rust-variant-names";

/// Marks a property whose value decides whether its object is of use.
pub const ESSENTIAL: &str = "x-rust-essential";

/// Effect of an operation, with the reason.
pub const EFFECT: &str = "x-rust-effect";

/// All extensions.
pub const ALL: [&str; 5] = [NAME, TYPE_NAME, VARIANT_NAMES, ESSENTIAL, EFFECT];

/// Finds the extensions for the generator in a document: their locations and names.
pub fn find(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(document, SpecNode::Object, &mut String::new(), &mut found);
    found
}

fn collect(
    value: &Value,
    node: SpecNode,
    location: &mut String,
    found: &mut Vec<(String, String)>,
) {
    let length = location.len();
    match value {
        _ if node == SpecNode::Data => {}
        Value::Object(object) => {
            for (key, child) in object {
                pointer::push(location, key);
                if node == SpecNode::Object && key.starts_with("x-rust-") {
                    found.push((location.clone(), key.clone()));
                }
                collect(child, node.child(key), location, found);
                location.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer::push(location, &index.to_string());
                collect(item, node.item(), location, found);
                location.truncate(length);
            }
        }
        _ => {}
    }
}
