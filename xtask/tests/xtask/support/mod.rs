//! Helpers shared by the tests of several commands.

pub(crate) mod examples;
pub(crate) mod fixture;
pub(crate) mod shape;
pub(crate) mod trial;
pub(crate) mod upstream;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use xtask::workspace;

/// A temporary folder with a fragment and an overlay, in which commands run. They are not those of the
/// workspace, so that a new operation there changes no test here.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["fragment.json", "overlay.json"] {
            fs::copy(fixture(name), folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Returns all files below the folder as pairs of relative path and text.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut unread = vec![self.folder.path().to_owned()];
        while let Some(folder) = unread.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    unread.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).unwrap();
                    let name = name.to_str().unwrap().to_owned();
                    files.push((name.clone(), self.read(&name)));
                }
            }
        }
        files.sort();
        files
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        // A command that fails early does not read its input, which breaks the pipe.
        let _ = input.write_all(stdin.as_bytes());
        drop(input);
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed, and measures its duration and peak memory.
    #[cfg(target_os = "linux")]
    pub(crate) fn measure(&self, arguments: &[&str]) -> ResourceUsage {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).current_dir(self.folder.path());
        ResourceUsage::of(&mut command)
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Replaces the first occurrence of a text in a file.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{from} is not in {name}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// Runs a command that must fail without changing a file, and returns its error message.
    pub(crate) fn run_error(&self, arguments: &[&str]) -> String {
        let before = self.files();
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(self.files(), before);
        let message = stderr(&output);
        assert_eq!(message.lines().count(), 1, "{message}");
        message
    }
}

/// Resource usage of a command.
pub(crate) struct ResourceUsage {
    pub(crate) time: std::time::Duration,
    pub(crate) peak_kib: u64,
}

#[cfg(target_os = "linux")]
impl ResourceUsage {
    /// Runs a command that must succeed. The peak memory is that of the largest process among it and those
    /// that it starts itself.
    pub(crate) fn of(command: &mut Command) -> Self {
        // VmHWM is the peak resident set size; polling it until exit is precise enough.
        fn peak_kib(process: &str) -> Option<u64> {
            let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let peak = status
                .lines()
                .find_map(|line| line.strip_prefix("VmHWM:"))?;
            peak.split_whitespace().next()?.parse().ok()
        }
        let start = std::time::Instant::now();
        let mut child = command.spawn().unwrap();
        let id = child.id().to_string();
        let mut peak = 0;
        loop {
            // Each thread has a list of the processes that it started.
            let threads = fs::read_dir(format!("/proc/{id}/task"))
                .into_iter()
                .flatten()
                .flatten();
            let children = threads
                .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
            let children: String = children.collect();
            let processes = children.split_whitespace().chain([id.as_str()]);
            peak = processes.filter_map(peak_kib).fold(peak, u64::max);
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success());
                let time = start.elapsed();
                return Self {
                    time,
                    peak_kib: peak,
                };
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
}

/// Prints the size of a document and the resource usage of a command on it.
pub(crate) fn print_usage(text: &str, [operations, schemas]: [usize; 2], usage: &ResourceUsage) {
    println!(
        "{:.1} MB, {operations} operations, {schemas} schemas: {usage}",
        text.len() as f64 / 1e6,
    );
}

impl std::fmt::Display for ResourceUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, megabytes) = (self.time.as_secs_f64(), self.peak_kib as f64 / 1024.0);
        write!(f, "{seconds:.3} s, {megabytes:.0} MB peak")
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns the path of a fixture.
fn fixture(name: &str) -> PathBuf {
    workspace::root().join("xtask/tests/fixtures").join(name)
}

/// Reads the fragment of the tests.
pub(crate) fn fragment() -> Value {
    serde_json::from_str(&fs::read_to_string(fixture("fragment.json")).unwrap()).unwrap()
}
