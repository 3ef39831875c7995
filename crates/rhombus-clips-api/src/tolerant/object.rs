//! Objects: known properties, and everything else.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Insisting, Place, Reader, Report, Tolerant};

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

    /// Where a property goes that is not in [`NAMES`](Self::NAMES), or does not fit.
    fn extra(&mut self) -> &mut Map<String, Value>;
}

impl<T: Object> Tolerant for T {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        mut object: A,
        slot: &mut Option<Self>,
        of: &Place<'_>,
        report: &mut Report,
    ) -> Result<(), A::Error> {
        let read = slot.insert(Self::default());
        let mut next = 0;
        while let Some(key) = object.next_key_seed(KeyReader {
            names: T::NAMES,
            next,
        })? {
            match key {
                Key::Known(index) => {
                    next = index + 1;
                    let name = T::NAMES[index];
                    let place = Place::Property { of, name };
                    read.read(
                        index,
                        Property {
                            object: &mut object,
                            place: &place,
                            report,
                        },
                    )?;
                    if let Some(odd) = report.take_odd() {
                        read.extra().insert(name.to_owned(), *odd);
                    } else if !read.extra().is_empty() {
                        // Of a property that is there twice, the last one counts.
                        read.extra().remove(name);
                    }
                }
                Key::Unknown(name) => {
                    read.extra().insert(name, object.next_value()?);
                }
            }
        }
        Ok(())
    }
}

/// The value of a property that is about to be read.
pub(crate) struct Property<'p, A> {
    object: &'p mut A,
    place: &'p Place<'p>,
    report: &'p mut Report,
}

impl<'de, A: MapAccess<'de>> Property<'_, A> {
    /// Reads into a slot; an odd value is reported, and kept in `extra`.
    pub(crate) fn read<T: Tolerant>(self, slot: &mut Option<T>) -> Result<(), A::Error> {
        self.object.next_value_seed(Reader {
            slot,
            place: self.place,
            report: self.report,
        })
    }

    /// Reads into a slot; an odd value is an error, for the object says nothing without it.
    pub(crate) fn insist<T: Tolerant>(self, slot: &mut Option<T>) -> Result<(), A::Error> {
        let reader = Reader {
            slot,
            place: self.place,
            report: self.report,
        };
        self.object.next_value_seed(Insisting(reader))
    }
}

enum Key {
    Known(usize),
    Unknown(String),
}

/// Finds a key among the names, from where the key before was found: the service sends its
/// properties in the order of the names, and leaves some out.
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
        let from = |start| {
            let mut names = self.names.iter().enumerate().skip(start);
            names.find_map(|(index, name)| (*name == text).then_some(index))
        };
        Ok(match from(self.next).or_else(|| from(0)) {
            Some(index) => Key::Known(index),
            None => Key::Unknown(text.to_owned()),
        })
    }
}
