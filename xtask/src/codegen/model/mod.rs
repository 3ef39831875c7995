//! The Rust items that are generated from a document: structs, open enumerations and methods.
//!
//! Every property is optional and every number has 64 bits, whatever the document says: the service
//! omits properties at will, and one odd value must not cost the response. What is sent is strict
//! instead: a required property is an argument of the request's constructor.

mod build;
mod cycles;
mod directions;
mod report;

use std::collections::BTreeSet;

use super::operations::Operation;
use crate::error::Error;

pub use build::build;

/// The items of a document.
#[derive(Debug)]
pub struct Model {
    /// Types, ordered by name.
    pub types: Vec<TypeItem>,
    /// Methods of the client, ordered by path.
    pub methods: Vec<Method>,
    /// What was skipped, or named in place of the document; none of it prevents generation.
    pub notes: Vec<Error>,
}

/// A generated type.
#[derive(Debug)]
pub struct TypeItem {
    /// Rust name.
    pub name: String,
    /// Name of the schema in the document, or JSON pointer of a schema that was inline.
    pub schema: String,
    /// Description.
    pub description: Option<String>,
    /// Fields or variants.
    pub kind: TypeKind,
    /// Whether an operation returns the type.
    pub is_response: bool,
}

impl TypeItem {
    /// Returns the names of the other types that this one refers to.
    pub fn used_types(&self) -> BTreeSet<&str> {
        let fields = match &self.kind {
            TypeKind::Struct(structure) => &structure.fields[..],
            TypeKind::OpenEnum(_) => &[],
        };
        let named = fields.iter().filter_map(|field| field.value.named());
        named.filter(|name| *name != self.name).collect()
    }
}

/// Fields of a struct, or variants of an enumeration.
#[derive(Debug)]
pub enum TypeKind {
    /// A struct.
    Struct(Struct),
    /// An enumeration that preserves unknown values: value and variant, in the order of the document.
    OpenEnum(Vec<(String, String)>),
}

/// A struct of optional fields.
#[derive(Debug)]
pub struct Struct {
    /// Fields, in the order of the names.
    pub fields: Vec<Field>,
    /// Whether a request contains the type.
    pub is_sent: bool,
    /// Whether a response contains the type: it is decoded leniently.
    pub is_received: bool,
    /// Whether properties beyond the fields are held.
    pub is_open: bool,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Rust name.
    pub name: String,
    /// Name of the property.
    pub property: String,
    /// Description.
    pub description: Option<String>,
    /// Type of the value.
    pub value: ValueType,
    /// Whether a request is invalid without it.
    pub is_required: bool,
    /// Whether decoding fails if the value does not fit.
    pub is_essential: bool,
    /// Whether the value is boxed, because its type contains this one.
    pub is_boxed: bool,
}

/// Type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// `bool`.
    Boolean,
    /// `i64`.
    Integer,
    /// `f64`.
    Number,
    /// `String`.
    Text,
    /// Any JSON value.
    Any,
    /// An object with arbitrary keys and values.
    AnyObject,
    /// A generated type.
    Named(String),
    /// An array.
    Array(Box<ValueType>),
    /// An object with arbitrary keys.
    Map(Box<ValueType>),
}

impl ValueType {
    /// Returns the name of the generated type, unless it is an element of this type.
    fn as_named(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the name of the generated type in this type.
    fn named(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Array(element) | Self::Map(element) => element.named(),
            _ => None,
        }
    }
}

/// A method of the client.
#[derive(Debug)]
pub struct Method {
    /// Rust name.
    pub name: String,
    /// The operation.
    pub operation: Operation,
    /// Type of the request body, if it has a schema.
    pub request: Option<ValueType>,
    /// Type of the response, if it is JSON.
    pub response: Option<ValueType>,
    /// Rust name and type of each parameter.
    pub parameters: Vec<(String, ValueType)>,
}
