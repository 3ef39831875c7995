//! Generates structs: their fields, decoders, constructors and setters.
//!
//! serde's derived decoding fails at the first value of an unexpected type, and buffers the entire
//! object to preserve unknown properties. The low-level crate has a decoder without these costs; the
//! implementations that connect it with the types are generated here.

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Item;

use crate::codegen::model::{Field, Struct, TypeItem, ValueType};

/// Generates the items of a struct.
pub fn struct_items(item: &TypeItem, structure: &Struct) -> syn::Result<Vec<Item>> {
    let definition = definition(item, structure);
    let requests = structure.is_sent.then(|| request_items(item, structure));
    let decoder = structure.is_received.then(|| decoder(item, structure));
    let response = item.is_response.then(|| response_impl(item, structure));
    let file: syn::File = syn::parse2(quote!(#definition #requests #decoder #response))?;
    Ok(file.items)
}

/// Gives access to the properties that the responses of all operations have, by their names and types.
fn response_impl(item: &TypeItem, structure: &Struct) -> TokenStream {
    let name = format_ident!("{}", item.name);
    let field = |property: &str, value: ValueType| {
        let mut fields = structure.fields.iter();
        let field = fields.find(|field| field.property == property && field.value == value)?;
        Some(format_ident!("{}", field.name))
    };
    let error = field("error", ValueType::Boolean).map(|field| quote!(error: self.#field,));
    let texts = ["errorMsg", "warningMsg"].map(|property| {
        let field = field(property, ValueType::Text)?;
        let common = format_ident!("{}", property.to_snake_case());
        Some(quote!(#common: self.#field.as_deref(),))
    });
    let texts = texts.iter().flatten();
    let extra = structure.is_open.then(|| quote!(extra: Some(&self.extra),));
    let issues = structure
        .is_received
        .then(|| quote!(decode_issues: Some(&self.decode_issues),));
    quote! {
        impl crate::OperationResponse for #name {
            fn decode(body: &[u8]) -> Result<Self, ::serde_json::Error> {
                crate::decode(body)
            }

            fn common(&self) -> crate::CommonProperties<'_> {
                crate::CommonProperties {
                    #error
                    #(#texts)*
                    #extra
                    #issues
                    ..crate::CommonProperties::default()
                }
            }
        }
    }
}

/// Returns the Rust type of a value. `path` precedes the names of generated types.
pub fn rust_type(value: &ValueType, path: &TokenStream) -> TokenStream {
    match value {
        ValueType::Boolean => quote!(bool),
        ValueType::Integer => quote!(i64),
        ValueType::Number => quote!(f64),
        ValueType::Text => quote!(String),
        ValueType::Any => quote!(::serde_json::Value),
        ValueType::AnyObject => quote!(::serde_json::Map<String, ::serde_json::Value>),
        ValueType::Named(name) => {
            let name = format_ident!("{name}");
            quote!(#path #name)
        }
        ValueType::Array(item) => {
            let item = rust_type(item, path);
            quote!(Vec<Option<#item>>)
        }
        ValueType::Map(value) => {
            let value = rust_type(value, path);
            quote!(::std::collections::BTreeMap<String, Option<#value>>)
        }
    }
}

fn field_type(field: &Field) -> TokenStream {
    let value = rust_type(&field.value, &quote!());
    match field.is_boxed {
        true => quote!(Box<#value>),
        false => value,
    }
}

fn definition(item: &TypeItem, structure: &Struct) -> TokenStream {
    let name = format_ident!("{}", item.name);
    let type_docs = docs(item.description.as_deref(), || {
        format!("Schema `{}` of the service's document.", item.schema)
    });
    // A response is decoded leniently instead.
    let derived = (!structure.is_received).then(|| quote!(::serde::Deserialize,));
    let attribute = |arguments: TokenStream| match structure.is_received {
        true => quote!(#[cfg_attr(feature = "schemars", schemars(#arguments))]),
        false => quote!(#[serde(#arguments)]),
    };
    let fields = structure.fields.iter().map(|field| {
        let (ident, ty) = (format_ident!("{}", field.name), field_type(field));
        let field_docs = docs(field.description.as_deref(), || {
            format!("Property `{}` of the service's document.", field.property)
        });
        let rename = (field.property != field.name).then(|| {
            let property = &field.property;
            quote!(rename = #property,)
        });
        let is_always_sent = field.is_required && !structure.is_received;
        let required =
            is_always_sent.then(|| quote!(#[cfg_attr(feature = "schemars", schemars(required))]));
        let attribute = attribute(quote!(#rename skip_serializing_if = "Option::is_none"));
        quote! {
            #field_docs
            #required
            #attribute
            pub #ident: Option<#ty>,
        }
    });
    let extra = structure.is_open.then(|| {
        let doc = match structure.is_received {
            true => {
                " Properties unknown to this version, and values of an unexpected type, as the service sent them."
            }
            false => " Properties beyond those that the service's document names.",
        };
        let attribute = attribute(quote!(flatten));
        quote! {
            #[doc = #doc]
            #attribute
            pub extra: ::serde_json::Map<String, ::serde_json::Value>,
        }
    });
    let decode_issues = structure.is_received.then(|| {
        let attribute = attribute(quote!(skip));
        quote! {
            /// Values of an unexpected type. Filled in the outermost decoded value only.
            #attribute
            pub decode_issues: crate::DecodeIssues,
        }
    });
    let field_traits = field_traits(item, structure);
    quote! {
        #type_docs
        #[derive(#derived Debug, PartialEq)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
            #extra
            #decode_issues
        }

        #field_traits
    }
}

/// Implements `Default`, `Clone` and `Serialize` with less code than is derived, see `fields` in the
/// low-level crate.
fn field_traits(item: &TypeItem, structure: &Struct) -> TokenStream {
    let name = format_ident!("{}", item.name);
    let fields: Vec<_> = structure
        .fields
        .iter()
        .map(|field| format_ident!("{}", field.name))
        .collect();
    let open = structure.is_open.then(|| format_ident!("extra"));
    let received = structure
        .is_received
        .then(|| format_ident!("decode_issues"));
    let others: Vec<_> = open.into_iter().chain(received).collect();
    let all = || fields.iter().chain(&others);
    let (cloned, targets) = (all(), all());
    let properties = structure.fields.iter().map(|field| &field.property);
    let extra = structure
        .is_open
        .then(|| quote!(entries.add_extra(&self.extra);));
    let entries = match fields.is_empty() && extra.is_none() {
        true => quote!(let _ = entries;),
        false => quote!(#(entries.add(#properties, &self.#fields);)* #extra),
    };
    let body = match fields.is_empty() && others.is_empty() {
        true => quote!(let _ = target;),
        false => quote!(#(target.#targets.clone_from(&self.#cloned);)*),
    };
    quote! {
        impl Default for #name {
            fn default() -> Self {
                #(let #others = Default::default();)*
                Self { #(#fields: crate::fields::Unset::VALUE,)* #(#others),* }
            }
        }

        impl Clone for #name {
            fn clone(&self) -> Self {
                crate::fields::cloned(self)
            }
        }

        impl crate::fields::CloneFields for #name {
            fn clone_fields(&self, target: &mut Self) {
                #body
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::fields::serialize(self, serializer)
            }
        }

        impl crate::fields::SerializeFields for #name {
            fn serialize_fields<M: ::serde::ser::SerializeMap>(
                &self,
                entries: &mut crate::fields::Entries<M>,
            ) {
                #entries
            }
        }
    }
}

/// Generates what a caller builds a request with. A new optional property adds a setter and changes
/// nothing else.
fn request_items(item: &TypeItem, structure: &Struct) -> TokenStream {
    let name = format_ident!("{}", item.name);
    let required: Vec<&Field> = structure
        .fields
        .iter()
        .filter(|field| field.is_required)
        .collect();
    let parameters = required.iter().map(|field| {
        let (ident, ty) = (format_ident!("{}", field.name), argument_type(field));
        quote!(#ident: #ty)
    });
    let setters = structure.fields.iter().map(|field| {
        let ident = format_ident!("{}", field.name);
        let setter = setter_name(field);
        let doc = format!(" Sets [`{}`](Self::{}).", field.name, field.name);
        let (ty, set) = (argument_type(field), set_function(field));
        quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #setter(mut self, #ident: #ty) -> Self {
                crate::fields::#set(&mut self.#ident, #ident);
                self
            }
        }
    });
    let new_doc = match required.is_empty() {
        true => " Creates a value without any property.",
        false => " Creates a value with the required properties.",
    };
    let set_required = required.iter().map(|field| {
        let (ident, setter) = (format_ident!("{}", field.name), setter_name(field));
        quote!(.#setter(#ident))
    });
    let check = (!required.is_empty()).then(|| {
        let checks = required.iter().map(|field| {
            let (ident, property) = (format_ident!("{}", field.name), &field.property);
            quote!((#property, self.#ident.is_some()))
        });
        quote! {
            /// Fails if a required property is missing.
            #[allow(dead_code)]
            pub(crate) fn check_required(&self) -> Result<(), String> {
                crate::fields::check_required(&[#(#checks),*])
            }
        }
    });
    quote! {
        impl #name {
            #[doc = #new_doc]
            pub fn new(#(#parameters),*) -> Self {
                Self::default() #(#set_required)*
            }

            #(#setters)*

            #check
        }
    }
}

/// Returns the type of an argument that a field is set by.
fn argument_type(field: &Field) -> TokenStream {
    let element = |value: &ValueType| rust_type(value, &quote!());
    match &field.value {
        ValueType::Text => quote!(impl Into<String>),
        ValueType::Array(item) if **item == ValueType::Text => {
            quote!(impl IntoIterator<Item = impl Into<String>>)
        }
        ValueType::Array(item) => {
            let item = element(item);
            quote!(impl IntoIterator<Item = #item>)
        }
        ValueType::Map(value) => {
            let value = element(value);
            quote!(impl IntoIterator<Item = (String, #value)>)
        }
        value => element(value),
    }
}

/// Returns the function that sets a field to its argument.
fn set_function(field: &Field) -> Ident {
    let name = match &field.value {
        ValueType::Text => "set_text",
        ValueType::Array(item) if **item == ValueType::Text => "set_texts",
        ValueType::Array(_) => "set_items",
        ValueType::Map(_) => "set_entries",
        _ if field.is_boxed => "set_boxed",
        _ => "set",
    };
    format_ident!("{name}")
}

/// Returns the name of a field's setter, which must not have two underscores in a row.
fn setter_name(field: &Field) -> Ident {
    match field.name.strip_prefix('_') {
        Some(rest) => format_ident!("with_underscore_{}", rest.trim_matches('_')),
        None => format_ident!("with_{}", field.name.trim_end_matches('_')),
    }
}

fn decoder(item: &TypeItem, structure: &Struct) -> TokenStream {
    let name = format_ident!("{}", item.name);
    let properties = structure.fields.iter().map(|field| &field.property);
    let reads = structure.fields.iter().enumerate().map(|(index, field)| {
        let index = Literal::usize_unsuffixed(index);
        let ident = format_ident!("{}", field.name);
        let read = match (field.is_essential, field.is_boxed) {
            (false, false) => quote!(read),
            (false, true) => quote!(read_boxed),
            (true, false) => quote!(read_strict),
            (true, true) => quote!(read_strict_boxed),
        };
        quote!(#index => reader.#read(&mut self.#ident),)
    });
    let unused = structure
        .fields
        .is_empty()
        .then(|| quote!(let _ = (index, reader); ));
    let body = match unused {
        Some(unused) => quote!(#unused Ok(())),
        None => quote! {
            match index {
                #(#reads)*
                _ => Ok(()),
            }
        },
    };
    quote! {
        impl crate::lenient::Object for #name {
            const NAMES: &'static [&'static str] = &[#(#properties),*];

            fn read_property<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                index: usize,
                reader: &mut crate::lenient::PropertyReader<'_, A>,
            ) -> Result<(), A::Error> {
                #body
            }

            fn extra(&mut self) -> &mut ::serde_json::Map<String, ::serde_json::Value> {
                &mut self.extra
            }

            fn decode_issues(&mut self) -> &mut crate::DecodeIssues {
                &mut self.decode_issues
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::lenient::deserialize(deserializer)
            }
        }
    }
}

/// Returns one doc attribute per line of a description, or of its substitute.
pub fn docs(description: Option<&str>, substitute: impl Fn() -> String) -> TokenStream {
    let text = description.map(str::trim).filter(|text| !text.is_empty());
    let lines = doc_lines(&text.map_or_else(substitute, str::to_owned));
    quote!(#(#[doc = #lines])*)
}

/// Returns the lines of a doc comment. Code in it is text, not an example that is compiled.
pub fn doc_lines(text: &str) -> Vec<String> {
    let mut is_code = false;
    let lines = text.trim_end().lines().map(|line| {
        let line = line.replace(|c: char| c.is_control() || changes_direction(c), " ");
        let mut line = line.trim_end().to_owned();
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            if is_code && line.trim() == "```" {
                line.push_str("text");
            }
        } else if !is_code && line.starts_with("    ") {
            line = format!(" {}", line.trim_start());
        }
        match line.as_str() {
            "" => line,
            text if text.starts_with(' ') => line,
            _ => format!(" {line}"),
        }
    });
    lines.collect()
}

/// Returns whether a character changes the direction of text, which the compiler rejects.
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
