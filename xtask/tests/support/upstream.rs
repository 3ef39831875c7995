//! The service's whole document as it may be: the operations of the fragment in the service's
//! own words, among any number of others. The same numbers give the same document.

use serde_json::{Map, Value, json};

/// The fragment as the service says it: without a word of ours.
pub(crate) fn in_their_words() -> Value {
    let mut document = super::fragment();
    reword(&mut document);
    document
}

/// A document of some thousand operations and their schemas, which refer to each other freely,
/// round in circles too; the fragment's are the same as in the fragment.
pub(crate) fn whole(operations: usize, schemas: usize) -> Value {
    let mut document = in_their_words();
    let mut dice = Dice(7);
    let names: Vec<String> = (0..schemas)
        .map(|n| format!("Area{}_Some{n}WSType", n % 40))
        .collect();
    let all = entries(&mut document, "/components/schemas");
    for name in &names {
        all.insert(name.clone(), schema(&names, &mut dice));
    }
    // Nothing of it is of use, and none of it may get in the way.
    all.insert("Broken".to_owned(), reference("Gone"));
    let paths = entries(&mut document, "/paths");
    for n in 0..operations {
        let item = json!({ "post": operation(n, &names, &mut dice) });
        paths.insert(format!("/api/area{}/some{n}", n % 40), item);
    }
    document
}

fn operation(n: usize, names: &[String], dice: &mut Dice) -> Value {
    json!({
        "operationId": format!("some{n}"),
        "summary": "Some other thing that the service does",
        "description": "More about some other thing that the service does, at some length.",
        "tags": [format!("Area{} Webservice", n % 40)],
        "parameters": [{ "$ref": "#/components/parameters/XAuthSchemeParam" }],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": reference(dice.pick(names)),
        } } },
        "responses": { "200": { "description": "OK", "content": { "application/json": {
            "schema": reference(dice.pick(names)),
        } } } },
    })
}

fn schema(names: &[String], dice: &mut Dice) -> Value {
    const WORDS: &str = "What the service says about it, in a sentence of the usual length.";
    if dice.below(8) == 0 {
        let values: Vec<String> = (0..3 + dice.below(30))
            .map(|n| format!("VALUE_{n}"))
            .collect();
        return json!({ "type": "string", "enum": values, "description": WORDS });
    }
    let mut properties = Map::new();
    for n in 0..3 + dice.below(25) {
        let property = match dice.below(6) {
            0 => reference(dice.pick(names)),
            1 => json!({ "type": "array", "nullable": true, "items": reference(dice.pick(names)) }),
            2 => json!({ "type": "object", "additionalProperties": reference(dice.pick(names)) }),
            3 => json!({ "type": "integer", "format": "int64", "nullable": true }),
            4 => json!({ "type": "boolean", "nullable": true, "description": WORDS }),
            _ => json!({ "type": "string", "format": "RUUID", "nullable": true, "example": "AA" }),
        };
        properties.insert(format!("someProperty{n}"), property);
    }
    json!({ "type": "object", "properties": properties, "description": WORDS })
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

/// Drops our words; where the specification demands some, they become the service's.
fn reword(value: &mut Value) {
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
            object.values_mut().for_each(reword);
        }
        Value::Array(items) => items.iter_mut().for_each(reword),
        _ => {}
    }
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
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
