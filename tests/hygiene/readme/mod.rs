//! Runs the commands and the program of the README, so that its instructions cannot become stale.
//!
//! [`Runner`] says which test runs a command; one that no test runs fails the first test.

mod archive;
mod packed;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::SystemTime;

use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::program::{command_for, program, run_command, text};
use rhombus_clips_tests::without_credentials;
use xtask::workspace;

/// The test that runs a command.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Runner {
    /// It is a step of the continuous integration, which this test is part of.
    Continuous,
    /// It runs in the workspace.
    Workspace,
    /// It runs in an empty directory, in which it leaves a file.
    Export,
    /// It installs the program from the workspace.
    InstallPath,
    /// It needs the registry, and runs with packed crates in its place.
    Packed,
    /// It needs the archive of a release, and runs with one that is packed like it.
    Archive,
    /// It needs an account, and runs with the simulated service.
    Account,
}

impl Runner {
    fn of(command: &str) -> Self {
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["cargo", "test", ..] => Self::Continuous,
            ["cargo", "install", "--path", ..] => Self::InstallPath,
            ["cargo", "install" | "add", ..] => Self::Packed,
            ["cargo", "run", .., "export", "--simulate"] => Self::Export,
            ["cargo", ..] => Self::Workspace,
            ["tar", ..] => Self::Archive,
            [path, ..] if path.ends_with("/rhombus-clips") => Self::Archive,
            ["rhombus-clips", ..] => Self::Account,
            _ => panic!("no test runs {command:?}"),
        }
    }
}

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

/// Returns the texts in inline code.
fn inline_code(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let code = prose.split('`').skip(1).step_by(2);
    code.map(str::to_owned).collect()
}

/// Returns every line of the code blocks for a shell, and every `cargo` command in inline code, without
/// repetitions and in order.
fn commands(text: &str) -> Vec<String> {
    let in_blocks = blocks(text, "sh");
    let in_blocks = in_blocks
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned));
    let inline = inline_code(text).into_iter();
    let inline = inline.filter(|code| code.starts_with("cargo "));
    let mut seen = BTreeSet::new();
    let all = in_blocks.chain(inline);
    all.filter(|command| seen.insert(command.clone())).collect()
}

/// Returns the README's commands that one test runs; there is at least one.
fn commands_of(runner: Runner) -> Vec<String> {
    let mut commands = commands(&read("README.md"));
    commands.retain(|command| Runner::of(command) == runner);
    assert!(!commands.is_empty(), "no command of {runner:?}");
    commands
}

/// Returns a command for the cargo that runs the tests, without its name.
fn cargo(command: &str) -> Command {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("cargo"), "{command}");
    let mut cargo = without_credentials(Path::new(env!("CARGO")));
    cargo.args(words).current_dir(workspace::root());
    cargo
}

/// Runs a command that succeeds.
fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Asserts that a directory has one file, which is a complete video.
fn assert_has_one_video(directory: &Path) {
    let entries = fs::read_dir(directory).unwrap();
    let names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].ends_with(".mp4"), "{names:?}");
}

/// Starts a service whose time is that of this machine, with a camera that the README names.
async fn start_with_camera() -> Service {
    let service = Service::builder().start_time(SystemTime::now()).speed(60.0);
    let service = service.start().await.unwrap();
    service.add_camera(camera("Loading dock"));
    service
}

#[test]
fn commands_of_the_workspace_succeed() {
    for command in commands_of(Runner::Workspace) {
        let output = if command == "cargo xtask bench" {
            // It updates figures in the README, and takes minutes. Only its existence is checked.
            succeed(&mut cargo(&format!("{command} --help")))
        } else {
            succeed(&mut cargo(&command))
        };
        if command.contains("watch") {
            let stdout = text(&output.stdout);
            assert!(stdout.contains("COMPLETE"), "{stdout}");
        }
    }
    let ci = read(".ci/run");
    for command in commands_of(Runner::Continuous) {
        assert!(
            ci.lines().any(|line| line == format!("step {command}")),
            "{command} is not in .ci/run"
        );
    }
}

#[test]
fn the_simulated_export_leaves_a_file() {
    let manifest = workspace::root().join("Cargo.toml");
    for command in commands_of(Runner::Export) {
        let directory = tempfile::tempdir().unwrap();
        let (run, arguments) = command.split_once(" -- ").unwrap();
        let mut command = cargo(run);
        command.arg("--manifest-path").arg(&manifest).arg("--");
        command
            .args(arguments.split(' '))
            .current_dir(directory.path());
        let stdout = text(&succeed(&mut command).stdout);
        assert!(stdout.contains("SHA-256 verified"), "{stdout}");
        assert_has_one_video(directory.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_with_an_account_succeed() {
    for command in commands_of(Runner::Account) {
        let service = start_with_camera().await;
        let directory = tempfile::tempdir().unwrap();
        // Words with spaces are in single quotes.
        let parts = command.split('\'').enumerate();
        let arguments: Vec<&str> = parts
            .flat_map(|(index, part)| match index % 2 {
                0 => part.split_whitespace().collect(),
                _ => vec![part],
            })
            .skip(1)
            .collect();
        let mut command = command_for(&service, &arguments);
        command
            .env("RHOMBUS_MEDIA_URL", service.media_url())
            .current_dir(directory.path());
        let output = run_command(command).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(service.created_clips().len(), 1);
        assert_has_one_video(directory.path());
    }
}

#[test]
fn the_table_has_every_command_of_the_program() {
    let help = text(&succeed(program().arg("--help")).stdout);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list.lines().map(|line| {
        let name = line.split_whitespace().next().unwrap();
        name.to_owned()
    });
    let names: BTreeSet<String> = names.filter(|name| name != "help").collect();

    let readme = read("README.md");
    let rows = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `rhombus-clips "));
    let first_word = |text: &str| text.split([' ', '`']).next().unwrap().to_owned();
    assert_eq!(rows.map(first_word).collect::<BTreeSet<_>>(), names);

    // In the text, too, no command is named that there is not.
    for code in inline_code(&readme) {
        if let Some(arguments) = code.strip_prefix("rhombus-clips ") {
            let name = first_word(arguments);
            assert!(names.contains(&name), "{code}");
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

#[test]
fn the_crate_documentation_names_the_same_dependencies() {
    let [dependencies] = &blocks(&read("README.md"), "toml")[..] else {
        panic!("one block of TOML expected")
    };
    let documentation = read("crates/rhombus-clips/src/lib.rs").replace("//! ", "");
    assert!(documentation.contains(&format!("```toml\n{dependencies}```\n")));
}
