//! Response types are decoded by the low-level crate's own tolerant decoder.
//!
//! serde's derived decoding fails on the first odd property, and pays for keeping unknown ones.

use proc_macro2::Literal;
use quote::quote;
use syn::{Attribute, Field, File, Item, ItemStruct, LitStr, parse_quote};

use super::normalize::Normalized;

/// What progenitor calls the properties that the document does not name.
pub(super) const EXTRA: &str = "extra";

/// What the decoder calls the list of what did not fit.
pub(super) const DECODE_ISSUES: &str = "decode_issues";

/// Replaces the derived decoding of every response type in a file.
pub fn tolerate(file: &mut File, normalized: &Normalized) {
    let mut decoding = Vec::new();
    for item in &mut file.items {
        if let Item::Struct(item) = item
            && normalized
                .response_schemas
                .contains(&item.ident.to_string())
        {
            decoding.extend(tolerate_struct(item, normalized));
        }
    }
    file.items.extend(decoding);
}

fn tolerate_struct(item: &mut ItemStruct, normalized: &Normalized) -> [Item; 2] {
    for attribute in &mut item.attrs {
        exchange_derives(attribute);
    }
    let name = &item.ident;
    let mut names = Vec::new();
    let mut reads = Vec::new();
    for field in &mut item.fields {
        let Some(ident) = field.ident.clone() else {
            continue;
        };
        if ident == EXTRA {
            field.attrs.insert(0, parse_quote!(#[doc = "What the service said beyond this version, and values that do not fit their property."]));
            continue;
        }
        let json = json_name(field);
        let index = Literal::usize_unsuffixed(names.len());
        let essential = normalized
            .essential_properties
            .contains(&(name.to_string(), json.clone()));
        let read = if essential {
            quote!(insist)
        } else {
            quote!(read)
        };
        reads.push(quote!(#index => property.#read(&mut self.#ident),));
        names.push(json);
    }
    if let syn::Fields::Named(fields) = &mut item.fields {
        fields.named.push(parse_quote! {
            /// What did not fit its property, when this is the outermost value that was decoded.
            #[serde(skip)]
            pub decode_issues: Vec<crate::DecodeIssue>
        });
    }
    [
        parse_quote! {
            impl crate::tolerant::Object for #name {
                const NAMES: &'static [&'static str] = &[#(#names),*];

                fn read<'de, A: ::serde::de::MapAccess<'de>>(
                    &mut self,
                    index: usize,
                    property: &mut crate::tolerant::Property<'_, A>,
                ) -> Result<(), A::Error> {
                    match index {
                        #(#reads)*
                        _ => Ok(()),
                    }
                }

                fn extra(&mut self) -> &mut ::serde_json::Map<String, ::serde_json::Value> {
                    &mut self.extra
                }

                fn decode_issues(&mut self) -> &mut Vec<crate::DecodeIssue> {
                    &mut self.decode_issues
                }
            }
        },
        parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    crate::tolerant::decode(deserializer)
                }
            }
        },
    ]
}

/// Decoding starts from a default, and is not derived.
fn exchange_derives(attribute: &mut Attribute) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    let mut kept: Vec<syn::Path> = vec![parse_quote!(Default)];
    let parsed = attribute.parse_nested_meta(|meta| {
        if meta
            .path
            .segments
            .last()
            .is_none_or(|last| last.ident != "Deserialize")
        {
            kept.push(meta.path);
        }
        Ok(())
    });
    if parsed.is_ok() {
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
}

/// What the service calls the property of a field.
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
        // What is not `name = "text"` is not the name, and is passed over.
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
