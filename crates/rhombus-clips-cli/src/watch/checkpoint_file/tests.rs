use super::*;
use rhombus_clips::Client;

fn checkpoint(clip: u8) -> Checkpoint {
    let client = Client::builder().api_key("0123456789").build().unwrap();
    client.watch(ClipUuid::from_bytes([clip; 16])).checkpoint()
}

fn at(path: &Path) -> CheckpointFile {
    CheckpointFile::new(path.to_owned(), "https://a.example".to_owned())
}

#[test]
fn what_another_service_has_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("watch.json");
    at(&path).write(&[checkpoint(0)]).unwrap();
    let kept = at(&path).read().unwrap().unwrap();
    assert!(at(&path).check(&kept).is_ok());
    let other = CheckpointFile::new(path, "the simulated service".to_owned());
    let text = other.check(&kept).unwrap_err().text().unwrap();
    assert!(text.contains("keeps clips of https://a.example, and the simulated"));
    let unsaid = Kept::default();
    assert!(other.check(&unsaid).is_ok());
}

#[cfg(unix)]
#[test]
fn a_device_stays_one() {
    let failure = at(Path::new("/dev/null")).read().unwrap_err();
    assert!(failure.text().unwrap().contains("not a regular file"));
}

#[test]
fn what_was_written_is_read_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = at(&folder.path().join("watch.json"));
    assert_eq!(file.read().unwrap(), None);
    file.write(&[checkpoint(0)]).unwrap();
    let kept = [checkpoint(1), checkpoint(2)];
    file.write(&kept).unwrap();
    assert_eq!(file.read().unwrap().unwrap().checkpoints, kept);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    file.write(&[]).unwrap();
    file.write(&[]).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    at(&link).write(&[checkpoint(0)]).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(at(&real).read().unwrap().is_some());
}

#[test]
fn what_is_no_checkpoint_file_is_refused_with_the_reason() {
    let one = checkpoint(1);
    let other = ClipUuid::from_bytes([2; 16]);
    let content = |clip: &str, text: &str| {
        serde_json::json!({"version": 1, "clips": {clip: text}}).to_string()
    };
    for (text, reason) in [
        (String::new(), "it is no checkpoint file: EOF"),
        ("[1".to_owned(), "it is no checkpoint file: "),
        ("{}".to_owned(), "missing field `version`"),
        (r#"{"version":2,"clips":[]}"#.to_owned(), "of version 2"),
        (r#"{"version":1,"clips":[]}"#.to_owned(), "invalid type"),
        (content("x", "{}"), "clip x: the checkpoint cannot be read"),
        (
            content(&other.to_string(), &one.to_string()),
            "the checkpoint is that of AQEBAQEBAQEBAQEBAQEBAQ",
        ),
    ] {
        let refusal = kept(text.as_bytes()).unwrap_err();
        assert!(refusal.contains(reason), "{text}: {refusal}");
    }
    assert!(kept(content(&one.clip_uuid().to_string(), &one.to_string()).as_bytes()).is_ok());
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_the_name_that_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none").join("watch.json");
    assert!(at(&path).check_place().is_err());
    let failure = at(&path).write(&[checkpoint(0)]).unwrap_err();
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
fn the_error_names_the_file_and_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "buy milk").unwrap();
    let failure = at(&path).read().unwrap_err();
    assert!(failure.text().unwrap().contains("notes.txt"));
    assert_eq!(fs::read(&path).unwrap(), b"buy milk");
}
