//! Edits progenitor's output: types and modules, then the generated methods.
//!
//! progenitor's methods send a version header that this service does not define, parse the URL for
//! every request, and decode a body of any length. They are edited to call the low-level crate
//! instead, which caches the URL, limits the body, and redacts the API key.

use std::collections::BTreeSet;

use proc_macro2::Span;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, ExprMethodCall, File, ImplItem, Item, ItemStruct, Lit, LitStr, Local,
    Meta, Stmt, parse_quote,
};

/// Name of the version header that progenitor adds, as a literal.
const VERSION_HEADER: &str = "\"api-version\"";

/// Variable that progenitor collects headers in.
const HEADER_MAP: &str = "header_map";

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

/// Removes the version header, and redirects URL parsing and decoding to the low-level crate.
pub fn rewrite_requests(syntax_tree: &mut File) {
    RequestRewriter.visit_file_mut(syntax_tree);
}

struct RequestRewriter;

impl VisitMut for RequestRewriter {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let original_len = block.stmts.len();
        block
            .stmts
            .retain(|statement| !adds_version_header(&statement.to_token_stream().to_string()));
        let uses_header_map = |statement: &Stmt| {
            let text = statement.to_token_stream().to_string();
            text.starts_with(&format!("{HEADER_MAP} ."))
        };
        if block.stmts.len() < original_len && !block.stmts.iter().any(uses_header_map) {
            block
                .stmts
                .retain(|statement| !declares_header_map(statement));
            HeaderMapRemover.visit_block_mut(block);
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_mut::visit_local_mut(self, local);
        if let (Some(init), "url") = (&mut local.init, &*local.pat.to_token_stream().to_string()) {
            let text = &init.expr;
            *init.expr = parse_quote!(
                self.inner
                    .url_cache
                    .get_or_parse(#text)
                    .map_err(Error::InvalidRequest)?
            );
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Call(call) = expr
            && call.func.to_token_stream().to_string() == "ResponseValue :: from_response"
        {
            let response = &call.args;
            *expr = parse_quote!(crate::response::decode(&self.inner, &info, #response));
        }
    }
}

/// Returns whether a statement adds the version header.
fn adds_version_header(statement: &str) -> bool {
    statement.starts_with(HEADER_MAP) && statement.contains(VERSION_HEADER)
}

fn declares_header_map(statement: &Stmt) -> bool {
    let Stmt::Local(local) = statement else {
        return false;
    };
    local.pat.to_token_stream().to_string() == format!("mut {HEADER_MAP}")
}

/// Removes the header map from the request builder.
struct HeaderMapRemover;

impl VisitMut for HeaderMapRemover {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(ExprMethodCall {
            receiver,
            method,
            args,
            ..
        }) = expr
            && method == "headers"
            && args.to_token_stream().to_string() == HEADER_MAP
        {
            *expr = (**receiver).clone();
        }
    }
}
