//! Reading JSON documents, and their canonical form.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

/// Reads a JSON document; an error names the line and column.
pub fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::new(path, format!("not readable: {e}")))?;
    serde_json::from_str(&text).map_err(|e| Error::new(path, format!("not JSON: {e}")))
}

/// Reads a JSON value as a type; an error names the JSON pointer.
pub fn interpret<T: DeserializeOwned>(path: &Path, value: &Value) -> Result<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|e| Error::at(path, pointer_to(e.path()), e.into_inner().to_string()))
}

/// The one text a document has: keys in order, two spaces, a newline at the end.
pub fn canonical(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    format!("{sorted:#}\n")
}

/// Every reference leads somewhere; the first that does not is the error.
pub fn check_references(path: &Path, document: &Value) -> Result<()> {
    let mut broken = None;
    walk(document, &mut String::new(), &mut |pointer, value| {
        let Some(reference) = value.get("$ref") else {
            return;
        };
        let target = reference.as_str().and_then(|r| r.strip_prefix('#'));
        if broken.is_none() && target.and_then(|t| document.pointer(t)).is_none() {
            broken = Some((format!("{pointer}/$ref"), reference.clone()));
        }
    });
    match broken {
        None => Ok(()),
        Some((pointer, reference)) => Err(Error::at(
            path,
            pointer,
            format!("the reference {reference} leads nowhere"),
        )),
    }
}

/// Visits every value below and including `value` with its JSON pointer.
pub fn walk<'v>(value: &'v Value, pointer: &mut String, visit: &mut impl FnMut(&str, &'v Value)) {
    visit(pointer, value);
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                push_segment(pointer, key);
                walk(child, pointer, visit);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                push_segment(pointer, &index.to_string());
                walk(child, pointer, visit);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Visits every value below and including `value`, innermost last, and may change it.
pub fn walk_mut(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    visit(value);
    match value {
        Value::Object(map) => map.values_mut().for_each(|child| walk_mut(child, visit)),
        Value::Array(items) => items.iter_mut().for_each(|child| walk_mut(child, visit)),
        _ => {}
    }
}

fn pointer_to(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push_segment(&mut pointer, &index.to_string()),
            Segment::Map { key } => push_segment(&mut pointer, key),
            Segment::Enum { variant } => push_segment(&mut pointer, variant),
            Segment::Unknown => push_segment(&mut pointer, "?"),
        }
    }
    pointer
}

fn push_segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_form_does_not_depend_on_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"b":{"d":1,"c":[2]},"a":null}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":null,"b":{"c":[2],"d":1}}"#).unwrap();
        assert_eq!(canonical(&one), canonical(&other));
        assert!(canonical(&one).ends_with("}\n"));
    }

    #[test]
    fn a_reference_that_leads_nowhere_is_named_by_its_pointer() {
        let document = json!({"a/b": [{"$ref": "#/components/schemas/Gone"}], "components": {}});
        let error = check_references(Path::new("x.json"), &document).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /a~1b/0/$ref: the reference \"#/components/schemas/Gone\" leads nowhere"
        );
    }
}
