//! `cargo xtask drift`: what a newer, or an older, document of the service says otherwise than
//! the fragment that is checked in.
//!
//! The same operations are cut out of both documents, and compared by what they mean: whether a
//! schema stands in place or goes by a name, whether an `allOf` wraps it, in which order values
//! and properties come, makes no difference. What is found is said by JSON pointer and by the
//! Rust item that it touches, and classed for a consumer of our types:
//!
//! | what | sent | received |
//! |---|---|---|
//! | an operation, a schema, a property, a value of an enumeration is gone | breaking | breaking |
//! | another type in Rust, another address, other credentials | breaking | breaking |
//! | a parameter is new: one more argument | breaking | |
//! | a response with a body is new: another type of result | | breaking |
//! | a choice of a `oneOf` is new | additive | breaking |
//! | a property is new | additive; breaking if required | additive |
//! | a schema, a value of an enumeration, credentials are new | additive | additive |
//! | required, or no longer | breaking | docs |
//! | a stricter limit, of length or number | breaking | docs |
//! | null, or unknown properties, are allowed, or no longer | docs | docs |
//! | `int32`, `int64`; `float`, `double`; any other format | docs | docs |
//! | title, version, servers, tags, titles, examples, defaults, deprecation | docs | docs |
//!
//! Null, unknown properties and the width of a number are documentation for the overlay's sake:
//! it decides what our types take, whatever the document says. What the overlay leaves out of
//! our types altogether, such as the header that says which kind of credentials follows, is
//! documentation too, as long as the value that the client sends is still taken.
//!
//! Not compared are the `description`s and `summary`s, which are ours in the fragment: what the
//! service's were is not kept, so a change of theirs cannot be seen. Nor are the headers of
//! responses, links, callbacks, and extensions, of which the generator makes nothing.

mod at;
mod compare;
pub mod finding;
pub mod report;
mod rust;
mod schema;
mod usage;

use std::path::Path;

use serde_json::Value;

use crate::codegen::overlay;
use crate::error::Result;
use crate::fragment::operation::{self, Operation};
use crate::fragment::whole::Whole;
use crate::fragment::{cut, operation_ids};
use crate::spec::{self, Source};
use finding::{Class, Finding, Kind};
use report::Report;
use rust::Overlaid;

/// Compares the fragment with another document of the service.
pub fn drift(fragment: &Path, overlay: &Path, against: &Source) -> Result<Report> {
    let before = spec::read(fragment)?;
    let ids = operation_ids(fragment, &before)?;
    let overlaid = overlaid(overlay, before)?;

    let our_text = Source::File(fragment.to_owned()).read_text()?;
    let our_whole = Whole::read(fragment, &our_text)?;
    let their_text = against.read_text()?;
    let their_whole = Whole::read(against.name(), &their_text)?;

    let mut pairs = Vec::new();
    let mut findings = Vec::new();
    for id in &ids {
        let ours = operation::require(&our_whole, id)?;
        match operation::find(&their_whole, id)? {
            Some(theirs) => pairs.push((ours, theirs)),
            None => findings.push(gone(ours, &operation::nearest(&their_whole, id))),
        }
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let ours = cut::cut(&our_whole, &ours)?;
    let theirs = cut::cut(&their_whole, &theirs)?;
    findings.extend(compare::compare(&ours, &theirs, &pairs, &overlaid));
    findings.sort();
    Ok(Report {
        fragment: fragment.to_owned(),
        against: against.name().to_owned(),
        operations: ids,
        findings,
    })
}

fn overlaid(overlay: &Path, before: Value) -> Result<Overlaid> {
    let mut after = before.clone();
    overlay::apply(overlay, &mut after)?;
    Ok(Overlaid::new(before, after))
}

fn gone(operation: &Operation, near: &[&str]) -> Finding {
    let near = match near {
        [] => String::new(),
        near => format!("; the nearest are {}", near.join(", ")),
    };
    Finding {
        class: Class::Breaking,
        pointer: operation.pointer(),
        kind: Kind::Removed,
        item: Some(rust::method(&operation.id).name),
        message: format!("the operation is gone{near}"),
    }
}
