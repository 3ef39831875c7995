//! The modules and files that ARCHITECTURE.md names exist.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::workspace;

fn document() -> String {
    fs::read_to_string(workspace::root().join("ARCHITECTURE.md")).unwrap()
}

/// Returns the texts between backticks.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns whether a source directory has this module.
fn has_module(source: &Path, module: &str) -> bool {
    let path = source.join(module.trim_end_matches('/'));
    path.is_dir() || path.with_extension("rs").is_file() || path.with_extension("md").is_file()
}

#[test]
fn every_module_in_a_table_exists() {
    let document = document();
    let (_, modules) = document.split_once("\n## Modules\n").unwrap();
    let (modules, _) = modules.split_once("\n## ").unwrap();
    let mut count = 0;
    for section in modules.split("\n### ").skip(1) {
        let name = names(section).next().unwrap();
        let root = match name {
            "xtask" => workspace::root().join("xtask"),
            name => workspace::root().join("crates").join(name),
        };
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        for module in rows.flat_map(|row| names(row.split('|').nth(1).unwrap())) {
            let is_found = has_module(&root.join("src"), module) || has_module(&root, module);
            assert!(is_found, "{name} has no module {module}");
            count += 1;
        }
    }
    assert!(count > 40, "only {count} modules found");
}

#[test]
fn every_file_on_the_path_of_a_poll_exists() {
    let document = document();
    let (_, path) = document.split_once("\n## The path of one poll\n").unwrap();
    let (path, _) = path.split_once("\n## Glossary").unwrap();
    let crates = workspace::root().join("crates");
    let files: Vec<&str> = names(path).filter(|name| name.ends_with(".rs")).collect();
    assert!(files.len() > 20, "only {files:?} found");
    for file in files {
        let path: PathBuf = match (file.strip_prefix("api/"), file.contains("crates/")) {
            (Some(file), _) => crates.join("rhombus-clips-api/src").join(file),
            (None, true) => workspace::root().join(file),
            (None, false) => crates.join("rhombus-clips/src").join(file),
        };
        let is_beside = crates.join("rhombus-clips-sim/src").join(file).is_file();
        assert!(path.is_file() || is_beside, "{file} does not exist");
    }
}
