//! Provokes every kind of error for real, as input of tests that look at all errors.

mod connections;
mod creation;
mod downloads;
mod responses;
mod settings;
mod watches;

use rhombus_clips::{ClipUuid, Error, ErrorKind};
use xtask::workspace;

/// A label that describes the cause, and the resulting error.
pub type Failure = (&'static str, Error);

/// Message of the policy that panics, among the failures.
pub const PANICKING_POLICY: &str = "no idea";

/// Provokes one failure of each kind. The service includes `echo` in every part of a response that
/// has room for it.
pub async fn all(echo: &str) -> Vec<Failure> {
    let mut failures = settings::all();
    failures.extend(connections::all().await);
    failures.extend(responses::all(echo).await);
    failures.extend(watches::all(echo).await);
    failures.extend(creation::all(echo).await);
    failures.extend(downloads::all(echo).await);
    failures
}

/// Returns the names of all error kinds. They are read from the source because the enum is
/// `non_exhaustive`.
pub fn kinds() -> Vec<String> {
    let path = workspace::root().join("crates/rhombus-clips/src/error/kind.rs");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, kinds) = text.split_once("pub enum ErrorKind {").unwrap();
    let (kinds, _) = kinds.split_once("\n}").unwrap();
    let kinds = kinds.lines().filter(|line| !line.contains("///"));
    kinds
        .filter_map(|line| line.trim().strip_suffix(','))
        .map(str::to_owned)
        .collect()
}

/// Returns the error kinds that none of the failures has.
pub fn missing_kinds(failures: &[Failure]) -> Vec<String> {
    let name = |kind: ErrorKind| format!("{kind:?}");
    let covered: Vec<String> = failures
        .iter()
        .map(|(_, error)| name(error.kind()))
        .collect();
    let mut kinds = kinds();
    kinds.retain(|kind| !covered.contains(kind));
    kinds
}

fn sample_uuid() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}
