//! What reading a value has to know beside the value.

use serde_json::Value;

use super::{Place, Report};

/// Where decoding is, and what it has to say.
///
/// Readers have a reference to it: what is two words long is handed on in registers, and what is
/// longer is copied, which the processor has to wait for when it was written just before.
pub(crate) struct Context<'c> {
    pub(super) place: Place<'c>,
    pub(super) report: &'c mut Report,
}

impl Context<'_> {
    /// Reports a value that does not fit.
    #[cold]
    pub(super) fn odd(&mut self, value: Value, expected: &str) {
        self.report.odd(&self.place, value, expected);
    }
}
