//! Implements lenient decoding for response types.
//!
//! serde's derived decoding fails at the first value of an unexpected type, and buffers the entire
//! object to preserve unknown properties. The low-level crate has a decoder without these costs;
//! the implementations that connect it with the types are generated here.

use proc_macro2::Literal;
use quote::quote;
use syn::{Attribute, Field, File, Item, ItemStruct, LitStr, parse_quote};

use super::normalize::{EXTRA, Normalized};

/// Replaces the derived decoding of every response type in a file.
pub fn implement_decoders(file: &mut File, normalized: &Normalized) {
    let mut decoders = Vec::new();
    for item in &mut file.items {
        if let Item::Struct(item) = item
            && normalized
                .response_schemas
                .contains(&item.ident.to_string())
        {
            decoders.extend(implement_decoder(item, normalized));
        }
    }
    file.items.extend(decoders);
}

/// Adds the list of decode issues to a type, and returns its decoder.
fn implement_decoder(item: &mut ItemStruct, normalized: &Normalized) -> [Item; 2] {
    for attribute in &mut item.attrs {
        replace_derives(attribute);
    }
    let name = &item.ident;
    let mut names = Vec::new();
    let mut reads = Vec::new();
    for field in &mut item.fields {
        let Some(ident) = field.ident.clone() else {
            continue;
        };
        if ident == EXTRA {
            field.attrs.insert(0, parse_quote!(#[doc = "Properties unknown to this version, and values of an unexpected type, as the service sent them."]));
            continue;
        }
        let json = json_name(field);
        let index = Literal::usize_unsuffixed(names.len());
        let is_essential = normalized
            .essential_properties
            .contains(&(name.to_string(), json.clone()));
        let read = if is_essential {
            quote!(read_strict)
        } else {
            quote!(read)
        };
        reads.push(quote!(#index => reader.#read(&mut self.#ident),));
        names.push(json);
    }
    if let syn::Fields::Named(fields) = &mut item.fields {
        fields.named.push(parse_quote! {
            /// Values of an unexpected type. Filled in the outermost decoded value only.
            #[serde(skip)]
            pub decode_issues: crate::DecodeIssues
        });
    }
    [
        parse_quote! {
            impl crate::lenient::Object for #name {
                const NAMES: &'static [&'static str] = &[#(#names),*];

                fn read_property<'de, A: ::serde::de::MapAccess<'de>>(
                    &mut self,
                    index: usize,
                    reader: &mut crate::lenient::PropertyReader<'_, A>,
                ) -> Result<(), A::Error> {
                    match index {
                        #(#reads)*
                        _ => Ok(()),
                    }
                }

                fn extra(&mut self) -> &mut ::serde_json::Map<String, ::serde_json::Value> {
                    &mut self.extra
                }

                fn decode_issues(&mut self) -> &mut crate::DecodeIssues {
                    &mut self.decode_issues
                }
            }
        },
        parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    crate::lenient::deserialize(deserializer)
                }
            }
        },
    ]
}

/// Derives `Default`, which decoding starts from, in place of `Deserialize`.
fn replace_derives(attribute: &mut Attribute) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    let mut derives: Vec<syn::Path> = vec![parse_quote!(Default)];
    let parsed = attribute.parse_nested_meta(|meta| {
        if meta
            .path
            .segments
            .last()
            .is_none_or(|last| last.ident != "Deserialize")
        {
            derives.push(meta.path);
        }
        Ok(())
    });
    if parsed.is_ok() {
        *attribute = parse_quote!(#[derive(#(#derives),*)]);
    }
}

/// Returns the JSON name of a field.
fn json_name(field: &Field) -> String {
    let mut name = field
        .ident
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // Only `rename = "text"` matters; what does not parse as `name = "text"` is ignored.
        let _ = attribute.parse_nested_meta(|meta| {
            if let Ok(value) = meta.value() {
                let text: LitStr = value.parse()?;
                if meta.path.is_ident("rename") {
                    name = text.value();
                }
            }
            Ok(())
        });
    }
    name
}
