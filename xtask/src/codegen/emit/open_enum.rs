//! Generates open enumerations, which preserve unknown values.
//!
//! A closed enumeration would fail the entire response at one new value, and the service adds values
//! without notice.

use proc_macro2::Ident;
use quote::{format_ident, quote};

use super::types::docs;
use crate::codegen::model::TypeItem;

/// Variant of an unknown value.
const UNRECOGNIZED: &str = "Unrecognized";

/// Generates the items of an enumeration, whose variants are pairs of value and name.
pub fn enum_items(item: &TypeItem, variants: &[(String, String)]) -> syn::Result<Vec<syn::Item>> {
    let name = format_ident!("{}", item.name);
    let description = docs(item.description.as_deref(), || {
        format!("Schema `{}` of the service's document.", item.schema)
    });
    let (texts, variants): (Vec<&String>, Vec<Ident>) = variants
        .iter()
        .map(|(text, variant)| (text, format_ident!("{variant}")))
        .unzip();
    let variant_docs = texts.iter().map(|text| {
        let quoted = format!("{:?}", text.as_str());
        // A code span is one line of printable characters, and ends at the first backtick.
        let is_code = quoted == format!("\"{text}\"") && text.trim() == text.as_str();
        match is_code && !text.is_empty() && !text.contains('`') {
            true => docs(Some(&format!("`{text}`")), String::new),
            false => docs(
                Some(&format!("The value {}.", without_markup(&quoted))),
                String::new,
            ),
        }
    });
    let unrecognized = format_ident!("{UNRECOGNIZED}");
    let response = item.is_response.then(|| {
        quote! {
            impl crate::OperationResponse for #name {
                fn decode(body: &[u8]) -> Result<Self, ::serde_json::Error> {
                    crate::decode(body)
                }
            }
        }
    });
    let file: syn::File = syn::parse2(quote! {
        #description
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variant_docs #variants,)*
            /// A value unknown to this version, as the service sent it.
            ///
            /// A later version may add a variant for it: compare [`as_str`](Self::as_str)
            /// instead of this variant.
            #unrecognized(String),
        }

        impl #name {
            /// All known values, in the order of the service's document.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            /// Returns the value as the service spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #texts,)*
                    Self::#unrecognized(text) => text,
                }
            }

            fn parse_known(text: &str) -> Option<Self> {
                match text {
                    #(#texts => Some(Self::#variants),)*
                    _ => None,
                }
            }
        }

        crate::open_enum::impl_open_enum!(#name);

        #response
    })?;
    Ok(file.items)
}

/// Replaces the characters that mean something in documentation.
fn without_markup(text: &str) -> String {
    text.replace(['<', '>', '[', ']', '`', '*', '_'], "?")
}
