//! A number that watches for a value.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use serde::Serialize;
use serde::ser::{self, Serializer};

/// The same for what is written the same, and as good as never for something else.
///
/// It is not the same in another version of Rust: keep it nowhere.
pub(super) fn content_hash(value: &impl Serialize) -> u64 {
    let mut digest = Digest(Vec::with_capacity(2048));
    match value.serialize(&mut digest) {
        Ok(()) => {
            let mut hasher = DefaultHasher::new();
            hasher.write(&digest.0);
            hasher.finish()
        }
        // As some value that cannot be written.
        Err(fmt::Error) => 0,
    }
}

/// Values as bytes, without the care that a text for others takes.
struct Digest(Vec<u8>);

/// What is written before a value, so that no two kinds look alike.
#[repr(u8)]
enum Kind {
    None,
    Some,
    Unit,
    Bool,
    Signed,
    Unsigned,
    Float,
    Text,
    Bytes,
    Variant,
    List,
    Map,
    End,
}

impl Digest {
    fn kind(&mut self, kind: Kind) {
        self.0.push(kind as u8);
    }

    fn bytes(&mut self, kind: Kind, bytes: &[u8]) {
        self.kind(kind);
        self.0.extend_from_slice(&bytes.len().to_ne_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn begin(&mut self, kind: Kind) -> Result<&mut Self, fmt::Error> {
        self.kind(kind);
        Ok(self)
    }

    fn variant(&mut self, name: &str) -> &mut Self {
        self.bytes(Kind::Variant, name.as_bytes());
        self
    }
}

type Written = Result<(), fmt::Error>;

/// Numbers are alike when their bits are.
macro_rules! numbers {
    ($kind:ident: $($method:ident($number:ty)),*) => {$(
        fn $method(self, number: $number) -> Written {
            self.kind(Kind::$kind);
            self.0.extend_from_slice(&number.to_ne_bytes());
            Ok(())
        }
    )*};
}

impl Serializer for &mut Digest {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        Signed:
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_i128(i128)
    }

    numbers! {
        Unsigned:
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64),
        serialize_u128(u128)
    }

    numbers! { Float: serialize_f32(f32), serialize_f64(f64) }

    fn serialize_bool(self, value: bool) -> Written {
        self.kind(Kind::Bool);
        self.0.push(value.into());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        self.bytes(Kind::Text, value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.bytes(Kind::Bytes, value);
        Ok(())
    }

    fn serialize_none(self) -> Written {
        self.kind(Kind::None);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        self.kind(Kind::Some);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.kind(Kind::Unit);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        self.variant(name);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self.variant(name))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        self.begin(Kind::List)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, fmt::Error> {
        self.begin(Kind::List)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        self.begin(Kind::List)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self, fmt::Error> {
        self.variant(name).begin(Kind::List)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        self.begin(Kind::Map)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        self.begin(Kind::Map)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self, fmt::Error> {
        self.variant(name).begin(Kind::Map)
    }
}

/// What has elements.
macro_rules! elements {
    ($name:ident) => {
        impl ser::$name for &mut Digest {
            type Ok = ();
            type Error = fmt::Error;

            fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(&mut **self)
            }

            fn end(self) -> Written {
                self.kind(Kind::End);
                Ok(())
            }
        }
    };
}

elements!(SerializeSeq);
elements!(SerializeTuple);

/// What has fields without names.
macro_rules! unnamed_fields {
    ($name:ident) => {
        impl ser::$name for &mut Digest {
            type Ok = ();
            type Error = fmt::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(&mut **self)
            }

            fn end(self) -> Written {
                self.kind(Kind::End);
                Ok(())
            }
        }
    };
}

unnamed_fields!(SerializeTupleStruct);
unnamed_fields!(SerializeTupleVariant);

/// What has fields with names.
macro_rules! named_fields {
    ($name:ident) => {
        impl ser::$name for &mut Digest {
            type Ok = ();
            type Error = fmt::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Written {
                self.bytes(Kind::Text, name.as_bytes());
                value.serialize(&mut **self)
            }

            fn end(self) -> Written {
                self.kind(Kind::End);
                Ok(())
            }
        }
    };
}

named_fields!(SerializeStruct);
named_fields!(SerializeStructVariant);

impl ser::SerializeMap for &mut Digest {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        self.kind(Kind::End);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_values_have_one_fingerprint() {
        let value = || json!({"a": [1, 2.5, null, {"b": "c"}], "d": true});
        assert_eq!(content_hash(&value()), content_hash(&value()));
    }

    #[test]
    fn other_values_have_others() {
        let values = [
            json!(null),
            json!(false),
            json!(true),
            json!(0),
            json!(0.0),
            json!(1),
            json!(-1),
            json!(u64::MAX),
            json!("null"),
            json!(""),
            json!("0"),
            json!([]),
            json!([[]]),
            json!([[], []]),
            json!(["ab", "c"]),
            json!(["a", "bc"]),
            json!([["a"], "bc"]),
            json!([["a", "bc"]]),
            json!({}),
            json!({"a": null}),
            json!({"a": {"b": 1}, "c": 2}),
            json!({"a": {"b": 1, "c": 2}}),
        ];
        let fingerprints: std::collections::HashSet<_> = values.iter().map(content_hash).collect();
        assert_eq!(fingerprints.len(), values.len());
    }

    #[derive(Serialize)]
    enum Shape {
        Point,
        Circle(u8),
        Ellipse(u8, u8),
        Box { width: u8 },
    }

    #[test]
    fn enumerations_have_names() {
        let (point, circle) = (Shape::Point, Shape::Circle(1));
        let (ellipse, wide) = (Shape::Ellipse(1, 1), Shape::Box { width: 1 });
        let shapes = [point, circle, ellipse, wide];
        let fingerprints: std::collections::HashSet<_> = shapes.iter().map(content_hash).collect();
        assert_eq!(fingerprints.len(), shapes.len());
    }
}
