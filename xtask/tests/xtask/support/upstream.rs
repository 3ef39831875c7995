//! Synthetic upstream documents: the fragment's operations with upstream descriptions, among any
//! number of other operations. The same arguments produce the same document.

use serde_json::{Map, Value, json};

/// Creates the fragment as upstream publishes it, without the descriptions written here.
pub(crate) fn fragment_only() -> Value {
    let mut document = super::fragment();
    strip_descriptions(&mut document);
    document
}

/// Creates a document with the fragment's operations and schemas, plus the given numbers of others, all
/// of which may refer to each other.
pub(crate) fn document(operations: usize, schemas: usize) -> Value {
    document_in_groups(operations, schemas, schemas)
}

/// Creates a document with the fragment's operations and schemas, plus the given numbers of others.
///
/// Each operation has a request and a response of its own, as far as there are schemas; the others are
/// shared. One request in three refers to them. They refer to others of the same group, and to the last
/// group. Their shapes have the proportions of the service's document.
pub(crate) fn document_in_groups(operations: usize, schemas: usize, group: usize) -> Value {
    let mut document = fragment_only();
    let mut rng = Lcg(7);
    let names: Vec<String> = (0..schemas)
        .map(|n| format!("Area{}_Some{n}WSType", n % 40))
        .collect();
    let own = 2 * operations;
    let own = if own < schemas { own } else { 0 };
    let shared = Shared {
        names: &names[own..],
        group,
    };
    let all = entries(&mut document, "/components/schemas");
    for (n, name) in names.iter().enumerate() {
        let schema = match n.checked_sub(own) {
            None if n % 2 == 0 && n % 3 != 0 => flat_object(&mut rng),
            None => object(n % shared.names.len(), shared, &mut rng),
            Some(index) if index % BASE_INTERVAL == 0 => object(index, shared, &mut rng),
            Some(index) => schema(index, shared, &mut rng),
        };
        all.insert(name.clone(), schema);
    }
    // A broken schema that is unreachable from the fragment must not cause an error.
    all.insert("Broken".to_owned(), reference("Gone"));
    let paths = entries(&mut document, "/paths");
    for n in 0..operations {
        let types = match names.get(2 * n..2 * n + 2) {
            Some([request, response]) => [request.as_str(), response],
            _ => [rng.pick(&names), rng.pick(&names)],
        };
        let item = json!({ "post": operation(n, types) });
        paths.insert(format!("/api/area{}/some{n}", n % 40), item);
    }
    document
}

fn operation(n: usize, [request, response]: [&str; 2]) -> Value {
    json!({
        "operationId": format!("some{n}"),
        "summary": "An unrelated operation",
        "description": "A description of an unrelated operation, of typical length.",
        "tags": [format!("Area{} Webservice", n % 40)],
        "parameters": [{ "$ref": "#/components/parameters/XAuthSchemeParam" }],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": reference(request),
        } } },
        "responses": { "200": { "description": "OK", "content": { "application/json": {
            "schema": reference(response),
        } } } },
    })
}

const DESCRIPTION: &str = "An upstream description in a sentence of typical length.";

/// Every so many shared schemas one is a plain object, which compositions are built from.
const BASE_INTERVAL: usize = 10;

/// Names of the shared schemas, and how many of them form a group.
#[derive(Clone, Copy)]
struct Shared<'n> {
    names: &'n [String],
    group: usize,
}

impl<'n> Shared<'n> {
    /// Picks a schema for a reference from the one at an index: mostly one that follows, and now and then
    /// any of the group, which makes cycles.
    fn pick(self, index: usize, rng: &mut Lcg) -> &'n str {
        let last = self.names.len().saturating_sub(self.group);
        let start = index - index % self.group;
        let end = self.names.len().min(start + self.group);
        let candidates = match rng.below(60) {
            0 => start..end,
            1..10 if start < last => last..self.names.len(),
            _ if index + 1 < end => index + 1..end,
            _ => last..self.names.len(),
        };
        rng.pick(&self.names[candidates])
    }

    /// Picks a plain object of the last group.
    fn pick_base(self, rng: &mut Lcg) -> &'n str {
        let bases = self.names.iter().step_by(BASE_INTERVAL);
        let last = bases.skip(self.names.len().saturating_sub(self.group) / BASE_INTERVAL);
        let last: Vec<&'n String> = last.collect();
        let index = rng.below(last.len() as u64);
        last[usize::try_from(index).unwrap()]
    }
}

/// Creates a shared schema. A document of 1,000 operations and 3,500 schemas has the compositions of the
/// service's: 228 nullable objects, 158 `allOf`, 28 `oneOf`, and 35 discriminators.
fn schema(index: usize, shared: Shared<'_>, rng: &mut Lcg) -> Value {
    match rng.below(200) {
        0..25 => enumeration(30, rng),
        25..49 => json!({
            "type": "object",
            "allOf": [reference(shared.pick_base(rng)), object(index, shared, rng)],
        }),
        49..53 => json!({
            "type": "object",
            "discriminator": { "propertyName": "type" },
            "oneOf": [reference(shared.pick_base(rng)), reference(shared.pick_base(rng))],
            "properties": { "type": { "type": "string" } },
        }),
        53..87 => {
            let mut object = object(index, shared, rng);
            object["nullable"] = json!(true);
            object
        }
        87 => {
            let mut object = object(index, shared, rng);
            object["discriminator"] = json!({ "propertyName": "someProperty0" });
            object
        }
        _ => object(index, shared, rng),
    }
}

fn enumeration(max_values: u64, rng: &mut Lcg) -> Value {
    let values: Vec<String> = (0..3 + rng.below(max_values))
        .map(|n| format!("VALUE_{n}"))
        .collect();
    json!({ "type": "string", "enum": values, "nullable": true, "description": DESCRIPTION })
}

fn object(index: usize, shared: Shared<'_>, rng: &mut Lcg) -> Value {
    let mut properties = Map::new();
    for n in 0..3 + rng.below(17) {
        let property = match rng.below(24) {
            0..4 => reference(shared.pick(index, rng)),
            4..7 => {
                let items = reference(shared.pick(index, rng));
                json!({ "type": "array", "nullable": true, "items": items })
            }
            7 => json!({
                "type": "object", "additionalProperties": reference(shared.pick(index, rng)),
            }),
            8 => json!({ "type": "object", "nullable": true, "additionalProperties": {
                "type": "array", "items": reference(shared.pick(index, rng)),
            } }),
            _ => scalar(rng),
        };
        properties.insert(format!("someProperty{n}"), property);
    }
    json!({ "type": "object", "properties": properties, "description": DESCRIPTION })
}

fn flat_object(rng: &mut Lcg) -> Value {
    let properties = (0..1 + rng.below(5)).map(|n| (format!("someProperty{n}"), scalar(rng)));
    let properties: Map<String, Value> = properties.collect();
    json!({ "type": "object", "properties": properties, "description": DESCRIPTION })
}

fn scalar(rng: &mut Lcg) -> Value {
    match rng.below(64) {
        0 => enumeration(5, rng),
        1 => json!({ "type": "array", "items": enumeration(5, rng) }),
        2..6 => json!({ "type": "number", "format": "float", "nullable": true }),
        6..20 => json!({ "type": "integer", "format": "int64", "nullable": true }),
        20..32 => json!({ "type": "boolean", "nullable": true, "description": DESCRIPTION }),
        _ => json!({ "type": "string", "format": "RUUID", "nullable": true, "example": "AA" }),
    }
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
