//! Decoding that no odd property can stop.
//!
//! The service's answers may be newer than this crate. One pass reads every value as whatever it
//! is: what fits its property is taken, what does not is kept beside it and reported. Only broken
//! JSON stops it. Reading any kind of value costs no more than insisting on one, so that the
//! usual answer pays nothing.

mod any;
mod collection;
mod context;
mod decode_issue;
mod object;
mod place;
mod report;
mod scalar;

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

pub(crate) use context::Context;
pub use decode_issue::DecodeIssue;
pub(crate) use object::{Object, Property};
pub(crate) use place::Place;
pub(crate) use report::Report;

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

    /// From an array, into `slot`. What does not fit is reported.
    fn from_array<'de, A: SeqAccess<'de>>(
        array: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = None;
        let value = Value::deserialize(SeqAccessDeserializer::new(array))?;
        context.odd(value, Self::EXPECTED);
        Ok(())
    }

    /// From an object, into `slot`. What does not fit is reported.
    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = None;
        let value = Value::deserialize(MapAccessDeserializer::new(object))?;
        context.odd(value, Self::EXPECTED);
        Ok(())
    }

    /// Takes what did not fit inside of it, when it is the outermost value.
    fn keep(&mut self, _: Vec<DecodeIssue>) {}
}

/// Decodes a `T` as a whole.
pub(crate) fn decode<'de, D: Deserializer<'de>, T: Tolerant>(
    deserializer: D,
) -> Result<T, D::Error> {
    let mut slot: Option<T> = None;
    let mut report = Report::default();
    Insisting(Reader {
        slot: &mut slot,
        context: &mut Context {
            place: Place::Whole,
            report: &mut report,
        },
    })
    .deserialize(deserializer)?;
    if let Some(value) = slot.as_mut() {
        value.keep(report.into_degraded());
    }
    slot.ok_or_else(|| D::Error::custom(format_args!("expected {}, found null", T::EXPECTED)))
}

/// Reads into a slot whatever is at a place. Null leaves the slot empty; so does what does not
/// fit, which is reported.
///
/// The slot is where the value stays: an object is large, and is never moved.
struct Reader<'r, 'c, T> {
    slot: &'r mut Option<T>,
    context: &'r mut Context<'c>,
}

impl<T: Tolerant> Reader<'_, '_, T> {
    #[inline]
    fn fill<E>(self, fitting: Option<T>, value: impl Into<Value>) -> Result<(), E> {
        if fitting.is_none() {
            self.context.odd(value.into(), T::EXPECTED);
        }
        *self.slot = fitting;
        Ok(())
    }
}

impl<'de, T: Tolerant> DeserializeSeed<'de> for Reader<'_, '_, T> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Tolerant> Visitor<'de> for Reader<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        *self.slot = None;
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.fill(T::from_bool(value), value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.fill(T::from_i64(value), value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.fill(T::from_u64(value), value),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.fill(T::from_f64(value), value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.fill(T::from_text(value), value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        T::from_array(array, self.slot, self.context)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        T::from_object(object, self.slot, self.context)
    }
}

/// Reads as [`Reader`] does, but what does not fit is an error.
struct Insisting<'r, 'c, T>(Reader<'r, 'c, T>);

impl<'de, T: Tolerant> DeserializeSeed<'de> for Insisting<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Reader { slot, context } = self.0;
        Reader {
            slot,
            context: &mut *context,
        }
        .deserialize(deserializer)?;
        match context.report.last_reason() {
            None => Ok(()),
            Some(reason) => Err(D::Error::custom(reason)),
        }
    }
}
