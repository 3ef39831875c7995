//! Paths of the workspace's files and folders, and the cargo that builds it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the workspace root.
///
/// `CARGO_MANIFEST_DIR` is read at run time first, so that a program that was built in one checkout
/// and run by cargo in another one works on the latter.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let built_in = env!("CARGO_MANIFEST_DIR").into();
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(built_in);
        let manifest = PathBuf::from(manifest);
        let is_root = |folder: &&Path| folder.join("openapi").is_dir();
        let root = manifest.ancestors().find(is_root);
        root.unwrap_or(&manifest).to_owned()
    })
}

/// Returns the path of the checked-in OpenAPI fragment.
pub fn fragment() -> PathBuf {
    root().join("openapi/clips.json")
}

/// Returns the path of the overlay that is applied to the fragment before code generation.
pub fn overlay() -> PathBuf {
    root().join("openapi/overlay.json")
}

/// Returns the folder of the generated files.
pub fn generated() -> PathBuf {
    root().join("crates/rhombus-clips-api/src/generated")
}

/// Shortens a path below the workspace root to a relative one, for display.
pub fn relative(path: &Path) -> &Path {
    path.strip_prefix(root()).unwrap_or(path)
}

/// Returns a command that runs the cargo that runs this program.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
