//! A canary API key goes through all of the product, the failing ways included: nothing that
//! comes out shows it.
// Where Linux shows the command line of a process is one of the places that are searched.
#![cfg(target_os = "linux")]

mod library;
mod low_level;
mod program;
mod wire;

use std::fs;
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rhombus_clips_tests::canary::Search;
use rhombus_clips_tests::outline::outline;
use rhombus_clips_tests::telemetry::{LogRecords, Recorder};
use xtask::workspace;

/// What has to have been searched, besides each public type.
const PLACES: [&str; 24] = [
    "Checkpoint as JSON",
    "Clip: record as JSON",
    "Clip: its own words",
    "Error: answer",
    "Error: source chain",
    "log of h2",
    "log of hyper_util",
    "log of reqwest",
    "log of rhombus_clips",
    "log of rustls",
    "program: command line",
    "program: doctor",
    "program: files of its settings",
    "program: get",
    "program: help",
    "program: refusals of its settings",
    "program: simulated service",
    "program: watch",
    "snapshots and generator",
    "tracing of h2",
    "tracing of hyper_util",
    "tracing of rhombus_clips",
    "answer of the low-level client",
    "error of the low-level client",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_key_comes_out_nowhere() {
    let panics = Panics::from_now_on();
    let recorder = Recorder::of_the_process();
    let log = LogRecords::of_the_process();
    let mut search = Search::new();

    library::search(&mut search).await;
    low_level::search(&mut search).await;
    wire::search(&mut search).await;
    program::search(&mut search).await;

    for record in recorder.records() {
        let place = format!("tracing of {}", crate_of(&record.target));
        search.text(&place, &format!("{record:?}"));
    }
    for (target, text) in log.texts() {
        search.text(&format!("log of {}", crate_of(&target)), &text);
    }
    for folder in [
        "tests/snapshots",
        "xtask",
        "openapi",
        "crates/rhombus-clips-api/src/generated",
    ] {
        files(&workspace::root().join(folder), &mut search);
    }

    println!("searched for the key, texts and place:\n{search}");
    panics.assert_none();
    assert_eq!(search.finds(), [""; 0]);
    for place in PLACES.map(str::to_owned).into_iter().chain(public_types()) {
        assert!(search.has_searched(&place), "nothing came out of: {place}");
    }
}

fn crate_of(target: &str) -> &str {
    target.split("::").next().unwrap_or(target)
}

/// The public types of both crates that can be shown, but for those of the document: a clip's
/// record holds them all.
fn public_types() -> Vec<String> {
    let shown = |krate: &str| {
        let sources = workspace::root().join("crates").join(krate).join("src");
        let outline = outline(&sources);
        let lines = outline.lines().filter_map(|line| line.split_once(": "));
        let types = lines.filter(|(_, traits)| traits.split(", ").any(|name| name == "Debug"));
        let name = krate.replace('-', "_");
        types
            .filter(|(of, _)| !of.starts_with("types::"))
            .map(|(of, _)| format!("{name}::{}", of.split('<').next().unwrap_or(of)))
            .collect::<Vec<_>>()
    };
    let mut types = shown("rhombus-clips");
    assert!(types.contains(&"rhombus_clips::Client".to_owned()));
    types.extend(shown("rhombus-clips-api"));
    types
}

fn files(folder: &Path, search: &mut Search) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, search);
        } else {
            let bytes = fs::read(&path).unwrap();
            search.text("snapshots and generator", &String::from_utf8_lossy(&bytes));
        }
    }
}

/// The panics of the process.
struct Panics(Arc<Mutex<Vec<String>>>);

impl Panics {
    fn from_now_on() -> Self {
        let panics = Self(Arc::default());
        let (heard, before) = (panics.0.clone(), panic::take_hook());
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            heard.lock().unwrap().push(info.to_string());
            before(info);
        }));
        panics
    }

    /// There was none but the one here, which shows that they are heard.
    fn assert_none(&self) {
        panic::catch_unwind(|| panic!("on purpose")).unwrap_err();
        let heard = self.0.lock().unwrap();
        assert!(
            heard.len() == 1 && heard[0].contains("on purpose"),
            "{heard:?}"
        );
    }
}
