//! Runs the commands and the program of the README, so that its instructions cannot become stale.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};
use rhombus_clips_tests::{add, without_credentials};
use xtask::workspace;

fn read(path: &str) -> String {
    fs::read_to_string(workspace::root().join(path)).unwrap()
}

/// Returns the code blocks of a language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let mut parts = text.split(&opening);
    parts.next();
    parts
        .map(|part| part.split("```").next().unwrap().to_owned())
        .collect()
}

/// Returns every `cargo` command of a text, from code blocks and inline code.
fn commands(text: &str) -> BTreeSet<String> {
    let in_blocks = blocks(text, "sh")
        .into_iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    let prose: String = text.split("```").step_by(2).collect();
    let inline = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect::<Vec<_>>();
    in_blocks
        .chain(inline)
        .filter(|command| command.starts_with("cargo "))
        .collect()
}

fn run(command: &str) -> Output {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("cargo"));
    let mut cargo: Command = without_credentials(Path::new(env!("CARGO")));
    cargo
        .args(words)
        .current_dir(workspace::root())
        .output()
        .unwrap()
}

#[test]
fn every_readme_command_succeeds() {
    let ci = read(".ci/run");
    for command in commands(&read("README.md")) {
        if command.starts_with("cargo test") {
            // This test is part of that command; it must be the one that CI runs.
            assert!(
                ci.lines().any(|line| line == format!("step {command}")),
                "{command} is not in .ci/run"
            );
            continue;
        }
        let output = if command == "cargo xtask bench" {
            // It updates figures in the README, and takes minutes. Only its existence is checked.
            run(&format!("{command} --help"))
        } else {
            run(&command)
        };
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        if command.contains("watch") {
            let stdout = String::from_utf8_lossy(&output.stdout);
            assert!(stdout.contains("COMPLETE"), "{stdout}");
        }
    }
}

#[test]
fn the_picture_shows_the_named_command() {
    let readme = read("README.md");
    let (_, after) = readme.split_once("The picture shows `").unwrap();
    let (command, _) = after.split_once('`').unwrap();
    // The picture has one element per word.
    let picture = read(".github/watch.svg");
    let elements = picture.split("<text").skip(1);
    let words = elements.map(|element| element.split(['>', '<']).nth(1).unwrap());
    let text = words.collect::<Vec<_>>().join(" ");
    assert!(text.starts_with(&format!("$ {command} ")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_program_watches_a_clip() {
    let blocks = blocks(&read("README.md"), "rust");
    assert_eq!(blocks, [read("crates/rhombus-clips/examples/watch.rs")]);

    let service = Service::start().await.unwrap();
    let complete = Step::new(ClipStatus::Complete).with("byteCount", 1234);
    let uuid = add(&service, Clip::by_request([complete]));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "run",
        "--quiet",
        "--package",
        "rhombus-clips",
        "--example",
        "watch",
        "--",
    ]);
    cargo.arg(uuid.to_string()).current_dir(workspace::root());
    cargo
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url());
    let output = tokio::task::spawn_blocking(move || cargo.output().unwrap())
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "1234 bytes\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
