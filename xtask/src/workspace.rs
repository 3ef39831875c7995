//! Where things are in this workspace.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder of the workspace: that of the checkout which cargo runs the program for.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let built_in = env!("CARGO_MANIFEST_DIR").into();
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(built_in);
        let mut root = PathBuf::from(manifest);
        root.pop();
        root
    })
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
