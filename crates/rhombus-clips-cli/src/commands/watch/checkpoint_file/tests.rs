use super::*;
use rhombus_clips::Client;

fn checkpoint(byte: u8) -> Checkpoint {
    let client = Client::builder().api_key("0123456789").build().unwrap();
    client.watch(ClipUuid::from_bytes([byte; 16])).checkpoint()
}

fn checkpoint_file(path: &Path) -> CheckpointFile {
    CheckpointFile::new(path.to_owned(), "https://a.example".to_owned())
}

#[test]
fn a_file_of_another_service_is_rejected() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    checkpoint_file(&path).write(&[checkpoint(0)]).unwrap();
    let saved = checkpoint_file(&path).read().unwrap().unwrap();
    assert!(checkpoint_file(&path).check_service(&saved).is_ok());
    let other = CheckpointFile::new(path, "the simulated service".to_owned());
    let text = other.check_service(&saved).unwrap_err().text().unwrap();
    assert!(text.contains("belongs to https://a.example, but this watch uses the simulated"));
    let without_service = SavedCheckpoints::default();
    assert!(other.check_service(&without_service).is_ok());
}

#[cfg(unix)]
#[test]
fn a_device_is_rejected() {
    let failure = checkpoint_file(Path::new("/dev/null")).read().unwrap_err();
    assert!(failure.text().unwrap().contains("not a regular file"));
}

#[test]
fn round_trip_leaves_no_temporary_files() {
    let directory = tempfile::tempdir().unwrap();
    let file = checkpoint_file(&directory.path().join("watch.json"));
    assert_eq!(file.read().unwrap(), None);
    file.write(&[checkpoint(0)]).unwrap();
    let checkpoints = [checkpoint(1), checkpoint(2)];
    file.write(&checkpoints).unwrap();
    assert_eq!(file.read().unwrap().unwrap().checkpoints, checkpoints);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    file.write(&[]).unwrap();
    file.write(&[]).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_preserved() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    let link = directory.path().join("link");
    fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    checkpoint_file(&link).write(&[checkpoint(0)]).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(checkpoint_file(&target).read().unwrap().is_some());
}

#[test]
fn invalid_files_are_rejected_with_the_reason() {
    let one = checkpoint(1);
    let other = ClipUuid::from_bytes([2; 16]);
    let contents =
        |key: &str, text: &str| serde_json::json!({"version": 1, "clips": {key: text}}).to_string();
    let checkpoint_error = "{}".parse::<Checkpoint>().unwrap_err();
    for (text, reason) in [
        (String::new(), "not a checkpoint file: EOF"),
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
        let error = parse(text.as_bytes()).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
    assert!(parse(contents(&one.clip_uuid().to_string(), &one.to_string()).as_bytes()).is_ok());
}

#[test]
fn a_write_error_names_the_given_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none").join("watch.json");
    assert!(checkpoint_file(&path).check_writable().is_err());
    let failure = checkpoint_file(&path).write(&[checkpoint(0)]).unwrap_err();
    let expected = format!(
        "the checkpoint file {} cannot be written: No such file",
        path.display()
    );
    let text = failure.text().unwrap();
    assert!(
        text.starts_with(&expected) && !text.contains(".rhombus-clips-"),
        "{text}"
    );
}

#[test]
fn a_rejected_file_is_named_and_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    fs::write(&path, "buy milk").unwrap();
    let failure = checkpoint_file(&path).read().unwrap_err();
    assert!(failure.text().unwrap().contains("notes.txt"));
    assert_eq!(fs::read(&path).unwrap(), b"buy milk");
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn saves_at_most_once_per_interval() {
    let mut throttle = SaveThrottle::default();
    assert_eq!(throttle.due(), None);
    throttle.mark_dirty();
    assert_eq!(throttle.due(), Some(Duration::ZERO));
    throttle.saved(5 * SECOND, 5 * SECOND);
    assert_eq!(throttle.due(), None);
    throttle.mark_dirty();
    assert_eq!(throttle.due(), Some(6 * SECOND));
}

#[test]
fn saves_less_often_on_a_slow_disk() {
    let mut throttle = SaveThrottle::default();
    throttle.saved(SECOND, 2 * SECOND);
    throttle.mark_dirty();
    assert_eq!(throttle.due(), Some(22 * SECOND));
}
