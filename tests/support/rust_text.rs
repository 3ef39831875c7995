//! Parts of Rust sources, each as one line of text.

use quote::ToTokens;
use syn::{Attribute, Generics, ImplItem, Item, Path, Signature, Type, Variant, parse_quote};

/// A type.
pub(crate) fn type_text(of: &Type) -> String {
    one_line(parse_quote!(type T = #of;), "type T = ", ";")
}

/// A trait by its last name, and the types that an implementation gives it.
pub(crate) fn trait_text(path: &Path, items: &[ImplItem]) -> String {
    let last = path.segments.last();
    // The lifetime that every decoder has, and a derived one does not show.
    let mut text = type_text(&parse_quote!(#last)).replace("<'de>", "");
    for item in items {
        if let ImplItem::Type(item) = item {
            text += &format!(" ({} = {})", item.ident, type_text(&item.ty));
        }
    }
    text
}

/// Generic parameters with their bounds; nothing when there are none.
pub(crate) fn generics_text(generics: &Generics) -> String {
    one_line(parse_quote!(struct T #generics;), "struct T", ";")
}

/// A variant with its fields.
pub(crate) fn variant_text(variant: &Variant) -> String {
    let mut variant = variant.clone();
    variant.attrs.clear();
    variant
        .fields
        .iter_mut()
        .for_each(|field| field.attrs.clear());
    variant.discriminant = None;
    one_line(parse_quote!(enum T { #variant }), "enum T { ", ", }")
}

/// A function or method without its body, under its full name.
pub(crate) fn signature_text(signature: &Signature, at: &str) -> String {
    let (name, at) = (&signature.ident, format!("fn {at}"));
    let text = one_line(parse_quote!(#signature {}), "", " {}");
    // That a method changes what it was given is nobody's business.
    text.replacen(&format!("fn {name}"), &at, 1)
        .replace("(mut self", "(self")
}

/// An item as people write it, on one line, between what was put around it to be an item.
fn one_line(item: Item, before: &str, behind: &str) -> String {
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    let text = prettyplease::unparse(&file);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = text.strip_prefix(before).unwrap_or(&text).to_owned();
    text.truncate(text.strip_suffix(behind).unwrap_or(&text).len());
    // What prettyplease broke over lines, and the `::` before the name of a crate.
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

/// The attributes that a user of the item has to know.
pub(crate) fn marks(attributes: &[Attribute]) -> String {
    let told = ["#[cfg(", "#[deprecated", "#[non_exhaustive"];
    let texts = attribute_texts(attributes).map(|text| format!(" {text}"));
    texts
        .filter(|text| told.iter().any(|told| text[1..].starts_with(told)))
        .collect()
}

/// The derived traits, each with the condition under which it is.
pub(crate) fn derives(attributes: &[Attribute]) -> Vec<String> {
    let mut derives = Vec::new();
    // Examples in a documentation derive too.
    let attributes = attributes.iter().filter(|it| !it.path().is_ident("doc"));
    let attributes: Vec<Attribute> = attributes.cloned().collect();
    for text in attribute_texts(&attributes) {
        let Some((before, list)) = text.split_once("derive(") else {
            continue;
        };
        let condition = match before.strip_prefix("#[cfg_attr(") {
            Some(condition) => format!(" #[cfg({})]", condition.trim_end_matches(',')),
            None => String::new(),
        };
        let paths = list.split([')', ',']).take_while(|path| *path != "]");
        let names =
            paths.filter_map(|path| path.rsplit("::").next().filter(|name| !name.is_empty()));
        derives.extend(names.map(|name| format!("{name}{condition}")));
    }
    derives
}
