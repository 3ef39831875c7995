//! Numbers in the form that they have without the switches of `serde_json`.
//!
//! Another crate of the program may enable features of `serde_json`, which apply to all of its users:
//! `arbitrary_precision` delivers numbers as text, in a map with a private key. What a response means
//! must not depend on that. The switch is recognized by its effect, once.

use std::fmt;
use std::sync::OnceLock;

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, Error, MapAccess};
use serde_json::Value;

/// Key under which numbers arrive as text.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Returns whether numbers are kept as text.
pub(super) fn are_numbers_text() -> bool {
    static ARE_TEXT: OnceLock<bool> = OnceLock::new();
    *ARE_TEXT.get_or_init(|| {
        let text = serde_json::from_str::<Value>("1.50").map(|number| number.to_string());
        text.is_ok_and(|text| text == "1.50")
    })
}

/// A number as it is decoded without `arbitrary_precision`.
pub(super) enum Parsed {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

/// Parses the text of a number.
pub(super) fn parse<E: Error>(text: &str) -> Result<Parsed, E> {
    // An integer has no negative zero.
    if text != "-0" {
        if let Ok(value) = text.parse() {
            return Ok(Parsed::Signed(value));
        }
        if let Ok(value) = text.parse() {
            return Ok(Parsed::Unsigned(value));
        }
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Parsed::Float(value)),
        _ => Err(out_of_range()),
    }
}

fn out_of_range<E: Error>() -> E {
    E::custom("number out of range")
}

/// What a map turned out to be.
pub(super) enum MapOrNumber<A> {
    Map(Peeked<A>),
    Number(Parsed),
}

/// Reads the first key of a map, and the number if it is one.
pub(super) fn peek<'de, A: MapAccess<'de>>(mut map: A) -> Result<MapOrNumber<A>, A::Error> {
    let first = map.next_key::<String>()?;
    if first.as_deref() == Some(NUMBER_KEY) {
        let text: String = map.next_value()?;
        return parse(&text).map(MapOrNumber::Number);
    }
    Ok(MapOrNumber::Map(Peeked {
        is_empty: first.is_none(),
        first,
        rest: map,
    }))
}

/// A map whose first key was read.
pub(super) struct Peeked<A> {
    first: Option<String>,
    is_empty: bool,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Peeked<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(StringDeserializer::new(first)).map(Some),
            None if self.is_empty => Ok(None),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

impl<A> fmt::Debug for Peeked<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peeked")
    }
}
