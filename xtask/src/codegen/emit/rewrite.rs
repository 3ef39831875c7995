//! Edits the methods that progenitor generates.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, ExprMatch, ExprMethodCall, File, Ident, ImplItemFn, Lit, LitStr, Local,
    Macro, Meta, Stmt, parse_quote,
};

use super::types::doc_lines;
use crate::codegen::model::{Method, Model, TypeKind, ValueType};

/// Name of the version header that progenitor adds, as a literal.
const VERSION_HEADER: &str = "\"api-version\"";

/// Variable that progenitor collects headers in.
const HEADER_MAP: &str = "header_map";

/// What the placeholders in progenitor's document stand for.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    /// Operation ids, by method.
    pub(super) methods: BTreeMap<String, String>,
    /// Rust name, and name in the request, of each parameter.
    pub(super) parameters: BTreeMap<String, (String, String)>,
}

/// Edits all methods in a file.
pub(super) fn rewrite(file: &mut File, model: &Model, placeholders: &Placeholders) {
    let methods: BTreeMap<&str, &Method> = model
        .methods
        .iter()
        .map(|method| (method.operation.id.as_str(), method))
        .collect();
    let mut rewriter = Rewriter {
        model,
        methods,
        placeholders,
        method: None,
    };
    rewriter.visit_file_mut(file);
}

struct Rewriter<'a> {
    model: &'a Model,
    methods: BTreeMap<&'a str, &'a Method>,
    placeholders: &'a Placeholders,
    /// The method that is being edited.
    method: Option<&'a Method>,
}

impl VisitMut for Rewriter<'_> {
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        let id = self
            .placeholders
            .methods
            .get(&function.sig.ident.to_string());
        self.method = id.and_then(|id| self.methods.get(id.as_str()).copied());
        visit_mut::visit_impl_item_fn_mut(self, function);
        if let Some(method) = self.method.take() {
            function.sig.ident = format_ident!("{}", method.name);
            let docs = doc_lines(&method_docs(method)).into_iter();
            function.attrs = docs.map(|line| parse_quote!(#[doc = #line])).collect();
            if self.has_required_properties(method) {
                function.block.stmts.insert(
                    0,
                    parse_quote!(body.check_required().map_err(Error::InvalidRequest)?;),
                );
            }
        }
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        *attributes = attributes.drain(..).flat_map(split_doc).collect();
    }

    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        self.visit_placeholder(ident);
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        // The tokens of a macro are not visited.
        node.tokens = self.replaced(node.tokens.clone());
    }

    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        if let Some((_, name)) = self.placeholders.parameters.get(&literal.value()) {
            *literal = LitStr::new(name, literal.span());
        }
        if let Some(method) = self.method
            && self.placeholders.methods.contains_key(&literal.value())
        {
            *literal = LitStr::new(&method.name, literal.span());
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let original_len = block.stmts.len();
        block
            .stmts
            .retain(|statement| !adds_version_header(&statement.to_token_stream().to_string()));
        let uses_header_map = |statement: &Stmt| {
            let text = statement.to_token_stream().to_string();
            text.contains(&format!("{HEADER_MAP} ."))
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

    fn visit_expr_match_mut(&mut self, expr: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, expr);
        let Some(method) = self.method else { return };
        let is_status = expr
            .expr
            .to_token_stream()
            .to_string()
            .ends_with("as_u16 ()");
        let Some(success) = expr.arms.first_mut().filter(|_| is_status) else {
            return;
        };
        let response = &method.operation.response;
        let statuses = &response.statuses;
        success.pat = match statuses.is_empty() {
            true => parse_quote!(200u16..=299u16),
            false => parse_quote!(#(#statuses)|*),
        };
        let empty = &response.empty_statuses;
        if !empty.is_empty() {
            // Before the successful statuses, which may be all of them.
            expr.arms.insert(
                0,
                parse_quote!(#(#empty)|* => Ok(crate::response::without_content(response)),),
            );
        }
    }
}

impl Rewriter<'_> {
    /// Replaces the placeholders of parameters in tokens.
    fn replaced(&self, tokens: TokenStream) -> TokenStream {
        let replaced = tokens.into_iter().map(|token| match token {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), self.replaced(group.stream())).into()
            }
            TokenTree::Ident(mut ident) => {
                self.visit_placeholder(&mut ident);
                ident.into()
            }
            token => token,
        });
        replaced.collect()
    }

    fn visit_placeholder(&self, ident: &mut Ident) {
        if let Some((name, _)) = self.placeholders.parameters.get(&ident.to_string()) {
            *ident = format_ident!("{name}");
        }
    }

    fn has_required_properties(&self, method: &Method) -> bool {
        let Some(ValueType::Named(name)) = &method.request else {
            return false;
        };
        let item = self.model.types.iter().find(|item| item.name == *name);
        item.is_some_and(|item| match &item.kind {
            TypeKind::Struct(structure) => structure.fields.iter().any(|field| field.is_required),
            TypeKind::OpenEnum(_) => false,
        })
    }
}

/// Returns the documentation of a method.
fn method_docs(method: &Method) -> String {
    let operation = &method.operation;
    let mut text = String::new();
    if let Some(summary) = &operation.summary {
        text += &format!("{}\n\n", summary.trim_end_matches(['.', ',']));
    }
    if let Some(description) = &operation.description {
        text += &format!("{description}\n\n");
    }
    let verb = operation.method.to_uppercase();
    text += &format!("Sends a `{verb}` request to `{}`\n", operation.path);
    let body = operation.body.as_ref();
    let body = body.and_then(|body| Some(("body", body.description.as_ref()?)));
    let parameters = operation.parameters.iter().zip(&method.parameters);
    let parameters = parameters.filter_map(|(parameter, (name, _))| {
        Some((name.as_str(), parameter.description.as_ref()?))
    });
    let described: Vec<_> = parameters.chain(body).collect();
    if !described.is_empty() {
        text += "\nArguments:\n";
    }
    for (name, description) in described {
        text += &format!("- `{name}`: {description}\n");
    }
    if !operation.response.empty_statuses.is_empty() {
        let statuses: Vec<String> = operation
            .response
            .empty_statuses
            .iter()
            .map(ToString::to_string)
            .collect();
        text += &format!(
            "\nA response with status {} has no content: its value is the default one.\n",
            statuses.join(" or ")
        );
    }
    text
}

/// Splits a doc attribute into one per line.
fn split_doc(attribute: Attribute) -> Vec<Attribute> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return vec![attribute];
    };
    let Expr::Lit(literal) = &meta.value else {
        return vec![attribute];
    };
    let Lit::Str(text) = &literal.lit else {
        return vec![attribute];
    };
    let lines = doc_lines(&text.value()).into_iter().map(|line| {
        let mut doc: Attribute = parse_quote!(#[doc = #line]);
        doc.style = attribute.style;
        doc
    });
    lines.collect()
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
