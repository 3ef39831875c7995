//! Synthetic upstream documents: the fragment's operations with upstream descriptions, among any
//! number of other operations. The same arguments produce the same document.

use serde_json::{Map, Value, json};

/// Creates the fragment as upstream publishes it, without the descriptions written here.
pub(crate) fn fragment_only() -> Value {
    let mut document = super::fragment();
    strip_descriptions(&mut document);
    document
}

/// Creates a document with the fragment's operations and schemas, plus the given numbers of others.
///
/// The additional schemas reference each other at random, including cycles.
pub(crate) fn document(operations: usize, schemas: usize) -> Value {
    let mut document = fragment_only();
    let mut rng = Lcg(7);
    let names: Vec<String> = (0..schemas)
        .map(|n| format!("Area{}_Some{n}WSType", n % 40))
        .collect();
    let all = entries(&mut document, "/components/schemas");
    for name in &names {
        all.insert(name.clone(), schema(&names, &mut rng));
    }
    // A broken schema that is unreachable from the fragment must not cause an error.
    all.insert("Broken".to_owned(), reference("Gone"));
    let paths = entries(&mut document, "/paths");
    for n in 0..operations {
        let item = json!({ "post": operation(n, &names, &mut rng) });
        paths.insert(format!("/api/area{}/some{n}", n % 40), item);
    }
    document
}

fn operation(n: usize, names: &[String], rng: &mut Lcg) -> Value {
    json!({
        "operationId": format!("some{n}"),
        "summary": "An unrelated operation",
        "description": "A description of an unrelated operation, of typical length.",
        "tags": [format!("Area{} Webservice", n % 40)],
        "parameters": [{ "$ref": "#/components/parameters/XAuthSchemeParam" }],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": reference(rng.pick(names)),
        } } },
        "responses": { "200": { "description": "OK", "content": { "application/json": {
            "schema": reference(rng.pick(names)),
        } } } },
    })
}

fn schema(names: &[String], rng: &mut Lcg) -> Value {
    const DESCRIPTION: &str = "An upstream description in a sentence of typical length.";
    if rng.below(8) == 0 {
        let values: Vec<String> = (0..3 + rng.below(30))
            .map(|n| format!("VALUE_{n}"))
            .collect();
        return json!({ "type": "string", "enum": values, "description": DESCRIPTION });
    }
    let mut properties = Map::new();
    for n in 0..3 + rng.below(25) {
        let property = match rng.below(6) {
            0 => reference(rng.pick(names)),
            1 => json!({ "type": "array", "nullable": true, "items": reference(rng.pick(names)) }),
            2 => json!({ "type": "object", "additionalProperties": reference(rng.pick(names)) }),
            3 => json!({ "type": "integer", "format": "int64", "nullable": true }),
            4 => json!({ "type": "boolean", "nullable": true, "description": DESCRIPTION }),
            _ => json!({ "type": "string", "format": "RUUID", "nullable": true, "example": "AA" }),
        };
        properties.insert(format!("someProperty{n}"), property);
    }
    json!({ "type": "object", "properties": properties, "description": DESCRIPTION })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn entries<'d>(document: &'d mut Value, pointer: &str) -> &'d mut Map<String, Value> {
    document
        .pointer_mut(pointer)
        .unwrap()
        .as_object_mut()
        .unwrap()
}

/// Removes descriptions; those required by the specification are replaced.
fn strip_descriptions(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let is_response = object.contains_key("content");
            for key in ["description", "summary"] {
                if object.get(key).is_some_and(Value::is_string) {
                    object.remove(key);
                }
            }
            if is_response {
                object.insert("description".to_owned(), json!("OK"));
            }
            object.values_mut().for_each(strip_descriptions);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_descriptions),
        _ => {}
    }
}

/// Linear congruential generator with a fixed seed; the multiplier and increment are Knuth's MMIX.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<'n>(&mut self, names: &'n [String]) -> &'n str {
        let index = self.below(names.len() as u64);
        &names[usize::try_from(index).unwrap()]
    }
}
