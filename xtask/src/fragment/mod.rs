//! `cargo xtask fragment`: from the service's whole document to the fragment that is checked in.
//!
//! [`whole`] reads no more of the document than it must, [`operation`] finds what is asked for,
//! [`closure`] follows every reference from there, [`cut`] puts the parts together, [`words`]
//! gives them our own descriptions back, [`store`] compares or writes them.
//!
//! Types, formats, nullability, enumeration values and what is required are always the service's,
//! and so are its titles, defaults and examples. Only prose is ours: a `description` or a
//! `summary` stays wherever the present fragment has one.
//!
//! What the document says about other operations is not looked at, beyond being JSON.

pub mod closure;
pub mod cut;
pub mod operation;
pub mod store;
pub mod whole;
pub mod words;

use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::spec::{self, Source};
use whole::Whole;
use words::Wordless;

/// A fragment fresh from the service's document.
#[derive(Debug)]
pub struct Fragment {
    /// Its text, in canonical form.
    pub text: String,
    /// Where it lacks words of our own.
    pub wordless: Wordless,
}

/// Cuts the operations out of a document, and keeps the words of the fragment at `present`.
///
/// No operations means those of the present fragment.
pub fn make(source: &Source, present: &Path, operations: &[String]) -> Result<Fragment> {
    let ours = spec::read(present)?;
    let ids = match operations {
        [] => operation_ids(present, &ours)?,
        named => named.to_vec(),
    };
    let text = source.read_text()?;
    let whole = Whole::read(source.name(), &text)?;
    let wanted = ids
        .iter()
        .map(|id| operation::require(&whole, id))
        .collect::<Result<Vec<_>>>()?;
    let mut fragment = cut::cut(&whole, &wanted)?;
    let wordless = words::keep(&ours, &mut fragment);
    Ok(Fragment {
        text: spec::to_canonical_json(&fragment),
        wordless,
    })
}

/// The operations of a fragment.
pub fn operation_ids(path: &Path, fragment: &Value) -> Result<Vec<String>> {
    let ids: Vec<String> = operation::of_document(fragment)
        .into_iter()
        .map(|operation| operation.id)
        .collect();
    if ids.is_empty() {
        return Err(Error::at(path, "/paths", "no operation has an id"));
    }
    Ok(ids)
}
