//! Decoding that no odd property can stop.
//!
//! The service's answers may be newer than this crate. One pass reads every value as whatever it
//! is: what fits its property is taken, what does not is kept beside it and reported. Only broken
//! JSON stops it. Reading any kind of value costs no more than insisting on one, so that the
//! usual answer pays nothing.

mod collection;
mod degraded;
mod object;
mod place;
mod scalar;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

pub use degraded::Degraded;
pub(crate) use object::{Object, Property};
pub(crate) use place::Place;

/// What was found where a `T` should be.
pub(crate) enum Found<T> {
    /// Null.
    Null,
    /// A `T`, or something that says the same.
    Fitting(T),
    /// Something else.
    Odd(Odd),
}

/// A value that does not fit, and why.
pub(crate) struct Odd {
    value: Value,
    reason: String,
}

/// A type that can be made of one or more kinds of JSON value.
///
/// `None` says that the value does not fit.
pub(crate) trait Tolerant: Sized {
    /// What is expected, as a reason names it: `a string`.
    const EXPECTED: &'static str;

    /// From `true` or `false`.
    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    /// From a whole number.
    fn from_i64(_: i64) -> Option<Self> {
        None
    }

    /// From a whole number beyond `i64`.
    fn from_u64(_: u64) -> Option<Self> {
        None
    }

    /// From any other number.
    fn from_f64(_: f64) -> Option<Self> {
        None
    }

    /// From text.
    fn from_text(_: &str) -> Option<Self> {
        None
    }

    /// From an array. What does not fit inside of it is reported to `degraded`.
    fn from_array<'de, A: SeqAccess<'de>>(
        array: A,
        _: &Place<'_>,
        _: &mut Vec<Degraded>,
    ) -> Result<Found<Self>, A::Error> {
        let value = Value::deserialize(SeqAccessDeserializer::new(array))?;
        Ok(odd::<Self>(value, "an array"))
    }

    /// From an object. What does not fit inside of it is reported to `degraded`.
    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        _: &Place<'_>,
        _: &mut Vec<Degraded>,
    ) -> Result<Found<Self>, A::Error> {
        let value = Value::deserialize(MapAccessDeserializer::new(object))?;
        Ok(odd::<Self>(value, "an object"))
    }
}

fn odd<T: Tolerant>(value: Value, found: &str) -> Found<T> {
    let reason = format!("expected {}, found {found}", T::EXPECTED);
    Found::Odd(Odd { value, reason })
}

fn fitting<T: Tolerant>(read: Option<T>, value: impl FnOnce() -> Value, found: &str) -> Found<T> {
    match read {
        Some(read) => Found::Fitting(read),
        None => odd(value(), found),
    }
}

/// Decodes a `T` as a whole; also what did not fit inside of it.
pub(crate) fn decode<'de, D: Deserializer<'de>, T: Tolerant>(
    deserializer: D,
) -> Result<(T, Vec<Degraded>), D::Error> {
    let mut degraded = Vec::new();
    match Insisting(Reader::new(&Place::Whole, &mut degraded)).deserialize(deserializer)? {
        Some(value) => Ok((value, degraded)),
        None => Err(D::Error::custom(format_args!(
            "expected {}, found null",
            T::EXPECTED
        ))),
    }
}

/// Reads a `T` at a place, whatever is there.
struct Reader<'r, T> {
    place: &'r Place<'r>,
    degraded: &'r mut Vec<Degraded>,
    expected: PhantomData<T>,
}

impl<'r, T: Tolerant> Reader<'r, T> {
    fn new(place: &'r Place<'r>, degraded: &'r mut Vec<Degraded>) -> Self {
        Self {
            place,
            degraded,
            expected: PhantomData,
        }
    }
}

impl<'de, T: Tolerant> DeserializeSeed<'de> for Reader<'_, T> {
    type Value = Found<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Tolerant> Visitor<'de> for Reader<'_, T> {
    type Value = Found<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_unit<E: Error>(self) -> Result<Found<T>, E> {
        Ok(Found::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Found<T>, E> {
        Ok(Found::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<T>, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Found<T>, E> {
        Ok(fitting(T::from_bool(value), || value.into(), "a boolean"))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Found<T>, E> {
        Ok(fitting(T::from_i64(value), || value.into(), "a number"))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Found<T>, E> {
        let read = match i64::try_from(value) {
            Ok(value) => T::from_i64(value),
            Err(_) => T::from_u64(value),
        };
        Ok(fitting(read, || value.into(), "a number"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Found<T>, E> {
        Ok(fitting(T::from_f64(value), || value.into(), "a number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Found<T>, E> {
        Ok(fitting(T::from_text(value), || value.into(), "a string"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Found<T>, A::Error> {
        T::from_array(array, self.place, self.degraded)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Found<T>, A::Error> {
        T::from_object(object, self.place, self.degraded)
    }
}

/// Reads a `T` or null; anything else is an error.
struct Insisting<'r, T>(Reader<'r, T>);

impl<'de, T: Tolerant> DeserializeSeed<'de> for Insisting<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        match self.0.deserialize(deserializer)? {
            Found::Null => Ok(None),
            Found::Fitting(value) => Ok(Some(value)),
            Found::Odd(odd) => Err(D::Error::custom(odd.reason)),
        }
    }
}
