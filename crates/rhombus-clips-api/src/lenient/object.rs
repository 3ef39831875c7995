//! Objects: known properties go to their fields, everything else to `extra`.
//!
//! The generated types implement [`Object`]; the loop over the properties is written once, here.

use std::marker::PhantomData;
use std::{fmt, mem};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Context, DecodeIssues, JsonPath, Lenient, Reader, Session, Strict};

/// A generated response type.
pub(crate) trait Object: Default {
    /// JSON names of the known properties, in the order of the document.
    const NAMES: &'static [&'static str];

    /// Reads the property with this index in [`NAMES`](Self::NAMES) into its field.
    fn read_property<'de, A: MapAccess<'de>>(
        &mut self,
        index: usize,
        reader: &mut PropertyReader<'_, A>,
    ) -> Result<(), A::Error>;

    /// Returns the map of unknown properties and invalid values.
    fn extra(&mut self) -> &mut Map<String, Value>;

    /// Returns the list of decode issues.
    fn decode_issues(&mut self) -> &mut DecodeIssues;
}

impl<T: Object> Lenient for T {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
        context: &mut Context<'_>,
    ) -> Result<(), A::Error> {
        let decoded = slot.insert(Self::default());
        let Context {
            path: parent,
            session,
        } = context;
        let is_outermost = matches!(parent, JsonPath::Root);
        let path = JsonPath::Property { parent, name: "" };
        let mut reader = PropertyReader {
            object,
            context: Context { path, session },
        };
        let mut matcher = FieldMatcher::<Self>::new();
        while let Some(known) = reader.object.next_key_seed(FieldSeed(&mut matcher))? {
            let Some(index) = known else {
                let name = mem::take(&mut matcher.unknown);
                reader.read_unknown(decoded.extra(), parent, name)?;
                continue;
            };
            let name = T::NAMES[index];
            reader.context.path = JsonPath::Property { parent, name };
            reader.context.session.memory.read_text(name.len());
            decoded.read_property(index, &mut reader)?;
            let session = &mut reader.context.session;
            if session.issues.has_invalid() || !decoded.extra().is_empty() {
                update_extra(decoded.extra(), name, session, is_outermost);
            }
        }
        // `serde_json` may preserve the order of insertion.
        decoded.extra().sort_keys();
        Ok(())
    }

    fn attach_issues(&mut self, issues: DecodeIssues) {
        *self.decode_issues() = issues;
    }
}

/// Stores an invalid value in `extra`, or removes the one of an earlier duplicate: the last of
/// several properties of one name wins.
///
/// An invalid property of the outermost object is always stored: it may decide what the response means,
/// and there are as many as the object has names.
///
/// Not inlined: few responses need it, and the loop is faster without it.
#[inline(never)]
fn update_extra(
    extra: &mut Map<String, Value>,
    name: &str,
    session: &mut Session,
    is_outermost: bool,
) {
    extra.remove(name);
    let Some(value) = session.issues.take_invalid() else {
        return;
    };
    if is_outermost {
        session.memory.spend_property(extra.len());
    } else if !session.memory.reserve_property(extra.len()) {
        return;
    }
    extra.insert(name.to_owned(), *value);
}

/// Reads the value of one property.
pub(crate) struct PropertyReader<'p, A> {
    object: A,
    context: Context<'p>,
}

impl<'de, A: MapAccess<'de>> PropertyReader<'_, A> {
    /// Reads an unknown property into `extra`, if there is room for it.
    #[inline(never)]
    fn read_unknown(
        &mut self,
        extra: &mut Map<String, Value>,
        parent: &JsonPath<'_>,
        name: String,
    ) -> Result<(), A::Error> {
        let session = &mut *self.context.session;
        session.memory.read_text(name.len());
        let path = JsonPath::Property {
            parent,
            name: &name,
        };
        if !session.memory.reserve_property(extra.len()) {
            self.object.next_value::<IgnoredAny>()?;
            session.issues.record_omitted(&path, 1);
            return Ok(());
        }
        let mut slot: Option<Value> = None;
        self.object.next_value_seed(Reader {
            slot: &mut slot,
            context: &mut Context { path, session },
        })?;
        extra.insert(name, slot.unwrap_or_default());
        Ok(())
    }

    /// Reads into a slot. An invalid value is a decode issue, and is preserved in `extra`.
    ///
    /// Not inlined, so that there is one function per property type: inlined into
    /// [`Object::read_property`], all would pay for the registers and the stack of the largest.
    #[inline(never)]
    pub(crate) fn read<T: Lenient>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        let context = &mut self.context;
        self.object.next_value_seed(Reader { slot, context })
    }

    /// Reads into a slot. An invalid value fails the object, which is of no use without it; null
    /// and absence are valid.
    pub(crate) fn read_strict<T: Lenient>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        let context = &mut self.context;
        let reader = Reader { slot, context };
        self.object.next_value_seed(Strict(reader))
    }
}

#[allow(dead_code, reason = "called for types that contain themselves")]
impl<'de, A: MapAccess<'de>> PropertyReader<'_, A> {
    /// Reads as [`read`](Self::read) does, into the slot of a type that contains itself.
    pub(crate) fn read_boxed<T: Lenient>(
        &mut self,
        slot: &mut Option<Box<T>>,
    ) -> Result<(), A::Error> {
        let mut value = None;
        self.read(&mut value)?;
        self.store_boxed(slot, value);
        Ok(())
    }

    /// Reads as [`read_strict`](Self::read_strict) does, into the slot of a type that contains itself.
    pub(crate) fn read_strict_boxed<T: Lenient>(
        &mut self,
        slot: &mut Option<Box<T>>,
    ) -> Result<(), A::Error> {
        let mut value = None;
        self.read_strict(&mut value)?;
        self.store_boxed(slot, value);
        Ok(())
    }

    /// Moves a value to the heap, if there is room for it.
    fn store_boxed<T>(&mut self, slot: &mut Option<Box<T>>, value: Option<T>) {
        let Context { path, session } = &mut self.context;
        *slot = match value {
            Some(value) if session.memory.reserve_box::<T>() => Some(Box::new(value)),
            Some(_) => {
                session.issues.record_omitted(path, 1);
                None
            }
            None => None,
        };
    }
}

/// Maps JSON keys to field indices.
///
/// The service sends properties in the order of the names, omitting some, so each search starts
/// after the previous match. Generic over the object's type, so that it is compiled into the loop
/// of that type.
struct FieldMatcher<T> {
    object: PhantomData<T>,
    /// Index after the previous match.
    next: usize,
    /// Last key that matched no name.
    unknown: String,
}

impl<T: Object> FieldMatcher<T> {
    fn new() -> Self {
        Self {
            object: PhantomData,
            next: 0,
            unknown: String::new(),
        }
    }
}

/// Reads one key with a [`FieldMatcher`].
struct FieldSeed<'m, T>(&'m mut FieldMatcher<T>);

impl<'de, T: Object> DeserializeSeed<'de> for FieldSeed<'_, T> {
    /// Index of the key in [`Object::NAMES`]; `None` for an unknown property.
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Object> Visitor<'_> for FieldSeed<'_, T> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property name")
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

/// Finds the index of a name, searching from `next` to the end, then from the start.
fn find(names: &[&str], next: usize, text: &str) -> Option<usize> {
    let (before, after) = names.split_at(next);
    let position = |names: &[&str]| names.iter().position(|name| *name == text);
    position(after)
        .map(|index| next + index)
        .or_else(|| position(before))
}
