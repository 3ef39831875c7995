use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::ClipUuid;
use rhombus_clips::polling::{Adaptive, PollPolicy as _, PollState};
use rhombus_clips::types::SavedClip;
use tempfile::TempDir;

use super::*;
use crate::storage::Storage;

const ENDPOINT: &str = "https://api2.rhombussystems.com";

fn ruuid(byte: u8) -> String {
    ClipUuid::from_bytes([byte; 16]).to_string()
}

fn load(root: &TempDir, organization: Option<&str>) -> (SavedHistory, History) {
    let history = History::new();
    let root = root.path().join("state/history");
    let saved = SavedHistory::load(root, ENDPOINT, organization, &history);
    (saved, history)
}

/// Lets a history see a clip that takes this long.
fn learn(history: &History, seconds: u64) {
    let mut policy = Adaptive::new(history);
    for percent in 0..10 {
        let elapsed = Duration::from_millis(seconds * 100 * percent);
        policy.next_delay(&PollState::new(elapsed).with_percent(percent as u8 * 10));
    }
    policy.on_complete(Duration::from_secs(seconds));
}

fn clips(history: &History) -> u32 {
    history.snapshot(SystemTime::now()).completed_clips()
}

fn clip_of(organization: &str) -> Clip {
    let mut record = SavedClip::default();
    record.org_uuid = Some(organization.to_owned());
    Clip::from_record(ClipUuid::from_bytes([0; 16]), record)
}

#[test]
fn a_run_that_is_killed_has_saved_what_it_learned_before() {
    let root = TempDir::new().unwrap();
    let organization = ruuid(7);
    let (mut saved, history) = load(&root, None);
    let clip = clip_of(&organization);
    let start = saved.saved_at;
    saved.observe_at(&clip, start);
    learn(&history, 30);
    let saved_clips = || clips(&load(&root, Some(&organization)).1);
    saved.observe_at(&clip, start + SAVE_INTERVAL / 2);
    assert_eq!(saved_clips(), 0);
    saved.observe_at(&clip, start + SAVE_INTERVAL);
    assert_eq!(saved_clips(), 1);
    learn(&history, 30);
    saved.observe_at(&clip, start + SAVE_INTERVAL * 3 / 2);
    assert_eq!(saved_clips(), 1);
    std::mem::forget(saved);
}

#[test]
fn a_folder_that_cannot_be_listed_is_not_called_empty() {
    let root = TempDir::new().unwrap();
    let file = root.path().join("history");
    fs::write(&file, "").unwrap();
    assert!(entries(&file).is_err());
    assert!(clear(&file).is_err());
    let missing = root.path().join("missing");
    assert!(entries(&missing).unwrap().is_empty());
    assert_eq!(clear(&missing).unwrap(), 0);
}

#[test]
fn runs_add_up_in_a_private_file() {
    let root = TempDir::new().unwrap();
    for run in 0..3 {
        let (mut saved, history) = load(&root, None);
        assert_eq!(clips(&history), run);
        saved.observe(&clip_of(&ruuid(7)));
        learn(&history, 30);
        saved.save();
        saved.save();
    }
    let entries = entries(&root.path().join("state/history")).unwrap();
    let [entry] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!(entry.organization, Some(ruuid(7)));
    assert_eq!(entry.snapshot.as_ref().unwrap().completed_clips(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&entry.path), 0o600);
        assert_eq!(mode(entry.path.parent().unwrap()), 0o700);
    }
}

#[test]
fn a_run_that_learned_nothing_leaves_no_file() {
    let root = TempDir::new().unwrap();
    drop(load(&root, None));
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn each_organization_has_its_own_history() {
    let root = TempDir::new().unwrap();
    for organization in [1, 2] {
        let (mut saved, history) = load(&root, None);
        saved.observe(&clip_of(&ruuid(organization)));
        assert_eq!(clips(&history), 0);
        learn(&history, 30);
    }
    let (mut saved, history) = load(&root, Some(&ruuid(1)));
    assert_eq!(clips(&history), 1);
    // The record is right where setting and record differ.
    learn(&history, 60);
    saved.observe(&clip_of(&ruuid(2)));
    saved.observe(&clip_of(&ruuid(1)));
    drop(saved);
    let entries = entries(&root.path().join("state/history")).unwrap();
    let counts: Vec<_> = entries
        .iter()
        .map(|entry| entry.snapshot.as_ref().unwrap().completed_clips())
        .collect();
    assert_eq!(counts, [1, 2]);
}

#[test]
fn programs_that_end_at_once_lose_nothing() {
    let root = TempDir::new().unwrap();
    let runs: Vec<_> = (0..4).map(|_| load(&root, Some(&ruuid(1)))).collect();
    std::thread::scope(|scope| {
        for (mut saved, history) in runs {
            scope.spawn(move || {
                learn(&history, 30);
                saved.save();
            });
        }
    });
    assert_eq!(clips(&load(&root, None).1), 4);
}

#[test]
fn a_file_that_cannot_be_read_is_replaced() {
    let corrupt: [&[u8]; 5] = [
        b"",
        b"{\n  \"version\": 99\n}\n",
        b"{\n  \"version\": 1,\n  \"updated_at_sec\": 1,\n  \"stats\": {\"squared_errors\": [{\"count\": -1, \"mean\": 0}, {}, {}]}\n}\n",
        b"\xff\xfe not JSON",
        &[b' '; 300 * 1024],
    ];
    for bytes in corrupt {
        let root = TempDir::new().unwrap();
        let (mut saved, history) = load(&root, Some(&ruuid(1)));
        file::create_folder(saved.path().parent().unwrap()).unwrap();
        fs::write(saved.path(), bytes).unwrap();
        learn(&history, 30);
        saved.save();
        assert_eq!(file::read(&saved.path()).unwrap().completed_clips(), 1);
    }
}

#[test]
fn what_cannot_be_written_is_left_alone() {
    let root = TempDir::new().unwrap();
    let (mut saved, history) = load(&root, None);
    fs::write(root.path().join("state"), "a file in place of a folder").unwrap();
    learn(&history, 30);
    saved.save();
    assert_eq!(clips(&load(&root, None).1), 0);
}

#[test]
fn a_file_that_is_locked_is_given_up_after_a_while() {
    let root = TempDir::new().unwrap();
    let (mut saved, history) = load(&root, None);
    file::create_folder(saved.path().parent().unwrap()).unwrap();
    let _lock = Storage::open(&saved.path()).unwrap();
    learn(&history, 30);
    saved.save();
    assert!(Storage::peek(&saved.path()).unwrap().is_empty());
}

#[test]
fn names_are_file_names_without_secrets() {
    let name = location::endpoint_name;
    assert!(name(ENDPOINT).starts_with("api2.rhombussystems.com-"));
    assert_eq!(name(ENDPOINT), name("HTTPS://API2.rhombussystems.com/"));
    assert_eq!(
        name(ENDPOINT),
        name("https://me:secret@api2.rhombussystems.com")
    );
    assert_ne!(name(ENDPOINT), name("https://api2.rhombussystems.com/v2"));
    assert_ne!(name("http://[::1]:80"), name("http://[::1]:81"));
    for url in [
        "",
        "..",
        "https://../..",
        "http://[::1]:80/a/../b",
        &"x".repeat(9000),
    ] {
        let name = name(url);
        assert!(
            name.len() < 120 && !name.contains(['/', '\\', ':']),
            "{name}"
        );
        assert!(name.len() > 8, "{name}");
    }
    assert_eq!(location::organization_name("../../etc/passwd"), None);
    assert_eq!(
        location::organization_name(&ruuid(0xab)).unwrap(),
        "ab".repeat(16)
    );
}

#[test]
fn the_number_of_files_is_bounded_and_all_can_be_removed() {
    let temp = TempDir::new().unwrap();
    let root = temp.path().join("state/history");
    for port in 0..120_u64 {
        let path = location::file(&root, &format!("host-{port:03}"), None);
        file::create_folder(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(port))
            .unwrap();
    }
    location::prune(&root);
    let left = entries(&root).unwrap();
    assert_eq!(left.len(), 100);
    assert_eq!(left[0].endpoint, "host-020");
    fs::write(root.join("notes.txt"), "of the user").unwrap();
    assert_eq!(clear(&root).unwrap(), 100);
    assert_eq!(clear(&root).unwrap(), 0);
    assert!(root.join("notes.txt").exists());
}
