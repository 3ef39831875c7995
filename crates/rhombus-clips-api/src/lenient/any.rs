//! Properties of arbitrary JSON: the document gives them no type, or no properties.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, MapAccess, SeqAccess};
use serde_json::{Map, Value};

use super::{Context, Lenient};

impl Lenient for Value {
    const EXPECTED: &'static str = "any value";

    fn from_bool(value: bool) -> Option<Self> {
        Some(value.into())
    }

    fn from_i64(value: i64) -> Option<Self> {
        Some(value.into())
    }

    fn from_u64(value: u64) -> Option<Self> {
        Some(value.into())
    }

    fn from_f64(value: f64) -> Option<Self> {
        Some(value.into())
    }

    fn from_text(value: &str) -> Option<Self> {
        Some(value.into())
    }

    fn from_array<'de, A: SeqAccess<'de>>(
        array: A,
        slot: &mut Option<Self>,
        _: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = Some(Self::deserialize(SeqAccessDeserializer::new(array))?);
        Ok(())
    }

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        _: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = Some(Self::deserialize(MapAccessDeserializer::new(object))?);
        Ok(())
    }
}

impl Lenient for Map<String, Value> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        _: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = Some(Self::deserialize(MapAccessDeserializer::new(object))?);
        Ok(())
    }
}
