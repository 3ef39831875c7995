//! The URL of the repository has one place, the workspace's manifest.

use std::fs;
use std::process::Command;

use xtask::workspace;

/// Hosts of repositories, of which no document names one.
const HOSTS: [&str; 4] = ["github.com/", "gitlab.com/", "codeberg.org/", "git.sr.ht/"];

fn read(path: &str) -> String {
    fs::read_to_string(workspace::root().join(path)).unwrap()
}

/// Returns the URL; empty while it is not set.
fn repository() -> String {
    let manifest = read("Cargo.toml");
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("repository = \""));
    line.unwrap().trim_end_matches('"').to_owned()
}

#[test]
fn published_crates_inherit_the_repository() {
    let mut count = 0;
    for entry in fs::read_dir(workspace::root().join("crates")).unwrap() {
        let manifest = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        let inherits = |line: &str| line == "repository.workspace = true";
        assert!(manifest.lines().any(inherits), "{manifest}");
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn no_document_repeats_the_repository() {
    let files = Command::new("git")
        .args(["ls-files", "*.md", "crates/*/src/lib.rs"])
        .current_dir(workspace::root())
        .output()
        .unwrap();
    let files = String::from_utf8(files.stdout).unwrap();
    assert!(files.lines().any(|file| file == "README.md"));
    let repository = repository();
    for file in files.lines() {
        let text = read(file);
        for host in HOSTS {
            assert!(!text.contains(host), "{file} names {host}");
        }
        let repeats = !repository.is_empty() && text.contains(&repository);
        assert!(!repeats, "{file} repeats {repository}");
    }
}

#[test]
fn the_release_check_reports_a_missing_repository() {
    let output = workspace::cargo()
        .args(["xtask", "release-check"])
        .current_dir(workspace::root())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let is_set = !repository().is_empty();
    assert_eq!(output.status.success(), is_set, "{stderr}");
    let message = "error: repository is not set: set workspace.package.repository in Cargo.toml\n";
    assert_eq!(stderr.contains(message), !is_set, "{stderr}");
    assert!(read("CONTRIBUTING.md").contains("Run `cargo xtask release-check`."));
}
