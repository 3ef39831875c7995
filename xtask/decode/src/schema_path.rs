//! Generalizes JSON pointers into responses by means of the OpenAPI fragment.
//!
//! Decode issues are reported with concrete pointers, which contain array indices and map keys such
//! as device UUIDs. Issues can be counted by property only after these are replaced by `*`, and only
//! the schema tells a map's key from a property's name.

use serde_json::Value;

/// The document from which the types are generated.
const FRAGMENT: &str = include_str!("../../../openapi/get-clip-with-progress.json");

/// Maximum length of a chain of references, which terminates cyclic ones. Chosen: far longer than any
/// chain in the fragment; not tuned.
const MAX_REF_HOPS: usize = 32;

/// JSON pointer to the response schema in the fragment.
const RESPONSE_SCHEMA: &str =
    "/paths/~1api~1event~1getClipWithProgress/post/responses/200/content/application~1json/schema";

/// Resolver for JSON pointers into responses.
#[derive(Debug)]
pub(crate) struct SchemaPaths {
    document: Value,
}

impl SchemaPaths {
    pub(crate) fn new() -> Self {
        // Without a valid document, pointers are returned unchanged.
        let document = serde_json::from_str(FRAGMENT).unwrap_or_default();
        Self { document }
    }

    /// Replaces array indices and map keys in a pointer with `*`.
    pub(crate) fn generalize(&self, pointer: &str) -> String {
        let mut schema = self.document.pointer(RESPONSE_SCHEMA);
        let segments = pointer.split('/').skip(1);
        let generalized = segments.map(|segment| {
            let parent = schema.take().and_then(|schema| self.resolve(schema));
            let property = parent.and_then(|parent| {
                let name = segment.replace("~1", "/").replace("~0", "~");
                parent.get("properties")?.get(name)
            });
            let element = parent.and_then(|parent| {
                let map_value = || parent.get("additionalProperties");
                parent.get("items").or_else(map_value)
            });
            schema = property.or(element);
            match (property, element) {
                (None, Some(_)) => "/*".to_owned(),
                _ => format!("/{segment}"),
            }
        });
        generalized.collect()
    }

    /// Follows references and single-item `allOf` wrappers.
    fn resolve<'d>(&'d self, mut schema: &'d Value) -> Option<&'d Value> {
        for _ in 0..MAX_REF_HOPS {
            let part = schema.pointer("/allOf/0").unwrap_or(schema);
            let Some(reference) = part.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            schema = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }
}
