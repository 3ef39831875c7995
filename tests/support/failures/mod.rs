//! Every way to fail, gone through for real.

mod answers;
mod connections;
mod settings;
mod watches;

use rhombus_clips::{ClipUuid, Error, ErrorKind};
use xtask::workspace;

/// What was done wrong or went wrong, and the error that came of it.
pub type Failure = (&'static str, Error);

/// One failure of each way. The service says `echo` wherever it can say something.
pub async fn all(echo: &str) -> Vec<Failure> {
    let mut failures = settings::all();
    failures.extend(connections::all().await);
    failures.extend(answers::all(echo).await);
    failures.extend(watches::all(echo).await);
    failures
}

/// The names of all kinds of error, from their definition: outside of its crate the type is open.
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

/// The kinds that none of the failures is of.
pub fn kinds_missing_in(failures: &[Failure]) -> Vec<String> {
    let name = |kind: ErrorKind| format!("{kind:?}");
    let met: Vec<String> = failures
        .iter()
        .map(|(_, error)| name(error.kind()))
        .collect();
    let mut kinds = kinds();
    kinds.retain(|kind| !met.contains(kind));
    kinds
}

fn some_clip() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}
