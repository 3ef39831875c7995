//! Enumerations that keep values that they do not know.
//!
//! progenitor's own are closed: one new value fails the whole answer.
//!
//! Enumerations grow without notice, so every value gets a variant that is a name in Rust:
//!
//! | value | variant | rule |
//! |---|---|---|
//! | `ON_HOLD` | `OnHold` | camel case, without what no name may hold |
//! | `4K` | `N4k` | a name does not begin with a digit |
//! | `SELF` | `Self_` | a keyword gets an underscore |
//! | empty, or nothing but signs | `Empty` | |
//!
//! Two values of one variant are refused.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use proc_macro2::Ident;
use quote::{format_ident, quote};

use super::normalize::OpenEnum;

/// What the variant of a value that is not known is called.
const UNRECOGNIZED: &str = "Unrecognized";

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
    let unrecognized = format_ident!("{UNRECOGNIZED}");
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

/// The first value that cannot have the variant that it would get: its index, and why.
pub(super) fn clash(values: &[String]) -> Option<(usize, String)> {
    let mut taken = BTreeMap::new();
    values.iter().enumerate().find_map(|(index, value)| {
        let variant = variant_name(value);
        if variant == UNRECOGNIZED {
            let fault = format!("{value:?} is {variant} in Rust, as are values that are not known");
            return Some((index, fault));
        }
        let other = taken.insert(variant.clone(), value)?;
        let fault = format!("{other:?} and {value:?} are both {variant} in Rust");
        Some((index, fault))
    })
}

/// The variant of a value; digits that the value keeps apart stay apart.
pub(crate) fn variant_name(text: &str) -> String {
    let camel = camel_case(text);
    let keyword = format!("{camel}_");
    match camel {
        empty if empty.is_empty() => "Empty".to_owned(),
        name if is_name(&name) => name,
        _ if is_name(&keyword) => keyword,
        other => format!("N{other}"),
    }
}

/// Whether it can be the name of a type or of a variant.
pub(super) fn is_name(text: &str) -> bool {
    syn::parse_str::<Ident>(text).is_ok()
}

fn camel_case(text: &str) -> String {
    let in_a_name = |c: char| c == '_' || is_name(&format!("N{c}"));
    let text = text.replace(|c| !in_a_name(c), "-");
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
    fn every_value_has_a_variant() {
        let variants = [
            ("4K", "N4k"),
            ("360_VIEW", "N360View"),
            ("SELF", "Self_"),
            ("", "Empty"),
            ("?", "Empty"),
            ("M\u{b2} a//b", "MAB"),
            ("a\nb", "AB"),
        ];
        for (value, variant) in variants {
            assert_eq!(variant_name(value), variant, "{value}");
        }
        let open_enum = OpenEnum {
            name: "Size".to_owned(),
            description: String::new(),
            values: ["4K", "SELF", ""].map(str::to_owned).into(),
        };
        assert!(items(&open_enum).is_ok());
    }

    #[test]
    fn a_variant_has_one_value() {
        let clash = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
            super::clash(&values)
        };
        assert_eq!(clash(&["COMPLETE", "FAILED"]), None);
        let both = r#""COMPLETE" and "complete" are both Complete in Rust"#;
        assert_eq!(
            clash(&["COMPLETE", "FAILED", "complete"]),
            Some((2, both.to_owned()))
        );
        let reserved = clash(&["A", "UNRECOGNIZED"]).unwrap();
        assert_eq!(reserved.0, 1);
        assert_eq!(
            reserved.1,
            r#""UNRECOGNIZED" is Unrecognized in Rust, as are values that are not known"#
        );
    }
}
