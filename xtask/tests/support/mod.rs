//! What the tests of several commands share.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod upstream;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use xtask::workspace;

/// A folder with a copy of the inputs, and the commands run in it.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::copy(workspace::fragment(), folder.path().join("fragment.json")).unwrap();
        fs::copy(workspace::overlay(), folder.path().join("overlay.json")).unwrap();
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

    /// Every file of the folder, by name, with its text.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| (name.clone(), self.read(&name)))
            .collect();
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
        // A command that fails early leaves its input unread.
        let _ = input.write_all(stdin.as_bytes());
        drop(input);
        child.wait_with_output().unwrap()
    }

    /// How long a command that must succeed takes, and how much memory at its peak.
    #[cfg(target_os = "linux")]
    pub(crate) fn cost(&self, arguments: &[&str]) -> Cost {
        let begin = std::time::Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .current_dir(self.folder.path())
            .spawn()
            .unwrap();
        let mut peak_kib = 0;
        loop {
            // The system keeps the peak, which comes long before the end.
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            if let Some(peak) = peak.and_then(|peak| peak.split_whitespace().next()) {
                peak_kib = peak.parse().unwrap();
            }
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success());
                let time = begin.elapsed();
                return Cost { time, peak_kib };
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// What the command says when it must fail, with every file untouched.
    pub(crate) fn refusal(&self, arguments: &[&str]) -> String {
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

/// What a command takes.
pub(crate) struct Cost {
    pub(crate) time: std::time::Duration,
    pub(crate) peak_kib: u64,
}

/// A line about a document's size and what it takes.
pub(crate) fn print_cost(text: &str, [operations, schemas]: [usize; 2], cost: &Cost) {
    println!(
        "{:.1} MB, {operations} operations, {schemas} schemas: {:.3} s, {:.0} MB at most",
        text.len() as f64 / 1e6,
        cost.time.as_secs_f64(),
        cost.peak_kib as f64 / 1024.0,
    );
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The checked-in fragment.
pub(crate) fn fragment() -> Value {
    serde_json::from_str(&fs::read_to_string(workspace::fragment()).unwrap()).unwrap()
}
