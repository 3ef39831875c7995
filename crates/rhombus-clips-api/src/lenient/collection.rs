//! Arrays and maps. Any item or value may be null.

use std::collections::BTreeMap;

use serde::de::{MapAccess, SeqAccess};

use super::{Context, JsonPath, Lenient, Reader};

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
