//! Formats parts of a Rust syntax tree, each as a single line.
//!
//! The text is that of prettyplease without its line breaks, so that a line of the public API reads
//! like source code.

use quote::ToTokens;
use syn::{Attribute, Generics, ImplItem, Item, Path, Signature, Type, Variant, parse_quote};

/// Formats a type.
pub(crate) fn format_type(ty: &Type) -> String {
    format_item(parse_quote!(type T = #ty;), "type T = ", ";")
}

/// Formats a trait by the last segment of its path, with the associated types of an implementation.
pub(crate) fn format_trait(path: &Path, items: &[ImplItem]) -> String {
    let last = path.segments.last();
    // The lifetime of `Deserialize` is noise, and a derived implementation does not show it.
    let mut text = format_type(&parse_quote!(#last)).replace("<'de>", "");
    for item in items {
        if let ImplItem::Type(item) = item {
            text += &format!(" ({} = {})", item.ident, format_type(&item.ty));
        }
    }
    text
}

/// Formats generic parameters with their bounds; empty if there are none.
pub(crate) fn format_generics(generics: &Generics) -> String {
    format_item(parse_quote!(struct T #generics;), "struct T", ";")
}

/// Formats a variant with its fields.
pub(crate) fn format_variant(variant: &Variant) -> String {
    let mut variant = variant.clone();
    variant.attrs.clear();
    variant
        .fields
        .iter_mut()
        .for_each(|field| field.attrs.clear());
    variant.discriminant = None;
    format_item(parse_quote!(enum T { #variant }), "enum T { ", ", }")
}

/// Formats the signature of a function or method under its full name.
pub(crate) fn format_signature(signature: &Signature, full_name: &str) -> String {
    let (name, full_name) = (&signature.ident, format!("fn {full_name}"));
    let text = format_item(parse_quote!(#signature {}), "", " {}");
    // A `mut` binding of a parameter is not part of the interface.
    text.replacen(&format!("fn {name}"), &full_name, 1)
        .replace("(mut self", "(self")
}

/// Formats an item on one line and strips the scaffolding that made the fragment an item.
fn format_item(item: Item, prefix: &str, suffix: &str) -> String {
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    let text = prettyplease::unparse(&file);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = text.strip_prefix(prefix).unwrap_or(&text).to_owned();
    text.truncate(text.strip_suffix(suffix).unwrap_or(&text).len());
    // Undoes the line breaks of prettyplease and drops the `::` in front of a crate name.
    for (long, short) in [
        ("( ", "("),
        (", )", ")"),
        ("< ", "<"),
        (", >", ">"),
        ("<::", "<"),
        (" ::", " "),
    ] {
        text = text.replace(long, short);
    }
    text.trim_start_matches("::").to_owned()
}

fn attribute_texts(attributes: &[Attribute]) -> impl Iterator<Item = String> {
    let texts = attributes
        .iter()
        .map(|attribute| attribute.to_token_stream().to_string());
    texts.map(|text| text.replace(' ', ""))
}

/// Formats the attributes that are part of an item's interface.
pub(crate) fn visible_attributes(attributes: &[Attribute]) -> String {
    let visible = ["#[cfg(", "#[deprecated", "#[non_exhaustive"];
    let texts = attribute_texts(attributes).map(|text| format!(" {text}"));
    texts
        .filter(|text| visible.iter().any(|visible| text[1..].starts_with(visible)))
        .collect()
}

/// Returns the derived traits, each with its `cfg` condition.
pub(crate) fn derived_traits(attributes: &[Attribute]) -> Vec<String> {
    let mut derived_traits = Vec::new();
    // Code examples in doc comments contain `derive`, too.
    let attributes = attributes.iter().filter(|it| !it.path().is_ident("doc"));
    let attributes: Vec<Attribute> = attributes.cloned().collect();
    for text in attribute_texts(&attributes) {
        let Some((prefix, list)) = text.split_once("derive(") else {
            continue;
        };
        let condition = match prefix.strip_prefix("#[cfg_attr(") {
            Some(condition) => format!(" #[cfg({})]", condition.trim_end_matches(',')),
            None => String::new(),
        };
        let paths = list.split([')', ',']).take_while(|path| *path != "]");
        let names =
            paths.filter_map(|path| path.rsplit("::").next().filter(|name| !name.is_empty()));
        derived_traits.extend(names.map(|name| format!("{name}{condition}")));
    }
    derived_traits
}
