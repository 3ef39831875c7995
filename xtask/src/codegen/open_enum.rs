//! Enumerations that keep values that they do not know.
//!
//! progenitor's own are closed: one new value fails the whole answer.

use heck::ToUpperCamelCase;
use proc_macro2::Ident;
use quote::{format_ident, quote};

use super::normalize::OpenEnum;

/// The Rust items of an enumeration.
pub fn items(open_enum: &OpenEnum) -> syn::Result<Vec<syn::Item>> {
    let name: Ident = syn::parse_str(&open_enum.name)?;
    let description = &open_enum.description;
    let texts = &open_enum.values;
    let variants = texts
        .iter()
        .map(|text| syn::parse_str(&variant_name(text)))
        .collect::<syn::Result<Vec<Ident>>>()?;
    let variant_docs = texts.iter().map(|text| format!("`{text}`"));
    let unrecognized = format_ident!("Unrecognized");
    let file: syn::File = syn::parse2(quote! {
        #[doc = #description]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #variant_docs] #variants,)*
            /// A value that this version does not know, as the service sent it.
            ///
            /// A later version may know it: compare [`as_str`](Self::as_str) rather than this
            /// variant.
            #unrecognized(String),
        }

        impl #name {
            /// Every known value, in the order of the service's document.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            /// The value as the service writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #texts,)*
                    Self::#unrecognized(text) => text,
                }
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    #(#texts => Some(Self::#variants),)*
                    _ => None,
                }
            }
        }

        crate::open_enum::implement_traits!(#name);
    })?;
    Ok(file.items)
}

/// The variant of a value; digits that the value keeps apart stay apart.
pub(crate) fn variant_name(text: &str) -> String {
    let mut name = String::new();
    for word in text.split('_') {
        let digits_meet = name.ends_with(|c: char| c.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_digit());
        if digits_meet {
            name.push('_');
        }
        name.push_str(&word.to_upper_camel_case());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_read_like_rust() {
        assert_eq!(variant_name("ROLE_RESTRICTED"), "RoleRestricted");
        assert_eq!(variant_name("CAMERA_R2_180"), "CameraR2_180");
        assert_eq!(variant_name("RASPBERRY_PI_3"), "RaspberryPi3");
    }

    #[test]
    fn a_value_that_is_no_rust_name_is_an_error() {
        let open_enum = OpenEnum {
            name: "Size".to_owned(),
            description: String::new(),
            values: vec!["4K".to_owned()],
        };
        assert!(items(&open_enum).is_err());
    }
}
