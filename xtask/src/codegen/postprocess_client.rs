//! Edits the generated methods: headers, URL parsing, and response decoding.
//!
//! progenitor's methods send a version header that this service does not define, parse the URL for
//! every request, and decode a body of any length. They are edited to call the low-level crate
//! instead, which caches the URL, limits the body, and redacts the API key.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, File, Local, Stmt, parse_quote};

/// Name of the version header that progenitor adds, as a literal.
const VERSION_HEADER: &str = "\"api-version\"";

/// Variable that progenitor collects headers in.
const HEADER_MAP: &str = "header_map";

/// Removes the version header, and redirects URL parsing and decoding to the low-level crate.
pub fn rewrite_requests(file: &mut File) {
    RequestRewriter.visit_file_mut(file);
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
            *expr = parse_quote!(crate::response::decode(&self.inner, #response));
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
