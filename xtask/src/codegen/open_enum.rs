//! Generates open enumerations, which preserve unknown values.
//!
//! progenitor's enumerations are closed: one new value would fail the entire response. The service
//! adds values without notice, so that every possible value must map to a valid variant name:
//!
//! | value | variant | rule |
//! |---|---|---|
//! | `ON_HOLD` | `OnHold` | camel case, without characters that are invalid in a name |
//! | `4K` | `N4k` | a leading digit gets the prefix `N` |
//! | `SELF` | `Self_` | a keyword gets an underscore |
//! | empty, or punctuation only | `Empty` | |
//!
//! Two values that map to the same variant are an error.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use proc_macro2::Ident;
use quote::{format_ident, quote};

/// Variant of an unknown value.
const UNRECOGNIZED: &str = "Unrecognized";

/// An enumeration that preserves unknown values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEnum {
    /// Rust type name.
    pub name: String,
    /// Description in the document.
    pub description: String,
    /// Known values, in the order of the document.
    pub values: Vec<String>,
}

/// Generates the Rust items of an enumeration.
pub fn generate_items(open_enum: &OpenEnum) -> syn::Result<Vec<syn::Item>> {
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
    })?;
    Ok(file.items)
}

/// Finds the first value whose variant is taken or reserved: its index, and the reason.
pub(super) fn find_conflict(values: &[String]) -> Option<(usize, String)> {
    let mut taken = BTreeMap::new();
    values.iter().enumerate().find_map(|(index, value)| {
        let variant = variant_name(value);
        if variant == UNRECOGNIZED {
            let message =
                format!("{value:?} maps to {variant}, which is reserved for unknown values");
            return Some((index, message));
        }
        let other = taken.insert(variant.clone(), value)?;
        let message = format!("{other:?} and {value:?} both map to {variant}");
        Some((index, message))
    })
}

/// Returns the variant name of a value. Digits that are separated in the value stay separated.
pub(crate) fn variant_name(text: &str) -> String {
    let camel = camel_case(text);
    let keyword = format!("{camel}_");
    match camel {
        empty if empty.is_empty() => "Empty".to_owned(),
        name if is_valid_name(&name) => name,
        _ if is_valid_name(&keyword) => keyword,
        other => format!("N{other}"),
    }
}

/// Returns whether a text is a valid name of a type or variant.
pub(super) fn is_valid_name(text: &str) -> bool {
    syn::parse_str::<Ident>(text).is_ok()
}

fn camel_case(text: &str) -> String {
    let is_valid = |c: char| c == '_' || is_valid_name(&format!("N{c}"));
    let text = text.replace(|c| !is_valid(c), "-");
    let mut name = String::new();
    for word in text.split('_') {
        let joins_digits = name.ends_with(|c: char| c.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_digit());
        if joins_digits {
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
    fn variants_are_camel_case() {
        assert_eq!(variant_name("ROLE_RESTRICTED"), "RoleRestricted");
        assert_eq!(variant_name("CAMERA_R2_180"), "CameraR2_180");
        assert_eq!(variant_name("RASPBERRY_PI_3"), "RaspberryPi3");
    }

    #[test]
    fn every_value_maps_to_a_valid_variant() {
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
        assert!(generate_items(&open_enum).is_ok());
    }

    #[test]
    fn two_values_of_one_variant_conflict() {
        let find_conflict = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
            super::find_conflict(&values)
        };
        assert_eq!(find_conflict(&["COMPLETE", "FAILED"]), None);
        let both = r#""COMPLETE" and "complete" both map to Complete"#;
        assert_eq!(
            find_conflict(&["COMPLETE", "FAILED", "complete"]),
            Some((2, both.to_owned()))
        );
        let reserved = find_conflict(&["A", "UNRECOGNIZED"]).unwrap();
        assert_eq!(reserved.0, 1);
        assert_eq!(
            reserved.1,
            r#""UNRECOGNIZED" maps to Unrecognized, which is reserved for unknown values"#
        );
    }
}
