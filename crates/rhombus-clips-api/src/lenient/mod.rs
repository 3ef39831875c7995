//! Lenient decoding of response types.
//!
//! The service may be newer than this crate, and its document is not always right: a value of an
//! unexpected type must not fail the response. serde's derived decoding stops at the first one, so
//! the response types have a decoder of their own. In one pass it reads every value as the JSON
//! type that it has; a value that does not fit its property is preserved in the object's `extra`
//! and reported as a [`DecodeIssue`]. Accepting any JSON type costs no more than requiring one, so
//! that the common response, without issues, pays nothing.
//!
//! Nothing here knows the service's types: the generator implements [`Object`] for them. Invalid
//! JSON is out of scope as well: see `json_repair`.

mod any;
mod canonical;
mod issue;
mod memory;
mod object;
mod path;
mod values;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use canonical::{MapOrNumber, Parsed, are_numbers_text};
use issue::IssueCollector;
pub use issue::{DecodeIssue, DecodeIssues};
use memory::Memory;
pub(crate) use object::{Object, PropertyReader};
use path::JsonPath;

/// Current path, and the session that it belongs to.
///
/// Readers hold a reference to it, not a copy: a reader of two words is passed in registers, while
/// a larger one is copied through memory, and reading back what was just written stalls the
/// processor.
pub(crate) struct Context<'c> {
    path: JsonPath<'c>,
    session: &'c mut Session,
}

/// State of decoding one outermost value.
#[derive(Default)]
struct Session {
    issues: IssueCollector,
    memory: Memory,
}

impl Context<'_> {
    /// Records a value at the current path that does not fit.
    #[cold]
    fn record_invalid(&mut self, value: Value, expected: &str) {
        let issues = &mut self.session.issues;
        issues.record_invalid(&self.path, value, expected);
    }
}

/// A type that can be decoded from one or more JSON types.
///
/// A conversion returns `None` for a value that does not fit; by default, none fits.
pub(crate) trait Lenient: Sized {
    /// Description of the accepted JSON type in a decode issue, such as `a string`.
    const EXPECTED: &'static str;

    /// Converts a boolean.
    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    /// Converts an integer within `i64`.
    fn from_i64(_: i64) -> Option<Self> {
        None
    }

    /// Converts an integer above the maximum of `i64`.
    fn from_u64(_: u64) -> Option<Self> {
        None
    }

    /// Converts any other number.
    fn from_f64(_: f64) -> Option<Self> {
        None
    }

    /// Converts a string.
    fn from_text(_: &str) -> Option<Self> {
        None
    }

    /// Decodes an array into `slot`, or records it as invalid.
    fn from_array<'de, A: SeqAccess<'de>>(
        array: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = None;
        let mut value = None;
        Value::from_array(array, &mut value, context)?;
        context.record_invalid(value.unwrap_or_default(), Self::EXPECTED);
        Ok(())
    }

    /// Decodes an object into `slot`, or records it as invalid.
    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        *slot = None;
        let mut value = None;
        Value::from_object(object, &mut value, context)?;
        context.record_invalid(value.unwrap_or_default(), Self::EXPECTED);
        Ok(())
    }

    /// Attaches all decode issues to the outermost value, if it has a place for them.
    fn attach_issues(&mut self, _: DecodeIssues) {}
}

/// Decodes an outermost value. Null and values of the wrong JSON type are errors.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Lenient>(
    deserializer: D,
) -> Result<T, D::Error> {
    let mut slot: Option<T> = None;
    let mut session = Session::default();
    Strict(Reader {
        slot: &mut slot,
        context: &mut Context {
            path: JsonPath::Root,
            session: &mut session,
        },
    })
    .deserialize(deserializer)?;
    if let Some(value) = slot.as_mut() {
        value.attach_issues(session.issues.into_issues());
    }
    slot.ok_or_else(|| D::Error::custom(format_args!("expected {}, found null", T::EXPECTED)))
}

/// Reads the value at a path into a slot. Null and values that do not fit leave the slot empty;
/// the latter are recorded as invalid.
///
/// The slot is the value's final place: objects are large, and are never moved.
struct Reader<'r, 'c, T> {
    slot: &'r mut Option<T>,
    context: &'r mut Context<'c>,
}

impl<T: Lenient> Reader<'_, '_, T> {
    #[inline]
    fn store<E>(self, converted: Option<T>, value: impl Into<Value>) -> Result<(), E> {
        if converted.is_none() {
            self.context.record_invalid(value.into(), T::EXPECTED);
        }
        *self.slot = converted;
        Ok(())
    }

    /// Reads an object, or a number that is delivered as one.
    #[cold]
    fn visit_map_or_number<'de, A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        // The longest text of a number of double precision, which a preserved value holds.
        const MAX_NUMBER_BYTES: usize = 24;
        self.context.session.memory.spend(MAX_NUMBER_BYTES);
        match canonical::peek(object)? {
            MapOrNumber::Map(object) => T::from_object(object, self.slot, self.context),
            MapOrNumber::Number(Parsed::Signed(value)) => self.store(T::from_i64(value), value),
            MapOrNumber::Number(Parsed::Unsigned(value)) => self.store(T::from_u64(value), value),
            MapOrNumber::Number(Parsed::Float(value)) => self.store(T::from_f64(value), value),
        }
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for Reader<'_, '_, T> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Lenient> Visitor<'de> for Reader<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.context.session.memory.read("null,".len());
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
        self.context.session.memory.read("true,".len());
        self.store(T::from_bool(value), value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        let digits_but_one = value.unsigned_abs().checked_ilog10().unwrap_or(0);
        let bytes = "0,".len() + digits_but_one as usize;
        self.context.session.memory.read(bytes);
        self.store(T::from_i64(value), value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.store(T::from_u64(value), value),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.context.session.memory.read("-0,".len());
        self.store(T::from_f64(value), value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.context.session.memory.read_text(value.len());
        self.store(T::from_text(value), value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        self.context.session.memory.read("[]".len());
        T::from_array(array, self.slot, self.context)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.context.session.memory.read("{}".len());
        match are_numbers_text() {
            false => T::from_object(object, self.slot, self.context),
            true => self.visit_map_or_number(object),
        }
    }
}

/// Reads as [`Reader`] does, except that a value that does not fit is an error.
struct Strict<'r, 'c, T>(Reader<'r, 'c, T>);

impl<'de, T: Lenient> DeserializeSeed<'de> for Strict<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Reader { slot, context } = self.0;
        Reader {
            slot,
            context: &mut *context,
        }
        .deserialize(deserializer)?;
        match context.session.issues.invalid_reason(T::EXPECTED) {
            None => Ok(()),
            Some(reason) => match context.path.pointer() {
                pointer if pointer.is_empty() => Err(D::Error::custom(reason)),
                pointer => Err(D::Error::custom(format_args!("{pointer}: {reason}"))),
            },
        }
    }
}
