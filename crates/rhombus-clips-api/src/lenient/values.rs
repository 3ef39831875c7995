//! Decoders of the values: booleans, numbers, strings, arrays, maps, and any JSON value.

use std::collections::BTreeMap;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, MapAccess, SeqAccess};
use serde_json::{Map, Value};

use super::canonical::{canonicalize, canonicalize_map};
use super::{Context, JsonPath, Lenient, Reader};

impl Lenient for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for i64 {
    const EXPECTED: &'static str = "a 64-bit integer";

    fn from_i64(value: i64) -> Option<Self> {
        Some(value)
    }

    fn from_f64(value: f64) -> Option<Self> {
        // 2^63 is the first integer above the range; -2^63 is within it.
        const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;
        let integer = value.trunc();
        (-TWO_POW_63..TWO_POW_63)
            .contains(&integer)
            .then_some(integer as Self)
    }
}

impl Lenient for f64 {
    const EXPECTED: &'static str = "a number";

    fn from_i64(value: i64) -> Option<Self> {
        Some(value as Self)
    }

    fn from_u64(value: u64) -> Option<Self> {
        Some(value as Self)
    }

    fn from_f64(value: f64) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for String {
    const EXPECTED: &'static str = "a string";

    #[inline]
    fn from_text(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

impl<T: Lenient> Lenient for Vec<Option<T>> {
    const EXPECTED: &'static str = "an array";

    fn from_array<'de, A: SeqAccess<'de>>(
        mut array: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let items = slot.insert(Self::new());
        let Context {
            path: parent,
            issues,
        } = context;
        loop {
            let mut item = None;
            let index = items.len();
            let path = JsonPath::Item { parent, index };
            let reader = Reader {
                slot: &mut item,
                context: &mut Context { path, issues },
            };
            if array.next_element_seed(reader)?.is_none() {
                return Ok(());
            }
            // An array has no `extra` to preserve the invalid value in.
            issues.take_invalid();
            items.push(item);
        }
    }
}

impl<T: Lenient> Lenient for BTreeMap<String, Option<T>> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        mut object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let values = slot.insert(Self::new());
        let Context {
            path: parent,
            issues,
        } = context;
        while let Some(key) = object.next_key::<String>()? {
            let mut value = None;
            let path = JsonPath::Property { parent, name: &key };
            object.next_value_seed(Reader {
                slot: &mut value,
                context: &mut Context { path, issues },
            })?;
            // A map has no `extra` to preserve the invalid value in.
            issues.take_invalid();
            values.insert(key, value);
        }
        Ok(())
    }
}

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
        let value = Self::deserialize(SeqAccessDeserializer::new(array))?;
        *slot = Some(canonicalize(value)?);
        Ok(())
    }

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        _: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let value = Self::deserialize(MapAccessDeserializer::new(object))?;
        *slot = Some(canonicalize(value)?);
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
        let map = Self::deserialize(MapAccessDeserializer::new(object))?;
        *slot = Some(canonicalize_map(map)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_decoded_without_its_fraction() {
        assert_eq!(i64::from_f64(75.0), Some(75));
        assert_eq!(i64::from_f64(33.5), Some(33));
        assert_eq!(i64::from_f64(-0.5), Some(0));
    }

    #[test]
    fn an_integer_beyond_64_bits_is_rejected() {
        assert_eq!(i64::from_f64(9.3e18), None);
        assert_eq!(i64::from_f64(-9_223_372_036_854_775_808.0), Some(i64::MIN));
        assert_eq!(i64::from_f64(f64::NAN), None);
        assert_eq!(i64::from_u64(u64::MAX), None);
    }
}
