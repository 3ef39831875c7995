use super::*;
use rhombus_clips::{Checkpoint, Client, ClipUuid};

fn checkpoint(byte: u8) -> Checkpoint {
    let client = Client::builder().api_key("0123456789").build().unwrap();
    client.watch(ClipUuid::from_bytes([byte; 16])).checkpoint()
}

fn owner(service: &str, profile: Option<&str>, organization: Option<&str>) -> Owner {
    Owner {
        service: Some(service.to_owned()),
        profile: profile.map(str::to_owned),
        organization: organization.map(str::to_owned),
    }
}

fn open(path: &Path) -> (CheckpointFile, Vec<Checkpoint>) {
    let (file, saved) = CheckpointFile::open(path, owner("https://a.example", None, None)).unwrap();
    (file, saved.checkpoints)
}

fn open_error(path: &Path, owner: Owner) -> String {
    let failure = CheckpointFile::open(path, owner).unwrap_err();
    failure.text().unwrap()
}

fn file_names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn a_file_of_another_owner_is_rejected_and_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    let [work, home, client] = [
        owner("https://a.example", Some("work"), None),
        owner("https://a.example", Some("home\u{1b}"), None),
        owner("https://a.example", Some("work"), Some("AAECAw")),
    ];
    for (saved_by, opened_by, reason) in [
        (
            &work,
            owner("the simulated service", None, None),
            "belongs to https://a.example, but this run uses the simulated service; ",
        ),
        (
            &work,
            home.clone(),
            "belongs to the profile work, but this run uses the profile home\u{fffd}; \
             go on with --profile work, or choose another file",
        ),
        (
            &work,
            client.clone(),
            "but this run uses the profile work with the organization AAECAw; ",
        ),
        (
            &client,
            work.clone(),
            "belongs to the profile work with the organization AAECAw, but this run uses \
             the profile work; go on with --profile work --org AAECAw, or",
        ),
    ] {
        let (mut file, _) = CheckpointFile::open(&path, saved_by.clone()).unwrap();
        file.finish(Unfinished::Watches(&[checkpoint(0)])).unwrap();
        drop(file);
        let before = fs::read(&path).unwrap();
        let text = open_error(&path, opened_by);
        assert!(text.contains(reason), "{text}");
        assert_eq!(fs::read(&path).unwrap(), before);
        let (mut file, saved) = CheckpointFile::open(&path, saved_by.clone()).unwrap();
        assert_eq!(saved.checkpoints.len(), 1);
        file.finish(Unfinished::Watches(&[])).unwrap();
    }
}

#[test]
fn a_file_without_an_owner_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    let work = owner("https://a.example", Some("work"), None);
    for contents in [
        r#"{"version":1}"#,
        r#"{"version":1,"service":"https://a.example","clips":{}}"#,
    ] {
        fs::write(&path, contents).unwrap();
        let (mut file, _) = CheckpointFile::open(&path, work.clone()).unwrap();
        file.finish(Unfinished::Watches(&[checkpoint(0)])).unwrap();
        drop(file);
        assert!(
            fs::read_to_string(&path)
                .unwrap()
                .contains(r#""profile": "work""#)
        );
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_rejected() {
    let text = open_error(Path::new("/dev/null"), Owner::default());
    assert!(text.contains("not a regular file"));
}

#[test]
fn round_trip_leaves_no_other_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    let (mut file, saved) = open(&path);
    assert_eq!(saved, []);
    file.save(Unfinished::Watches(&[checkpoint(0)])).unwrap();
    let checkpoints = [checkpoint(1), checkpoint(2)];
    file.finish(Unfinished::Watches(&checkpoints)).unwrap();
    drop(file);
    let (mut file, saved) = open(&path);
    assert_eq!(saved, checkpoints);
    assert_eq!(file_names(directory.path()), ["watch.json"]);
    file.finish(Unfinished::Watches(&[])).unwrap();
    assert_eq!(file_names(directory.path()).len(), 0);
}

#[test]
fn an_empty_file_is_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    for contents in ["", "\n", "\0\n  \"ver"] {
        fs::write(&path, contents).unwrap();
        let (mut file, saved) = open(&path);
        assert_eq!(saved, []);
        file.finish(Unfinished::Watches(&[checkpoint(0)])).unwrap();
        drop(file);
        assert_eq!(open(&path).1.len(), 1);
    }
}

#[test]
fn a_file_that_was_created_in_vain_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    drop(open(&path));
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    drop(open(&path));
    assert!(path.exists());
}

#[test]
fn a_file_in_use_is_refused_and_its_user_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    let (mut file, _) = open(&path);
    let text = open_error(&path, Owner::default());
    assert!(text.contains("is in use by another process; "), "{text}");
    for _ in 0..2 {
        // The lock is on the replacement, too.
        file.save(Unfinished::Watches(&[])).unwrap();
        let text = open_error(&path, Owner::default());
        let expected = format!("is in use by process {}; wait until it ends", process::id());
        assert!(text.contains(&expected), "{text}");
    }
    drop(file);
    // The number in the file means nothing without the lock.
    let (mut file, _) = open(&path);
    file.finish(Unfinished::Watches(&[checkpoint(0)])).unwrap();
    assert!(!fs::read_to_string(&path).unwrap().contains("process"));
}

#[test]
fn invalid_files_are_rejected_with_the_reason() {
    let one = checkpoint(1);
    let other = ClipUuid::from_bytes([2; 16]);
    let contents =
        |key: &str, text: &str| serde_json::json!({"version": 1, "clips": {key: text}}).to_string();
    let checkpoint_error = "{}".parse::<Checkpoint>().unwrap_err();
    for (text, reason) in [
        ("[1".to_owned(), "not a checkpoint file: "),
        ("{}".to_owned(), "missing field `version`"),
        (
            r#"{"version":2,"clips":[]}"#.to_owned(),
            "unsupported file version 2",
        ),
        (r#"{"version":1,"clips":[]}"#.to_owned(), "invalid type"),
        (contents("x", "{}"), &format!("clip x: {checkpoint_error}")),
        (
            contents(&other.to_string(), &one.to_string()),
            "the checkpoint belongs to clip AQEBAQEBAQEBAQEBAQEBAQ",
        ),
    ] {
        let error = contents::parse(text.as_bytes()).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let valid = contents(&one.clip_uuid().to_string(), &one.to_string());
    assert!(contents::parse(valid.as_bytes()).is_ok());
}

#[test]
fn a_write_error_names_the_given_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none").join("watch.json");
    let text = open_error(&path, Owner::default());
    let expected = format!(
        "the checkpoint file {} cannot be written: No such file",
        path.display()
    );
    assert!(text.starts_with(&expected), "{text}");
}

#[test]
fn a_rejected_file_is_named_and_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    fs::write(&path, "buy milk").unwrap();
    let text = open_error(&path, Owner::default());
    assert!(text.contains("notes.txt"));
    assert_eq!(fs::read(&path).unwrap(), b"buy milk");
}
