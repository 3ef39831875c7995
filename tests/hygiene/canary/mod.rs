//! Searches every output of the product for a canary API key: return values, errors, logs, traces,
//! panics, the program's output, files and the wire.
//!
//! Each module exercises one part of the product, its failures included, and passes all output to a
//! [`KeySearch`](rhombus_clips_tests::canary::KeySearch). The test fails if a public type or a
//! listed source yielded no output, so that the search cannot silently become empty.

mod connection_errors;
mod downloads;
mod library;
mod low_level;
mod operations;
mod program;
mod wire;

use std::fs;
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rhombus_clips_tests::canary::KeySearch;
use rhombus_clips_tests::failures::PANICKING_POLICY;
use rhombus_clips_tests::public_api::public_items;
use rhombus_clips_tests::telemetry::{LogRecords, Recorder};
use tokio::runtime::Runtime;
use tokio::task::block_in_place;
use xtask::workspace;

/// Sources that must have yielded output, in addition to every public type.
const REQUIRED_SOURCES: [&str; 30] = [
    "Checkpoint as JSON",
    "Clip: record as JSON",
    "Clip: texts",
    "Error: response",
    "Error: source chain",
    "download: errors",
    "files of downloads",
    "name of a file",
    "request to a redirect target",
    "errors of the libraries below",
    "log of h2",
    "log of hyper_util",
    "log of reqwest",
    "log of rhombus_clips",
    "log of rustls",
    "program: command line",
    "program: doctor",
    "program: errors of the libraries below",
    "program: configuration files",
    "program: get",
    "program: help",
    "program: invalid settings",
    "program: simulated service",
    "program: watch",
    "snapshots and generator",
    "tracing of h2",
    "tracing of hyper_util",
    "tracing of rhombus_clips",
    "response of the low-level client",
    "error of the low-level client",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_output_contains_the_key() {
    let panics = Panics::install();
    let recorder = Recorder::install_global();
    let log = LogRecords::install_global();
    let mut search = KeySearch::new();

    // On a runtime of its own, so that all its records have been made when it ends.
    block_in_place(|| {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(connection_errors::search(&mut search));
    });
    let (quoting_records, quoting_entries) = (recorder.records().len(), log.entries().len());
    connection_errors::search_program(&mut search).await;
    library::search(&mut search).await;
    low_level::search(&mut search).await;
    wire::search(&mut search).await;
    program::search(&mut search).await;

    // What the libraries below log of these errors is theirs; only the program redacts its log.
    let is_quoting = |index: usize, count: usize, target: &str| {
        index < count && !crate_of(target).starts_with("rhombus_clips")
    };
    for (index, record) in recorder.records().into_iter().enumerate() {
        if is_quoting(index, quoting_records, &record.target) {
            continue;
        }
        let source = format!("tracing of {}", crate_of(&record.target));
        search.check_text(&source, &format!("{record:?}"));
    }
    for (index, (target, text)) in log.entries().into_iter().enumerate() {
        if is_quoting(index, quoting_entries, &target) {
            continue;
        }
        search.check_text(&format!("log of {}", crate_of(&target)), &text);
    }
    for directory in [
        "tests/api/snapshots",
        "tests/cli/snapshots",
        "tests/hygiene/snapshots",
        "tests/library/snapshots",
        "xtask",
        "openapi",
        "crates/rhombus-clips-api/src/generated",
    ] {
        check_files(&workspace::root().join(directory), &mut search);
    }

    println!("texts searched for the key, by source:\n{search}");
    panics.assert_none();
    assert_eq!(search.findings(), [""; 0]);
    for source in REQUIRED_SOURCES
        .map(str::to_owned)
        .into_iter()
        .chain(public_types())
    {
        assert!(search.has_searched(&source), "no output of: {source}");
    }
}

fn crate_of(target: &str) -> &str {
    target.split("::").next().unwrap_or(target)
}

/// Returns the public types of both crates that implement `Debug`, without the generated ones: a
/// clip's record contains all of those.
fn public_types() -> Vec<String> {
    let types_with_debug = |krate: &str| {
        let sources = workspace::root().join("crates").join(krate).join("src");
        let items = public_items(&sources);
        let lines = items.lines().filter_map(|line| line.split_once(": "));
        let types = lines.filter(|(_, traits)| traits.split(", ").any(|name| name == "Debug"));
        let name = krate.replace('-', "_");
        types
            .filter(|(path, _)| !path.starts_with("types::"))
            .map(|(path, _)| format!("{name}::{}", path.split('<').next().unwrap_or(path)))
            .collect::<Vec<_>>()
    };
    let mut types = types_with_debug("rhombus-clips");
    assert!(types.contains(&"rhombus_clips::Client".to_owned()));
    types.extend(types_with_debug("rhombus-clips-api"));
    types
}

fn check_files(directory: &Path, search: &mut KeySearch) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_files(&path, search);
        } else {
            let bytes = fs::read(&path).unwrap();
            search.check_text("snapshots and generator", &String::from_utf8_lossy(&bytes));
        }
    }
}

/// Records the panics of the process.
struct Panics(Arc<Mutex<Vec<String>>>);

impl Panics {
    fn install() -> Self {
        let panics = Self(Arc::default());
        let (messages, previous_hook) = (panics.0.clone(), panic::take_hook());
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            messages.lock().unwrap().push(info.to_string());
            previous_hook(info);
        }));
        panics
    }

    /// Asserts that nothing panicked, except for the policy that is to, and for a deliberate panic that
    /// proves that the hook works.
    fn assert_none(&self) {
        panic::catch_unwind(|| panic!("on purpose")).unwrap_err();
        // Cloned, because a failing assertion is a panic as well, which locks the messages.
        let mut messages = self.0.lock().unwrap().clone();
        messages.retain(|message| !message.contains(PANICKING_POLICY));
        assert!(
            messages.len() == 1 && messages[0].contains("on purpose"),
            "{messages:?}"
        );
    }
}
