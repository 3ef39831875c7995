//! Where things are in this workspace.

use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The checked-in OpenAPI fragment.
pub fn fragment() -> PathBuf {
    root().join("openapi/get-clip-with-progress.json")
}

/// What is changed about the fragment before generating.
pub fn overlay() -> PathBuf {
    root().join("openapi/overlay.json")
}

/// The folder of the generated files.
pub fn generated() -> PathBuf {
    root().join("crates/rhombus-clips-api/src/generated")
}

/// A path as a maintainer would type it at the workspace's root.
pub fn relative(path: &Path) -> &Path {
    path.strip_prefix(root()).unwrap_or(path)
}
