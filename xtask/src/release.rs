//! `cargo xtask release-check`: what is to be filled in before the first publication.

use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::workspace;

/// Returns what is missing from the manifests of the published crates, one line each.
pub fn check() -> Result<Vec<String>> {
    let failed = |reason: String| Error::new(Path::new("cargo metadata"), reason);
    let output = workspace::cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .arg("--manifest-path")
        .arg(workspace::root().join("Cargo.toml"))
        .output()
        .map_err(|error| failed(format!("cannot run: {error}")))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let metadata = serde_json::from_slice(&output.stdout);
    Ok(missing(
        &metadata.map_err(|error| failed(format!("not JSON: {error}")))?,
    ))
}

/// Returns what is missing from the published packages in the output of `cargo metadata`.
fn missing(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    // `publish = false` is an empty list of registries.
    let published = packages.filter(|package| package["publish"] != Value::Array(Vec::new()));
    let (set, unset): (Vec<_>, Vec<_>) = published.partition(|package| {
        package["repository"]
            .as_str()
            .is_some_and(|url| !url.is_empty())
    });
    if set.is_empty() {
        return vec![
            "repository is not set: set workspace.package.repository in Cargo.toml".to_owned(),
        ];
    }
    let names = unset.iter().filter_map(|package| package["name"].as_str());
    names
        .map(|name| {
            format!("repository of {name} is not set: inherit it with repository.workspace = true")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn published_packages_need_a_repository() {
        let package = |name: &str, repository: Value, publish: Value| json!({"name": name, "repository": repository, "publish": publish});
        let url = || json!("https://example.com/clips");
        let tests = || package("tests", Value::Null, json!([]));
        let missing = |packages: &[Value]| missing(&json!({"packages": packages}));
        for unset in [json!(""), Value::Null] {
            assert_eq!(
                missing(&[package("a", unset, Value::Null), tests()]),
                ["repository is not set: set workspace.package.repository in Cargo.toml"]
            );
        }
        let a = || package("a", url(), Value::Null);
        assert_eq!(missing(&[a(), tests()]), [""; 0]);
        assert_eq!(
            missing(&[a(), package("b", Value::Null, Value::Null)]),
            ["repository of b is not set: inherit it with repository.workspace = true"]
        );
    }
}
