//! `cargo xtask drift`: detects differences between the checked-in fragment and another version of
//! the upstream OpenAPI document.
//!
//! The fragment's operations are extracted from both documents and compared semantically: the order of
//! values and properties, and the notation of a schema without a Rust type of its own, make no
//! difference. In this module and its children, `ours` is the fragment's side and `theirs` the upstream
//! side. Each finding has a JSON pointer, the affected Rust item and a class, which is its effect on a
//! client that was generated from the fragment.
//!
//! Breaking is what a client notices: its code no longer compiles with the types of the other document,
//! or its requests fail. What is additive follows from the types: they are non-exhaustive, every field
//! is optional, and a request is built with `new` from its required properties and with a setter for
//! each property, so that an optional property adds a field and a setter. A type that is both sent and
//! received counts as sent.
//!
//! | change of a type | in requests | in responses |
//! |---|---|---|
//! | schema, property or string value removed | breaking | breaking |
//! | schema, optional property or string value added | additive | additive |
//! | required property added (`new` gains an argument) | breaking | additive |
//! | property became required or optional (an argument of `new`) | breaking | docs |
//! | Rust type of a property changed | breaking | breaking |
//! | struct or enumeration moved between inline and named (its Rust name changes) | breaking | breaking |
//! | string, number, array, map or arbitrary value moved between inline and named | docs | docs |
//! | variant of objects added or removed: one struct has the properties of all | as properties | as properties |
//! | properties moved between the parts of a composition | none | none |
//! | variant of any other union, or value of a number, removed | breaking | docs |
//! | variant of any other union, or value of a number, added | docs | docs |
//! | stricter constraint on length or value, `int64` to `int32` | breaking | docs |
//! | other constraint or format | docs | docs |
//! | null allowed or forbidden, also as a value of an enumeration | docs | docs |
//! | unknown properties forbidden (a type that is only sent loses its field `extra`) | breaking | docs |
//! | unknown properties allowed | docs | docs |
//! | title, example, default, discriminator, deprecation | docs | docs |
//!
//! | change of an operation | class |
//! |---|---|
//! | operation removed, endpoint changed | breaking |
//! | parameter added, removed, or now required or optional (an argument of the method) | breaking |
//! | request body added or removed; content type that the client sends or decodes changed | breaking |
//! | content type that the client does not use added or removed | docs |
//! | type of the result changed; status of success with the result removed | breaking |
//! | status of success added, with the same result or without a body (the default value) | additive |
//! | `default` in place of the only success, or the reverse | docs |
//! | error response added, removed or changed: errors have no type | docs |
//! | header or value that the client sends no longer accepted, renamed or moved | breaking |
//! | header that the client sends no longer mentioned: it is sent nevertheless | docs |
//! | security scheme removed or changed, unless the client meets another one | breaking |
//! | security scheme added | additive |
//! | title, version, servers, tags, examples, deprecation | docs |
//!
//! Elements that the overlay removes from the types are classed as `docs`, unless requests fail: the
//! client still sends its credentials, and cannot send a removed property or parameter that is now
//! required. Overlay steps that change a type have no effect on the comparison.
//!
//! Descriptions and summaries are not compared, because the fragment contains rewritten ones and does
//! not retain the originals. Response headers, links, callbacks and extensions are not compared
//! either: the generator ignores them, except for the overlay's extensions, which are not upstream's.

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
            None => findings.push(removed_operation(
                ours,
                &overlaid,
                &their_spec.similar_ids(id),
            )),
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

fn removed_operation(
    operation: &Operation,
    overlaid: &OverlaidFragment,
    similar: &[&str],
) -> Finding {
    let suggestions = match similar {
        [] => String::new(),
        similar => format!("; similar operations: {}", similar.join(", ")),
    };
    let pointer = operation.pointer();
    let chosen = overlaid.chosen_name(&pointer);
    let method = rust_item::client_method(&operation.id, chosen).name;
    let (class, item) = match compare::is_generated(overlaid.overlaid(), operation) {
        true => (Class::Breaking, Some(method)),
        false => (Class::Docs, None),
    };
    Finding {
        class,
        pointer,
        kind: ChangeKind::Removed,
        item,
        message: format!("operation removed{suggestions}"),
    }
}
