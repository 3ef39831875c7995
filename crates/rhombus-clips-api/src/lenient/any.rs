//! Decoders of any JSON value, for unknown properties and values of an unexpected type.
//!
//! A value has the form that it has without the switches of `serde_json`: properties are sorted, and
//! numbers have 64 bits or double precision.

use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Value};

use super::values::{read_entries, read_items};
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
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let mut items = Vec::new();
        read_items(array, context, &mut items, Option::unwrap_or_default)?;
        *slot = Some(Self::Array(items));
        Ok(())
    }

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let mut map = None;
        Map::from_object(object, &mut map, context)?;
        *slot = map.map(Self::Object);
        Ok(())
    }
}

impl Lenient for Map<String, Value> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let map = slot.insert(Self::new());
        read_entries(object, context, |memory, name, value| {
            let has_room = memory.reserve_property(map.len());
            if has_room {
                map.insert(name, Option::unwrap_or_default(value));
            }
            has_room
        })?;
        // `serde_json` may preserve the order of insertion.
        map.sort_keys();
        Ok(())
    }
}
