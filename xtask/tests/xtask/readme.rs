//! Runs the console examples of `openapi/README.md` in a copy of the workspace and compares their
//! output with the documented one.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::workspace;

const OPENING: &str = "```console\n$ ";
const CLOSING: &str = "```";

/// Replaces the documented output of each command with the actual output.
fn with_actual_output(text: &str, mut run: impl FnMut(&str) -> String) -> String {
    let mut parts = text.split(OPENING);
    let mut updated = parts.next().unwrap().to_owned();
    for part in parts {
        let (command, rest) = part.split_once('\n').unwrap();
        let (_, after) = rest.split_once(CLOSING).unwrap();
        updated.push_str(&format!(
            "{OPENING}{command}\n{}{CLOSING}{after}",
            run(command)
        ));
    }
    updated
}

/// Creates a document newer than the fragment, with an additional status and property.
fn newer_document() -> Value {
    let mut document: Value =
        serde_json::from_str(&fs::read_to_string(workspace::fragment()).unwrap()).unwrap();
    let schemas = &mut document["components"]["schemas"];
    schemas["ClipStatusEnum"]["enum"]
        .as_array_mut()
        .unwrap()
        .push(json!("PAUSED"));
    schemas["Event_SavedClipWithProgressType"]["properties"]["archived"] =
        json!({ "type": "boolean", "nullable": true, "description": "archived" });
    document
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn documented_commands_print_the_documented_output() {
    let folder = TempDir::new().unwrap();
    let path_in_copy = |path: &str| folder.path().join(path);
    for path in ["openapi", "crates/rhombus-clips-api/src/generated"] {
        copy_folder(&workspace::root().join(path), &path_in_copy(path));
    }
    fs::create_dir(path_in_copy("xtask")).unwrap();
    fs::write(path_in_copy("public.json"), newer_document().to_string()).unwrap();
    fs::write(
        path_in_copy("responses.jsonl"),
        "{\"clip\":{\"status\":\"PAUSED\"}}\n{\"clip\":{\"status\":\"COMPLETE\",\"byteCount\":\"many\"}}\n",
    )
    .unwrap();

    let run = |command: &str| {
        let words: Vec<&str> = command.split(' ').collect();
        let ["cargo", "xtask", name, arguments @ ..] = words.as_slice() else {
            panic!("{command} is not a `cargo xtask` command");
        };
        let mut program = if *name == "decode" {
            // `cargo xtask decode` would build in release mode, which is slow in tests.
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args([
                "run",
                "--quiet",
                "--package",
                "xtask-decode",
                "--manifest-path",
            ]);
            cargo.arg(workspace::root().join("Cargo.toml")).arg("--");
            cargo
        } else {
            let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
            xtask
                .arg(name)
                .env("CARGO_MANIFEST_DIR", path_in_copy("xtask"));
            xtask
        };
        let output = program
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let documented = fs::read_to_string(workspace::root().join("openapi/README.md")).unwrap();
    let actual = with_actual_output(&documented, run);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(workspace::root().join("openapi/README.md"), &actual).unwrap();
    }
    assert_eq!(
        documented, actual,
        "openapi/README.md is stale; rerun with UPDATE_README=1"
    );
}
