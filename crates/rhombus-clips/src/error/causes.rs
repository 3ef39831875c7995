//! Traversal of an error's causes.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

/// Iterates over the causes, outermost first. It includes an error wrapped in an `io::Error`, which
/// `source` skips.
pub(crate) fn causes(error: &dyn StdError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    successors(error.source(), |&cause| next_cause(cause))
}

fn next_cause<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}
