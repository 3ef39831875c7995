//! How the generated methods send and receive.
//!
//! progenitor puts a header on every request that this service never asked for, takes the address
//! apart for each of them, and reads an answer of any length by itself. The low-level crate keeps
//! the address, and reads answers: up to a limit, and without the API key.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, File, Local, Stmt, parse_quote};

/// The header of progenitor's own.
const VERSION: &str = "\"api-version\"";

/// What progenitor collects headers in.
const HEADERS: &str = "header_map";

/// Sends no header of progenitor's own, and leaves addresses and answers to the low-level crate.
pub fn exchange(file: &mut File) {
    Exchange.visit_file_mut(file);
}

struct Exchange;

impl VisitMut for Exchange {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let had = block.stmts.len();
        block
            .stmts
            .retain(|statement| !is_version(&statement.to_token_stream().to_string()));
        let is_used = |statement: &Stmt| {
            let text = statement.to_token_stream().to_string();
            text.starts_with(&format!("{HEADERS} ."))
        };
        if block.stmts.len() < had && !block.stmts.iter().any(is_used) {
            block.stmts.retain(|statement| !declares_headers(statement));
            WithoutHeaders.visit_block_mut(block);
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_mut::visit_local_mut(self, local);
        if let (Some(init), "url") = (&mut local.init, &*local.pat.to_token_stream().to_string()) {
            let text = &init.expr;
            *init.expr = parse_quote!(self.inner.address.of(#text).map_err(Error::InvalidRequest)?);
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Call(call) = expr
            && call.func.to_token_stream().to_string() == "ResponseValue :: from_response"
        {
            let response = &call.args;
            *expr = parse_quote!(crate::answer::decode(&self.inner, #response));
        }
    }
}

/// Whether a statement adds the header.
fn is_version(statement: &str) -> bool {
    statement.starts_with(HEADERS) && statement.contains(VERSION)
}

fn declares_headers(statement: &Stmt) -> bool {
    let Stmt::Local(local) = statement else {
        return false;
    };
    local.pat.to_token_stream().to_string() == format!("mut {HEADERS}")
}

/// Takes the collection of headers off a request.
struct WithoutHeaders;

impl VisitMut for WithoutHeaders {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(ExprMethodCall {
            receiver,
            method,
            args,
            ..
        }) = expr
            && method == "headers"
            && args.to_token_stream().to_string() == HEADERS
        {
            *expr = (**receiver).clone();
        }
    }
}
