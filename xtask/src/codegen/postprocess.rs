//! Edits progenitor's output: removes unused items, adds derives, tidies paths and docs.
//!
//! Everything here works on the syntax tree of types and modules; calls in the generated methods
//! are edited in `postprocess_client`.

use std::collections::BTreeSet;

use proc_macro2::Span;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, File, ImplItem, Item, ItemStruct, Lit, LitStr, Meta, parse_quote};

/// Drops unused items: a constructor that panics if TLS cannot be initialized, a prelude of one
/// name, and the error type of conversions that are not generated.
pub fn drop_unused_items(items: &mut Vec<Item>) {
    items.retain_mut(|item| match item {
        Item::Impl(item) if item.trait_.is_none() => {
            item.items
                .retain(|item| !matches!(item, ImplItem::Fn(f) if f.sig.ident == "new"));
            !item.items.is_empty()
        }
        Item::Mod(module) if module.ident == "prelude" => false,
        Item::Mod(module) if module.ident == "error" => false,
        Item::Mod(module) => {
            if let Some((_, items)) = &mut module.content {
                drop_unused_items(items);
            }
            true
        }
        _ => true,
    });
}

/// Adds the workspace's derives and attributes, shortens paths, and formats doc comments.
pub fn apply_style(file: &mut File, response_types: &BTreeSet<String>) {
    Style { response_types }.visit_file_mut(file);
}

struct Style<'a> {
    response_types: &'a BTreeSet<String>,
}

impl VisitMut for Style<'_> {
    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        visit_mut::visit_item_struct_mut(self, item);
        if item.ident != "Client" {
            item.attrs.push(
                parse_quote!(#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]),
            );
        }
        if self.response_types.contains(&item.ident.to_string()) {
            item.attrs.push(parse_quote!(#[non_exhaustive]));
        }
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        *attributes = attributes.drain(..).flat_map(split_doc).collect();
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        const PRELUDE: [&str; 3] = ["Option", "String", "Vec"];
        let is_std = path
            .segments
            .first()
            .is_some_and(|first| first.ident == "std");
        if is_std
            && path.segments.len() == 3
            && PRELUDE.iter().any(|name| path.segments[2].ident == name)
        {
            path.leading_colon = None;
            path.segments = std::iter::once(path.segments[2].clone()).collect();
        }
    }
}

/// Splits a doc attribute into one per line, each starting with a space.
fn split_doc(attribute: Attribute) -> Vec<Attribute> {
    let Some(text) = doc_text(&attribute) else {
        return vec![attribute];
    };
    let text = text.trim_end();
    let lines = if text.is_empty() {
        vec![""]
    } else {
        text.lines().collect()
    };
    lines
        .into_iter()
        .map(|line| {
            let line = line.trim_end();
            let spaced = if line.is_empty() || line.starts_with(' ') {
                line.to_owned()
            } else {
                format!(" {line}")
            };
            let line = LitStr::new(&spaced, Span::call_site());
            let mut spaced: Attribute = parse_quote!(#[doc = #line]);
            spaced.style = attribute.style;
            spaced
        })
        .collect()
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(literal) = &meta.value else {
        return None;
    };
    match &literal.lit {
        Lit::Str(text) if meta.path.to_token_stream().to_string() == "doc" => Some(text.value()),
        _ => None,
    }
}
