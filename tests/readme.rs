//! The README's commands and code, executed.

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

/// The code blocks of a language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let mut parts = text.split(&opening);
    parts.next();
    parts
        .map(|part| part.split("```").next().unwrap().to_owned())
        .collect()
}

/// Every command of the text, in blocks and in running words.
fn commands(text: &str) -> BTreeSet<String> {
    let in_blocks = blocks(text, "sh")
        .into_iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    let prose: String = text.split("```").step_by(2).collect();
    let in_words = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect::<Vec<_>>();
    in_blocks
        .chain(in_words)
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
fn every_command_works() {
    let ci = read(".ci/run");
    for command in commands(&read("README.md")) {
        if command.starts_with("cargo test") {
            // It is what runs this test; the line shows that it is what is run before a landing.
            assert!(
                ci.lines().any(|line| line == format!("step {command}")),
                "{command} is not in .ci/run"
            );
            continue;
        }
        let output = if ["cargo xtask bench", "cargo xtask recording"].contains(&command.as_str()) {
            // It writes what the README shows, the one for minutes and the other on Unix alone: that
            // there is one has to be enough.
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
            let shown = String::from_utf8_lossy(&output.stdout);
            assert!(shown.contains("COMPLETE"), "{shown}");
        }
    }
}

#[test]
fn the_picture_shows_the_command_that_is_named_with_it() {
    let readme = read("README.md");
    let (_, after) = readme.split_once("The picture is `").unwrap();
    let (named, _) = after.split_once('`').unwrap();
    let picture = read(".github/watch.svg");
    assert!(picture.contains(&format!(">{named}</title>")), "{named}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_watches_a_clip() {
    let blocks = blocks(&read("README.md"), "rust");
    assert_eq!(blocks, [read("crates/rhombus-clips/examples/watch.rs")]);

    let service = Service::start().await.unwrap();
    let done = Step::new(ClipStatus::Complete).with("byteCount", 1234);
    let uuid = add(&service, Clip::by_request([done]));
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
