//! Packs an archive as the release workflow does, and unpacks it as the README says.
//!
//! On Unix, because the workflow's script is one for bash.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use rhombus_clips_tests::program::{program, text};

use super::{Runner, commands_of, read, succeed};

/// The step of the workflow that packs an archive.
struct Step {
    name: String,
    script: String,
}

impl Step {
    fn read() -> Self {
        let workflow = read(".github/workflows/release.yml");
        let (_, step) = workflow.split_once("- name: Package the program").unwrap();
        let (step, _) = step.split_once("\n      - ").unwrap();
        let (_, name) = step.split_once("NAME: ").unwrap();
        let (_, script) = step.split_once("run: |\n").unwrap();
        Self {
            name: name.lines().next().unwrap().to_owned(),
            script: script.to_owned(),
        }
    }

    /// Returns the name of an archive.
    fn name(&self, target: &str) -> String {
        let version = format!("v{}", env!("CARGO_PKG_VERSION"));
        self.name
            .replace("${{ github.ref_name }}", &version)
            .replace("${{ matrix.target }}", target)
    }
}

/// Returns the targets of the release workflow.
fn targets() -> Vec<String> {
    let workflow = read(".github/workflows/release.yml");
    let lines = workflow.lines().map(str::trim);
    let targets = lines.filter_map(|line| line.strip_prefix("target: "));
    targets.map(str::to_owned).collect()
}

/// Returns the files below a directory, as paths from it.
fn files(directory: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path(), &format!("{name}/"), found),
            false => _ = found.insert(name),
        }
    }
}

/// Returns the texts in inline code in a column of the table of the archive's content.
fn column(readme: &str, index: usize) -> Vec<(String, Vec<String>)> {
    let (_, table) = readme.split_once("| in the archive | content |\n").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let rows = table.lines().skip(1);
    let code = |text: &str| {
        let code = text.split('`').skip(1).step_by(2);
        code.map(str::to_owned).collect::<Vec<_>>()
    };
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (cells[1].to_owned(), code(cells[1 + index]))
    })
    .collect()
}

#[test]
fn the_archive_of_a_release_has_what_the_readme_says() {
    let step = Step::read();
    let target = "x86_64-unknown-linux-gnu";
    let directory = tempfile::tempdir().unwrap();
    let dist = directory.path().join("target/dist");
    fs::create_dir_all(&dist).unwrap();
    fs::copy(program().get_program(), dist.join("rhombus-clips")).unwrap();
    for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::write(directory.path().join(name), read(name)).unwrap();
    }
    // With the options of the workflow's `shell: bash`.
    let mut pack = Command::new("bash");
    pack.args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
        .arg(&step.script)
        .env("NAME", step.name(target))
        .current_dir(directory.path());
    succeed(&mut pack);
    fs::remove_dir_all(directory.path().join(step.name(target))).unwrap();

    for command in commands_of(Runner::Archive) {
        let mut words = command.split(' ');
        let name = words.next().unwrap();
        // A relative path would be searched for in the directory of this process.
        let program = match name.contains('/') {
            true => directory.path().join(name),
            false => name.into(),
        };
        let mut command = Command::new(program);
        let output = succeed(command.args(words).current_dir(directory.path()));
        if name.contains('/') {
            let version = format!("rhombus-clips {}\n", env!("CARGO_PKG_VERSION"));
            assert_eq!(text(&output.stdout), version);
        }
    }

    let mut unpacked = BTreeSet::new();
    let root = directory.path().join(step.name(target));
    files(&root, "", &mut unpacked);
    let readme = read("README.md");
    for (row, names) in column(&readme, 0) {
        for name in names {
            let is_found = match name.strip_suffix('/') {
                Some(folder) => root.join(folder).is_dir(),
                None => root.join(&name).is_file(),
            };
            assert!(is_found, "{row}: {unpacked:?}");
        }
    }
    let listed: BTreeSet<String> = column(&readme, 0)
        .into_iter()
        .flat_map(|(_, names)| names)
        .collect();
    let (_, shells) = column(&readme, 1)
        .into_iter()
        .find(|(row, _)| row.contains("completions/"))
        .unwrap();
    let completions = shells
        .iter()
        .map(|shell| format!("completions/rhombus-clips.{shell}"));
    let mut expected: BTreeSet<String> = completions.collect();
    expected.extend(listed.into_iter().filter(|name| !name.ends_with('/')));
    assert_eq!(unpacked, expected);
}

#[test]
fn the_readme_lists_the_targets_of_a_release() {
    let readme = read("README.md");
    let (_, text) = readme.split_once("Its name has the version").unwrap();
    let (text, _) = text.split_once("```").unwrap();
    let listed: BTreeSet<&str> = text.split('`').skip(1).step_by(2).collect();
    let targets = targets();
    assert!(targets.len() > 3, "{targets:?}");
    for target in &targets {
        assert!(listed.contains(target.as_str()), "{target}");
    }
    assert_eq!(listed.len(), targets.len() + 1, "{listed:?}");
    assert!(listed.contains("SHA256SUMS"));
    assert!(read(".github/workflows/release.yml").contains(">SHA256SUMS"));
}
