//! Every public item of the library is used in a documentation example that is compiled and run.
//!
//! The search is textual: it looks for the item's name in the form in which code uses it, such as
//! `.name(` for a method.

use std::fs;
use std::path::Path;

use rhombus_clips_tests::public_api::public_items;
use xtask::workspace;

/// Collects the visible lines of all tested examples in a directory.
fn collect_examples(directory: &Path) -> String {
    let mut lines_shown = String::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            lines_shown += &collect_examples(&path);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_markdown = path.extension().is_some_and(|extension| extension == "md");
        let lines = text.lines().filter_map(|line| {
            let line = line.trim_start();
            let doc = line.strip_prefix("///").or(line.strip_prefix("//!"));
            if is_markdown { Some(line) } else { doc }
        });
        // Whether the current code block, if there is one, is tested.
        let mut is_tested = None;
        for line in lines.map(str::trim) {
            if let Some(marks) = line.strip_prefix("```") {
                is_tested = match is_tested {
                    None => Some(marks.is_empty()),
                    Some(_) => None,
                };
            } else if is_tested == Some(true) && line != "#" && !line.starts_with("# ") {
                lines_shown.push_str(line);
                lines_shown.push('\n');
            }
        }
    }
    lines_shown
}

/// Returns the texts of which one must occur in an example that uses the item of this line.
fn usage_patterns(line: &str) -> Vec<String> {
    let name = |text: &str| text.split(['(', '<', ':']).next().unwrap().to_owned();
    if let Some((_, function)) = line.split_once("fn ") {
        let name = name(
            function
                .split('(')
                .next()
                .unwrap()
                .rsplit("::")
                .next()
                .unwrap(),
        );
        return [".", "::", "fn "]
            .map(|before| format!("{before}{name}("))
            .into();
    }
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let associated_item = |path: &str| {
        let (parent, last) = path.rsplit_once("::").unwrap();
        format!("{}::{}", parent.rsplit("::").next().unwrap(), name(last))
    };
    match (first, first.strip_suffix(':')) {
        ("struct" | "enum" | "trait" | "type", _) => {
            let path = rest.split(' ').next().unwrap().trim_end_matches(':');
            vec![name(path.rsplit("::").next().unwrap())]
        }
        ("const", _) => vec![associated_item(rest.split_once(": ").unwrap().0)],
        // Re-exports are documented in the crate that they come from.
        ("use", _) => Vec::new(),
        (_, Some(path)) => match path.rsplit_once('.') {
            Some((_, field)) => vec![format!(".{field}")],
            // The list of a type's traits.
            None => Vec::new(),
        },
        // The list of traits of a reference, or of a type with parameters.
        (generic, None) if generic.contains(['<', '&']) => Vec::new(),
        (variant, None) => vec![associated_item(variant)],
    }
}

/// Types that are returned by calls and rarely named.
const NEVER_NAMED: [&str; 15] = [
    "WatchAllStream",
    "GetClip",
    "WatchStream",
    "WatchHandle",
    "ApiCall",
    "CancelClip",
    "CreateClip",
    "DeleteClip",
    "GetMaxClipDuration",
    "ListCameras",
    "ListClips",
    "ListClipsInProgress",
    "ListClipsStream",
    "RetryClip",
    "UpdateClip",
];

#[test]
fn every_public_item_is_used_in_a_tested_example() {
    let sources = workspace::root().join("crates/rhombus-clips/src");
    let examples = collect_examples(&sources);
    let items = public_items(&sources);
    let missing: Vec<&str> = items
        .lines()
        .filter(|line| {
            let patterns = usage_patterns(line);
            !patterns.is_empty()
                && !patterns.iter().any(|pattern| examples.contains(pattern))
                && !NEVER_NAMED.contains(&patterns[0].as_str())
        })
        .collect();
    assert!(
        missing.is_empty(),
        "without an example:\n{}",
        missing.join("\n")
    );
}
