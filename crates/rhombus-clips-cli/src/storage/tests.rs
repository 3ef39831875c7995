use super::*;

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

const FIRST: &[u8] = b"{\n  \"version\": 1,\n  \"clips\": \"first\"\n}\n";
const SECOND: &[u8] = b"{\n  \"version\": 1,\n  \"clips\": \"2\"\n}\n";

fn open(path: &Path) -> Storage {
    let mut storage = Storage::open(path).unwrap();
    storage.read().unwrap();
    storage
}

fn is_in_use(path: &Path) -> bool {
    matches!(Storage::open(path), Err(OpenError::InUse(_)))
}

fn count_files(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

/// Writes twice, and checks that the file remains what it was.
#[cfg(unix)]
fn check_in_place(path: &Path) {
    let before = fs::metadata(path).unwrap();
    let mut storage = open(path);
    for document in [FIRST, SECOND] {
        storage.write(document).unwrap();
        assert_eq!(fs::read(path).unwrap(), document);
        assert!(is_in_use(path));
    }
    let after = fs::metadata(path).unwrap();
    let properties = |metadata: &Metadata| {
        (
            metadata.ino(),
            metadata.mode(),
            (metadata.uid(), metadata.gid(), metadata.nlink()),
        )
    };
    assert_eq!(properties(&after), properties(&before));
    storage.remove().unwrap();
    drop(storage);
    assert_eq!(fs::read(path).unwrap(), b"");
    assert_eq!(count_files(path.parent().unwrap()), 1);
}

#[cfg(unix)]
#[test]
fn a_file_with_another_hard_link_is_written_in_place() {
    let [directory, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let path = directory.path().join("watch.json");
    let link = other.path().join("link.json");
    fs::write(&path, "").unwrap();
    fs::hard_link(&path, &link).unwrap();
    check_in_place(&path);
    let mut storage = open(&link);
    assert!(is_in_use(&path));
    storage.write(FIRST).unwrap();
    assert_eq!(fs::read(&path).unwrap(), FIRST);
}

/// Only root can give a file away.
#[cfg(unix)]
#[test]
fn a_file_of_another_owner_is_written_in_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    fs::write(&path, FIRST).unwrap();
    if std::os::unix::fs::chown(&path, Some(12), Some(34)).is_ok() {
        check_in_place(&path);
    }
}

/// A folder in place of the temporary file, as if the folder were read-only: root could write there.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_replaced_is_written_in_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    fs::write(&path, FIRST).unwrap();
    let obstacle = temp_path(&path).join("obstacle");
    fs::create_dir_all(&obstacle).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    let mut storage = open(&path);
    storage.write(SECOND).unwrap();
    assert_eq!(fs::read(&path).unwrap(), SECOND);
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
}

#[cfg(unix)]
#[test]
fn a_replacement_keeps_the_mode_and_the_symbolic_link() {
    let [directory, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let target = other.path().join("target");
    let link = directory.path().join("link");
    symlink(&target, &link).unwrap();
    for mode in [0o640, 0o444, 0o606] {
        // The link dangles at first.
        let mut storage = open(&link);
        fs::set_permissions(&target, fs::Permissions::from_mode(mode)).unwrap();
        assert!(is_in_use(&target) && is_in_use(&link));
        storage.write(FIRST).unwrap();
        storage.write(SECOND).unwrap();
        assert!(is_in_use(&target) && is_in_use(&link));
        let metadata = fs::metadata(&target).unwrap();
        assert_eq!(metadata.mode() & 0o7777, mode);
        drop(storage);
        let mut storage = open(&link);
        assert_eq!(storage.read().unwrap(), SECOND);
        storage.write(FIRST).unwrap();
        storage.remove().unwrap();
        assert!(!target.exists() && fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(count_files(directory.path()), 1);
        assert_eq!(count_files(other.path()), 0);
    }
}

/// A program that is killed leaves its temporary file.
#[test]
fn a_temporary_file_of_a_killed_program_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    for _ in 0..3 {
        fs::write(temp_path(&path), "{").unwrap();
        let mut storage = open(&path);
        assert_eq!(count_files(directory.path()), 1);
        storage.write(FIRST).unwrap();
        assert_eq!(count_files(directory.path()), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_temporary_file_is_not_followed() {
    let [directory, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let path = directory.path().join("watch.json");
    let victim = other.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    let mut storage = open(&path);
    symlink(&victim, temp_path(&path)).unwrap();
    storage.write(FIRST).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"mine");
    assert_eq!(fs::read(&path).unwrap(), FIRST);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_renamed_keeps_its_lock_and_is_written_where_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let [path, renamed] = ["watch.json", "renamed.json"].map(|name| directory.path().join(name));
    let mut storage = open(&path);
    storage.write(FIRST).unwrap();
    fs::rename(&path, &renamed).unwrap();
    assert!(is_in_use(&renamed));
    storage.write(SECOND).unwrap();
    assert!(is_in_use(&renamed) && !path.exists());
    assert_eq!(fs::read(&renamed).unwrap(), SECOND);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_deleted_or_replaced_is_written_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("watch.json");
    let mut storage = open(&path);
    fs::remove_file(&path).unwrap();
    storage.write(FIRST).unwrap();
    assert_eq!(fs::read(&path).unwrap(), FIRST);
    let other = directory.path().join("other");
    fs::write(&other, SECOND).unwrap();
    fs::rename(&other, &path).unwrap();
    storage.write(FIRST).unwrap();
    assert_eq!(fs::read(&path).unwrap(), FIRST);
    assert!(is_in_use(&path));
    // A file that another program has is not taken from it.
    fs::remove_file(&path).unwrap();
    let mut first = std::mem::replace(&mut storage, open(&path));
    assert!(matches!(first.write(SECOND), Err(OpenError::InUse(_))));
}

#[test]
fn a_full_disk_is_an_error_and_the_file_stays() {
    assert!(is_full(&ErrorKind::StorageFull.into()));
    assert!(!is_full(&ErrorKind::ReadOnlyFilesystem.into()));
    assert!(!is_full(&ErrorKind::ResourceBusy.into()));
}
