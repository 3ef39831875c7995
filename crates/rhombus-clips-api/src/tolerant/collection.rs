//! Arrays and maps, any item of which may be null.

use std::collections::BTreeMap;

use serde::de::{MapAccess, SeqAccess};

use super::{Degraded, Found, Place, Reader, Tolerant};

impl<T: Tolerant> Tolerant for Vec<Option<T>> {
    const EXPECTED: &'static str = "an array";

    fn from_array<'de, A: SeqAccess<'de>>(
        mut array: A,
        of: &Place<'_>,
        degraded: &mut Vec<Degraded>,
    ) -> Result<Found<Self>, A::Error> {
        let mut items = Self::new();
        loop {
            let place = Place::Item {
                of,
                index: items.len(),
            };
            match array.next_element_seed(Reader::new(&place, degraded))? {
                Some(found) => items.push(found.or_degraded(&place, degraded)),
                None => return Ok(Found::Fitting(items)),
            }
        }
    }
}

impl<T: Tolerant> Tolerant for BTreeMap<String, Option<T>> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        mut object: A,
        of: &Place<'_>,
        degraded: &mut Vec<Degraded>,
    ) -> Result<Found<Self>, A::Error> {
        let mut values = Self::new();
        while let Some(key) = object.next_key::<String>()? {
            let place = Place::Property { of, name: &key };
            let found = object.next_value_seed(Reader::new(&place, degraded))?;
            let value = found.or_degraded(&place, degraded);
            values.insert(key, value);
        }
        Ok(Found::Fitting(values))
    }
}

impl<T> Found<T> {
    /// What fits; anything else is null from here on, and reported.
    fn or_degraded(self, place: &Place<'_>, degraded: &mut Vec<Degraded>) -> Option<T> {
        match self {
            Self::Null => None,
            Self::Fitting(value) => Some(value),
            Self::Odd(odd) => {
                degraded.push(Degraded {
                    pointer: place.to_string(),
                    reason: odd.reason,
                });
                None
            }
        }
    }
}
