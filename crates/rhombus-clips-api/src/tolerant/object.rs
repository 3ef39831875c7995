//! Objects: known properties, and everything else.

use std::marker::PhantomData;
use std::{fmt, mem};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Context, DecodeIssue, Insisting, Place, Reader, Tolerant};

/// A generated type, which knows its properties.
pub(crate) trait Object: Default {
    /// What the service calls the properties.
    const NAMES: &'static [&'static str];

    /// Reads the property that has this index in [`NAMES`](Self::NAMES).
    fn read<'de, A: MapAccess<'de>>(
        &mut self,
        index: usize,
        property: &mut Property<'_, A>,
    ) -> Result<(), A::Error>;

    /// Where a property goes that is not in [`NAMES`](Self::NAMES), or does not fit.
    fn extra(&mut self) -> &mut Map<String, Value>;

    /// Where what did not fit is listed.
    fn decode_issues(&mut self) -> &mut Vec<DecodeIssue>;
}

impl<T: Object> Tolerant for T {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        of: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let read = slot.insert(Self::default());
        let Context { place: of, report } = of;
        let place = Place::Property { of, name: "" };
        let mut property = Property {
            object,
            context: Context { place, report },
        };
        let mut keys = Keys::<Self>::new();
        while let Some(known) = property.object.next_key_seed(KeyReader(&mut keys))? {
            let Some(index) = known else {
                let value = property.object.next_value()?;
                read.extra().insert(mem::take(&mut keys.unknown), value);
                continue;
            };
            let name = T::NAMES[index];
            property.context.place = Place::Property { of, name };
            read.read(index, &mut property)?;
            let report = &mut property.context.report;
            if report.is_odd() || !read.extra().is_empty() {
                settle(read.extra(), name, report.take_odd());
            }
        }
        Ok(())
    }

    fn keep(&mut self, decode_issues: Vec<DecodeIssue>) {
        *self.decode_issues() = decode_issues;
    }
}

/// Of a property that is there twice, the last one counts.
///
/// Hardly any answer needs it, so that it is not part of the loop.
#[inline(never)]
fn settle(extra: &mut Map<String, Value>, name: &str, odd: Option<Box<Value>>) {
    match odd {
        Some(odd) => extra.insert(name.to_owned(), *odd),
        None => extra.remove(name),
    };
}

/// The value of a property that is about to be read.
pub(crate) struct Property<'p, A> {
    object: A,
    context: Context<'p>,
}

impl<'de, A: MapAccess<'de>> Property<'_, A> {
    /// Reads into a slot; an odd value is reported, and kept in `extra`.
    ///
    /// A function for every type of property: together in the one that chooses among them, they
    /// would all pay for the registers and the stack of the largest.
    #[inline(never)]
    pub(crate) fn read<T: Tolerant>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        let context = &mut self.context;
        self.object.next_value_seed(Reader { slot, context })
    }

    /// Reads into a slot; an odd value is an error, for the object says nothing without it.
    pub(crate) fn insist<T: Tolerant>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        let context = &mut self.context;
        let reader = Reader { slot, context };
        self.object.next_value_seed(Insisting(reader))
    }
}

/// Finds every key among the names, from where the key before was found: the service sends its
/// properties in the order of the names, and leaves some out.
///
/// It is of the object's type to be compiled for it alone, as a part of its loop.
struct Keys<T> {
    object: PhantomData<T>,
    next: usize,
    /// The last key that is not among the names.
    unknown: String,
}

impl<T: Object> Keys<T> {
    fn new() -> Self {
        Self {
            object: PhantomData,
            next: 0,
            unknown: String::new(),
        }
    }
}

struct KeyReader<'k, T>(&'k mut Keys<T>);

impl<'de, T: Object> DeserializeSeed<'de> for KeyReader<'_, T> {
    /// The index of the name.
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Object> Visitor<'_> for KeyReader<'_, T> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property's name")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<usize>, E> {
        let found = match T::NAMES.get(self.0.next) {
            Some(name) if *name == text => Some(self.0.next),
            _ => find(T::NAMES, self.0.next, text),
        };
        match found {
            Some(index) => self.0.next = index + 1,
            None => text.clone_into(&mut self.0.unknown),
        }
        Ok(found)
    }
}

/// The index of a name, which hardly ever comes before `next`.
fn find(names: &[&str], next: usize, text: &str) -> Option<usize> {
    let (before, after) = names.split_at(next);
    let among = |names: &[&str]| names.iter().position(|name| *name == text);
    among(after)
        .map(|index| next + index)
        .or_else(|| among(before))
}
