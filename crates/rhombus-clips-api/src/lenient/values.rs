//! Decoders of the values: booleans, numbers, strings, arrays and maps.

use std::collections::BTreeMap;

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::{Context, JsonPath, Lenient, Memory, Reader};

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
        array: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        read_items(array, context, slot.insert(Self::new()), |item| item)
    }
}

impl<T: Lenient> Lenient for BTreeMap<String, Option<T>> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let values = slot.insert(Self::new());
        read_entries(object, context, |memory, name, value| {
            let has_room = memory.reserve_entry::<Option<T>>(values.len());
            if has_room {
                values.insert(name, value);
            }
            has_room
        })
    }
}

/// Reads the items of an array, as far as there is room for them.
pub(super) fn read_items<'de, A: SeqAccess<'de>, T: Lenient, I>(
    mut array: A,
    context: &mut Context<'_>,
    items: &mut Vec<I>,
    convert: fn(Option<T>) -> I,
) -> Result<(), A::Error> {
    let Context {
        path: parent,
        session,
    } = context;
    loop {
        let mut item = None;
        let index = items.len();
        let path = JsonPath::Item { parent, index };
        let reader = Reader {
            slot: &mut item,
            context: &mut Context { path, session },
        };
        if array.next_element_seed(reader)?.is_none() {
            return Ok(());
        }
        // An array has no `extra` to preserve the invalid value in.
        session.issues.take_invalid();
        if !session.memory.reserve_item(items) {
            break;
        }
        items.push(convert(item));
    }
    let mut omitted: usize = 1;
    while array.next_element::<IgnoredAny>()?.is_some() {
        omitted = omitted.saturating_add(1);
    }
    session.issues.record_omitted(parent, omitted);
    Ok(())
}

/// Reads the entries of a map, as far as `insert` has room for them.
pub(super) fn read_entries<'de, A: MapAccess<'de>, T: Lenient>(
    mut object: A,
    context: &mut Context<'_>,
    mut insert: impl FnMut(&mut Memory, String, Option<T>) -> bool,
) -> Result<(), A::Error> {
    let Context {
        path: parent,
        session,
    } = context;
    loop {
        let Some(key) = object.next_key::<String>()? else {
            return Ok(());
        };
        session.memory.read_text(key.len());
        let mut value = None;
        let path = JsonPath::Property { parent, name: &key };
        object.next_value_seed(Reader {
            slot: &mut value,
            context: &mut Context { path, session },
        })?;
        // A map has no `extra` to preserve the invalid value in.
        session.issues.take_invalid();
        if !insert(&mut session.memory, key, value) {
            break;
        }
    }
    let mut omitted: usize = 1;
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
        omitted = omitted.saturating_add(1);
    }
    session.issues.record_omitted(parent, omitted);
    Ok(())
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
