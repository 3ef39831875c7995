//! Objects: known properties, and everything else.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Degraded, Found, Insisting, Place, Reader, Tolerant};

/// A generated type, which knows its properties.
pub(crate) trait Object: Default {
    /// What the service calls the properties.
    const NAMES: &'static [&'static str];

    /// Reads the property that has this index in [`NAMES`](Self::NAMES).
    fn read<'de, A: MapAccess<'de>>(
        &mut self,
        index: usize,
        property: Property<'_, A>,
    ) -> Result<(), A::Error>;

    /// Where a property goes that is not in [`NAMES`](Self::NAMES).
    fn extra(&mut self) -> &mut Map<String, Value>;
}

impl<T: Object> Tolerant for T {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        mut object: A,
        of: &Place<'_>,
        degraded: &mut Vec<Degraded>,
    ) -> Result<Found<Self>, A::Error> {
        let mut read = Self::default();
        let mut next = 0;
        while let Some(key) = object.next_key_seed(KeyReader {
            names: T::NAMES,
            next,
        })? {
            match key {
                Key::Known(index) => {
                    next = index + 1;
                    let place = Place::Property {
                        of,
                        name: T::NAMES[index],
                    };
                    read.read(
                        index,
                        Property {
                            object: &mut object,
                            place,
                            degraded,
                        },
                    )?;
                }
                Key::Unknown(name) => {
                    read.extra().insert(name, object.next_value()?);
                }
            }
        }
        Ok(Found::Fitting(read))
    }
}

/// The value of a property that is about to be read.
pub(crate) struct Property<'p, A> {
    object: &'p mut A,
    place: Place<'p>,
    degraded: &'p mut Vec<Degraded>,
}

impl<'de, A: MapAccess<'de>> Property<'_, A> {
    /// What fits; an odd value goes to `extra` and is reported.
    pub(crate) fn or_degraded<T: Tolerant>(
        self,
        extra: &mut Map<String, Value>,
    ) -> Result<Option<T>, A::Error> {
        match self
            .object
            .next_value_seed(Reader::new(&self.place, self.degraded))?
        {
            Found::Null => Ok(None),
            Found::Fitting(value) => Ok(Some(value)),
            Found::Odd(odd) => {
                if let Place::Property { name, .. } = self.place {
                    extra.insert(name.to_owned(), odd.value);
                }
                self.degraded.push(Degraded {
                    pointer: self.place.to_string(),
                    reason: odd.reason,
                });
                Ok(None)
            }
        }
    }

    /// What fits; an odd value is an error, for the object says nothing without it.
    pub(crate) fn or_fail<T: Tolerant>(self) -> Result<Option<T>, A::Error> {
        self.object
            .next_value_seed(Insisting(Reader::new(&self.place, self.degraded)))
    }
}

enum Key {
    Known(usize),
    Unknown(String),
}

/// Finds a key among the names, from where the key before was found: the service sends its
/// properties in the order of the names.
struct KeyReader {
    names: &'static [&'static str],
    next: usize,
}

impl<'de> DeserializeSeed<'de> for KeyReader {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KeyReader {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property's name")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
        let from_next = self.next..self.names.len();
        let mut indices = from_next.chain(0..self.next.min(self.names.len()));
        Ok(match indices.find(|index| self.names[*index] == text) {
            Some(index) => Key::Known(index),
            None => Key::Unknown(text.to_owned()),
        })
    }
}
