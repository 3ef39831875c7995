//! Depth-first traversal of a JSON document.

use serde_json::Value;

use super::pointer::push;

/// Visits `value` and every value below it, with its JSON pointer. Parents come before children.
pub fn walk<'v>(value: &'v Value, pointer: &mut String, visit: &mut impl FnMut(&str, &'v Value)) {
    visit(pointer, value);
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                push(pointer, key);
                walk(child, pointer, visit);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                push(pointer, &index.to_string());
                walk(child, pointer, visit);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Visits `value` and every value below it mutably. Parents come before children.
pub fn walk_mut(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    visit(value);
    match value {
        Value::Object(map) => map.values_mut().for_each(|child| walk_mut(child, visit)),
        Value::Array(items) => items.iter_mut().for_each(|child| walk_mut(child, visit)),
        _ => {}
    }
}
