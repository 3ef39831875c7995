//! Places in answers, as the service's document knows them.

use serde_json::Value;

/// The document that the generated types are made of.
const FRAGMENT: &str = include_str!("../../../openapi/get-clip-with-progress.json");

const ANSWER: &str =
    "/paths/~1api~1event~1getClipWithProgress/post/responses/200/content/application~1json/schema";

/// The schemas of answers.
#[derive(Debug)]
pub(crate) struct Places {
    document: Value,
}

impl Places {
    pub(crate) fn new() -> Self {
        // What cannot be read knows no place, and every pointer stays as it is.
        let document = serde_json::from_str(FRAGMENT).unwrap_or_default();
        Self { document }
    }

    /// The pointer with `*` for the items of arrays and the keys of maps, so that they count
    /// together.
    pub(crate) fn general(&self, pointer: &str) -> String {
        let mut schema = self.document.pointer(ANSWER);
        let segments = pointer.split('/').skip(1);
        let general = segments.map(|segment| {
            let around = schema.take().and_then(|schema| self.resolved(schema));
            let property = around.and_then(|around| {
                let name = segment.replace("~1", "/").replace("~0", "~");
                around.get("properties")?.get(name)
            });
            let any = around.and_then(|around| {
                let map = || around.get("additionalProperties");
                around.get("items").or_else(map)
            });
            schema = property.or(any);
            match (property, any) {
                (None, Some(_)) => "/*".to_owned(),
                _ => format!("/{segment}"),
            }
        });
        general.collect()
    }

    /// The schema itself, where it refers to another.
    fn resolved<'d>(&'d self, mut schema: &'d Value) -> Option<&'d Value> {
        // References that go round in a circle lead nowhere.
        for _ in 0..32 {
            let part = schema.pointer("/allOf/0").unwrap_or(schema);
            let Some(reference) = part.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            schema = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }
}
