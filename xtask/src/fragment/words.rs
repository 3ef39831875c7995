//! Our own words: a description that we wrote stays where what it describes is still there.
//!
//! They stay beside a `$ref` too, where OpenAPI 3.0 gives them no meaning: they are there for
//! people, and for the generator.

use serde_json::{Map, Value};

use crate::spec::node::SpecNode;
use crate::spec::pointer;

/// What in a document is prose.
const WORDS: [&str; 2] = ["description", "summary"];

/// The places of a fragment that lack words of our own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wordless {
    /// Where the words are the service's.
    pub theirs: Vec<String>,
    /// The schemas and properties that nobody describes.
    pub nobodys: Vec<String>,
}

/// Puts the words of `ours` at the same places of `theirs`, and tells where there were none.
///
/// The same place is the same JSON pointer, except in lists of things that have a name: a
/// parameter, a server or a tag is the same wherever it stands.
pub fn keep(ours: &Value, theirs: &mut Value) -> Wordless {
    let mut wordless = Wordless::default();
    visit(
        Some(ours),
        theirs,
        SpecNode::Object,
        &mut String::new(),
        &mut wordless,
    );
    wordless.theirs.sort();
    wordless.nobodys.sort();
    wordless
}

fn visit(
    ours: Option<&Value>,
    theirs: &mut Value,
    place: SpecNode,
    at: &mut String,
    wordless: &mut Wordless,
) {
    let length = at.len();
    match theirs {
        _ if place == SpecNode::Data => {}
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let ours = counterpart(ours, item, index);
                pointer::push(at, &index.to_string());
                visit(ours, item, place.item(), at, wordless);
                at.truncate(length);
            }
        }
        Value::Object(object) => {
            if place == SpecNode::Object {
                reword(ours, object, at, wordless);
            }
            for (key, child) in object {
                let below = place.child(key);
                pointer::push(at, key);
                visit(
                    ours.and_then(|ours| ours.get(key)),
                    child,
                    below,
                    at,
                    wordless,
                );
                let described = key == "properties" || key == "schemas";
                if described && place == SpecNode::Object {
                    wordless.nobodys.extend(undescribed(child, at));
                }
                at.truncate(length);
            }
        }
        _ => {}
    }
}

fn reword(
    ours: Option<&Value>,
    theirs: &mut Map<String, Value>,
    at: &str,
    wordless: &mut Wordless,
) {
    for key in WORDS {
        match ours.and_then(|ours| ours.get(key)) {
            Some(Value::String(words)) => {
                theirs.insert(key.to_owned(), Value::String(words.clone()));
            }
            _ if theirs.get(key).is_some_and(Value::is_string) => {
                wordless.theirs.push(pointer::join(at, key));
            }
            _ => {}
        }
    }
}

/// What in our list is the same thing as an item of theirs.
fn counterpart<'v>(ours: Option<&'v Value>, theirs: &Value, index: usize) -> Option<&'v Value> {
    let ours = ours?.as_array()?;
    match identity(theirs) {
        None => ours.get(index).filter(|ours| identity(ours).is_none()),
        identified => ours.iter().find(|ours| identity(ours) == identified),
    }
}

fn identity(item: &Value) -> Option<(&Value, Option<&Value>)> {
    let key = ["$ref", "url", "name"]
        .into_iter()
        .find_map(|key| item.get(key))?;
    Some((key, item.get("in")))
}

fn undescribed<'v>(names: &'v Value, at: &'v str) -> impl Iterator<Item = String> + 'v {
    let names = names.as_object().into_iter().flatten();
    names
        .filter(|(_, value)| value.is_object() && value.get("description").is_none())
        .map(move |(name, _)| pointer::join(at, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kept(ours: Value, mut theirs: Value) -> (Value, Wordless) {
        let wordless = keep(&ours, &mut theirs);
        (theirs, wordless)
    }

    #[test]
    fn our_words_win_and_the_rest_is_theirs() {
        let (kept, wordless) = kept(
            json!({ "info": { "title": "Old", "description": "Ours." } }),
            json!({ "info": { "title": "New", "description": "Theirs.", "summary": "Theirs." } }),
        );
        assert_eq!(
            kept,
            json!({ "info": { "title": "New", "description": "Ours.", "summary": "Theirs." } })
        );
        assert_eq!(wordless.theirs, ["/info/summary"]);
    }

    #[test]
    fn words_beside_a_reference_stay() {
        let (kept, wordless) = kept(
            json!({ "properties": { "a": { "$ref": "#/x", "description": "Ours." } } }),
            json!({ "properties": { "a": { "$ref": "#/y" }, "b": { "$ref": "#/y" } } }),
        );
        assert_eq!(kept["properties"]["a"]["description"], "Ours.");
        assert_eq!(kept["properties"]["a"]["$ref"], "#/y");
        assert_eq!(wordless.nobodys, ["/properties/b"]);
    }

    #[test]
    fn what_is_gone_takes_its_words_along() {
        let ours = json!({ "properties": { "a": { "description": "Ours." } } });
        let (kept, wordless) = kept(ours, json!({ "properties": {} }));
        assert_eq!(kept, json!({ "properties": {} }));
        assert_eq!(wordless, Wordless::default());
    }

    #[test]
    fn data_and_names_are_not_words() {
        let ours = json!({
            "example": { "description": "Ours." },
            "properties": { "description": { "type": "string", "description": "Ours." } },
        });
        let theirs = json!({
            "example": { "description": "Data." },
            "properties": { "description": { "type": "string", "description": "Theirs." } },
        });
        let (kept, wordless) = kept(ours, theirs);
        assert_eq!(kept["example"]["description"], "Data.");
        assert_eq!(kept["properties"]["description"]["description"], "Ours.");
        assert_eq!(wordless, Wordless::default());
    }

    #[test]
    fn named_things_keep_their_words_when_their_order_changes() {
        let (kept, wordless) = kept(
            json!({ "tags": [{ "name": "A", "description": "Ours." }], "servers": [{ "url": "u" }] }),
            json!({
                "tags": [{ "name": "B", "description": "Theirs." }, { "name": "A" }],
                "servers": [{ "url": "v", "description": "Theirs." }],
            }),
        );
        assert_eq!(
            kept["tags"][1],
            json!({ "name": "A", "description": "Ours." })
        );
        assert_eq!(kept["tags"][0]["description"], "Theirs.");
        assert_eq!(
            wordless.theirs,
            ["/servers/0/description", "/tags/0/description"]
        );
    }
}
