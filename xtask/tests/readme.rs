//! The maintainer's loop as `openapi/README.md` tells it, walked in a copy of the workspace.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::workspace;

const OPENING: &str = "```console\n$ ";
const CLOSING: &str = "```";

/// The text with what each command really prints below it.
fn walked(text: &str, mut run: impl FnMut(&str) -> String) -> String {
    let mut parts = text.split(OPENING);
    let mut walked = parts.next().unwrap().to_owned();
    for part in parts {
        let (command, rest) = part.split_once('\n').unwrap();
        let (_, after) = rest.split_once(CLOSING).unwrap();
        walked.push_str(&format!(
            "{OPENING}{command}\n{}{CLOSING}{after}",
            run(command)
        ));
    }
    walked
}

/// A newer document than the fragment: a new status and a new property.
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

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_loop_goes_as_it_is_told() {
    let folder = TempDir::new().unwrap();
    let place = |path: &str| folder.path().join(path);
    for path in ["openapi", "crates/rhombus-clips-api/src/generated"] {
        copy(&workspace::root().join(path), &place(path));
    }
    fs::create_dir(place("xtask")).unwrap();
    fs::write(place("public.json"), newer_document().to_string()).unwrap();
    fs::write(
        place("answers.jsonl"),
        "{\"clip\":{\"status\":\"PAUSED\"}}\n{\"clip\":{\"status\":\"COMPLETE\",\"byteCount\":\"many\"}}\n",
    )
    .unwrap();

    let run = |command: &str| {
        let words: Vec<&str> = command.split(' ').collect();
        let ["cargo", "xtask", name, arguments @ ..] = words.as_slice() else {
            panic!("{command} is not a command of this workspace");
        };
        let mut program = if *name == "decode" {
            // What the command runs, but for its release build.
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
            xtask.arg(name).env("CARGO_MANIFEST_DIR", place("xtask"));
            xtask
        };
        let output = program
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let told = fs::read_to_string(workspace::root().join("openapi/README.md")).unwrap();
    let walked = walked(&told, run);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(workspace::root().join("openapi/README.md"), &walked).unwrap();
    }
    assert_eq!(
        told, walked,
        "set UPDATE_README to write what the commands print"
    );
}
