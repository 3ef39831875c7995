//! Arrays and maps, any item of which may be null.

use std::collections::BTreeMap;

use serde::de::{MapAccess, SeqAccess};

use super::{Context, Place, Reader, Tolerant};

impl<T: Tolerant> Tolerant for Vec<Option<T>> {
    const EXPECTED: &'static str = "an array";

    fn from_array<'de, A: SeqAccess<'de>>(
        mut array: A,
        slot: &mut Option<Self>,
        of: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let items = slot.insert(Self::new());
        let Context { place: of, report } = of;
        loop {
            let mut item = None;
            let index = items.len();
            let place = Place::Item { of, index };
            let reader = Reader {
                slot: &mut item,
                context: &mut Context { place, report },
            };
            if array.next_element_seed(reader)?.is_none() {
                return Ok(());
            }
            // Among items there is no room for what does not fit.
            report.take_odd();
            items.push(item);
        }
    }
}

impl<T: Tolerant> Tolerant for BTreeMap<String, Option<T>> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        mut object: A,
        slot: &mut Option<Self>,
        of: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let values = slot.insert(Self::new());
        let Context { place: of, report } = of;
        while let Some(key) = object.next_key::<String>()? {
            let mut value = None;
            let place = Place::Property { of, name: &key };
            object.next_value_seed(Reader {
                slot: &mut value,
                context: &mut Context { place, report },
            })?;
            // Among values there is no room for what does not fit.
            report.take_odd();
            values.insert(key, value);
        }
        Ok(())
    }
}
