//! `cargo xtask drift`: detects differences between the checked-in fragment and another version of
//! the upstream OpenAPI document.
//!
//! The fragment's operations are extracted from both documents and compared semantically: inline and
//! named schemas, `allOf` wrappers, and the order of enum values and properties make no difference.
//! In this module and its children, `ours` is the fragment's side and `theirs` the upstream side. Each
//! finding has a JSON pointer, the affected Rust item and a class, which is its effect on users of the
//! generated types:
//!
//! | change | in requests | in responses |
//! |---|---|---|
//! | operation, schema, property or enum value removed | breaking | breaking |
//! | Rust type, endpoint or credentials changed | breaking | breaking |
//! | parameter added (an additional method argument) | breaking | |
//! | response with a body added (another result type) | | breaking |
//! | `oneOf` variant added | additive | breaking |
//! | property added | additive; breaking if required | additive |
//! | schema, enum value or credentials added | additive | additive |
//! | property became required or optional | breaking | docs |
//! | stricter constraint on length or value | breaking | docs |
//! | null or unknown properties allowed or forbidden | docs | docs |
//! | `int32`, `int64`; `float`, `double`; any other format | docs | docs |
//! | title, version, servers, tags, examples, defaults, deprecation | docs | docs |
//!
//! Nullability, unknown properties and number widths are classed as `docs` because the overlay
//! determines them for the generated types, regardless of the document. Elements that the overlay
//! removes from the types, such as the header for the authentication scheme, are also classed as
//! `docs`, as long as the value that the client sends is still accepted.
//!
//! Descriptions and summaries are not compared, because the fragment contains rewritten ones and does
//! not retain the originals. Response headers, links, callbacks and extensions are not compared
//! either: the generator ignores them.

mod compare;
mod kind;
mod node;
mod parts;
pub mod report;
mod rust_item;
mod schema;

use std::path::Path;

use serde_json::Value;

use crate::codegen::overlay;
use crate::error::Result;
use crate::extract::closure::extract_operations;
use crate::extract::operation_ids;
use crate::extract::upstream::{Operation, UpstreamSpec};
use crate::spec::{self, Source};
use report::{ChangeKind, Class, DriftReport, Finding};
use rust_item::OverlaidFragment;

/// Compares the fragment with another version of the upstream document.
pub fn drift(fragment: &Path, overlay: &Path, against: &Source) -> Result<DriftReport> {
    let document = spec::read(fragment)?;
    let ids = operation_ids(fragment, &document)?;
    let overlaid = overlaid(overlay, document)?;

    let our_text = Source::File(fragment.to_owned()).read_text()?;
    let our_spec = UpstreamSpec::read(fragment, &our_text)?;
    let their_text = against.read_text()?;
    let their_spec = UpstreamSpec::read(against.name(), &their_text)?;

    let mut pairs = Vec::new();
    let mut findings = Vec::new();
    for id in &ids {
        let ours = our_spec.require(id)?;
        match their_spec.find(id)? {
            Some(theirs) => pairs.push((ours, theirs)),
            None => findings.push(removed_operation(ours, &their_spec.similar_ids(id))),
        }
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let ours = extract_operations(&our_spec, &ours)?;
    let theirs = extract_operations(&their_spec, &theirs)?;
    findings.extend(compare::compare(&ours, &theirs, &pairs, &overlaid));
    findings.sort();
    Ok(DriftReport {
        fragment: fragment.to_owned(),
        against: against.name().to_owned(),
        operations: ids,
        findings,
    })
}

fn overlaid(overlay: &Path, document: Value) -> Result<OverlaidFragment> {
    let mut overlaid = document.clone();
    overlay::apply(overlay, &mut overlaid)?;
    Ok(OverlaidFragment::new(document, overlaid))
}

fn removed_operation(operation: &Operation, similar: &[&str]) -> Finding {
    let suggestions = match similar {
        [] => String::new(),
        similar => format!("; similar operations: {}", similar.join(", ")),
    };
    Finding {
        class: Class::Breaking,
        pointer: operation.pointer(),
        kind: ChangeKind::Removed,
        item: Some(rust_item::client_method(&operation.id, None).name),
        message: format!("operation removed{suggestions}"),
    }
}
