//! Whatever the crate offers is shown in its documentation, in an example that runs.

use std::fs;
use std::path::Path;

use rhombus_clips_tests::outline::outline;
use xtask::workspace;

/// The lines that a reader sees of the examples in a folder, of those that are run.
fn examples(folder: &Path) -> String {
    let mut shown = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            shown += &examples(&path);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_markdown = path.extension().is_some_and(|extension| extension == "md");
        let lines = text.lines().filter_map(|line| {
            let line = line.trim_start();
            let doc = line.strip_prefix("///").or(line.strip_prefix("//!"));
            if is_markdown { Some(line) } else { doc }
        });
        // Whether the block that is open, if there is one, is run.
        let mut runs = None;
        for line in lines.map(str::trim) {
            if let Some(marks) = line.strip_prefix("```") {
                runs = match runs {
                    None => Some(marks.is_empty()),
                    Some(_) => None,
                };
            } else if runs == Some(true) && line != "#" && !line.starts_with("# ") {
                shown.push_str(line);
                shown.push('\n');
            }
        }
    }
    shown
}

/// What in an example shows the item of this line of the outline, any of these.
fn signs(line: &str) -> Vec<String> {
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
    let of_a_type = |path: &str| {
        let (above, last) = path.rsplit_once("::").unwrap();
        format!("{}::{}", above.rsplit("::").next().unwrap(), name(last))
    };
    match (first, first.strip_suffix(':')) {
        ("struct" | "enum" | "trait" | "type", _) => {
            let path = rest.split(' ').next().unwrap().trim_end_matches(':');
            vec![name(path.rsplit("::").next().unwrap())]
        }
        ("const", _) => vec![of_a_type(rest.split_once(": ").unwrap().0)],
        // Documented where it comes from.
        ("use", _) => Vec::new(),
        (_, Some(path)) => match path.rsplit_once('.') {
            Some((_, field)) => vec![format!(".{field}")],
            // The traits of a type.
            None => Vec::new(),
        },
        (variant, None) => vec![of_a_type(variant)],
    }
}

/// Types that come out of calls, and that nobody names.
const UNNAMED: [&str; 4] = ["WatchAllStream", "GetClip", "WatchStream", "WatchHandle"];

#[test]
fn every_public_item_is_shown_in_an_example_that_runs() {
    let sources = workspace::root().join("crates/rhombus-clips/src");
    let examples = examples(&sources);
    let outline = outline(&sources);
    let missing: Vec<&str> = outline
        .lines()
        .filter(|line| {
            let signs = signs(line);
            !signs.is_empty()
                && !signs.iter().any(|sign| examples.contains(sign))
                && !UNNAMED.contains(&signs[0].as_str())
        })
        .collect();
    assert!(
        missing.is_empty(),
        "without an example:\n{}",
        missing.join("\n")
    );
}
