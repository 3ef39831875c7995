//! Place and users of the checkpoint file of `rhombus-clips watch`.
//!
//! Files that cannot be replaced, two programs on one file, and the clips of another profile. The storage
//! of the program has unit tests; these tests run it behind mounts and with `kill -9`.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::{Clip, Service};
use rhombus_clips_tests::config_home::Home;
use rhombus_clips_tests::program::*;
use rhombus_clips_tests::{add, complete, rendering};

const OPTIONS: [&str; 5] = ["watch", "--interval", "0.01", "--output", "json"];

/// Returns a command that watches with this checkpoint file.
fn watch_command(service: &Service, file: &Path, more: &[&str]) -> Command {
    let file = ["--checkpoint", file.to_str().unwrap()];
    command_for(service, &[&OPTIONS[..], &file, more].concat())
}

fn add_endless(service: &Service) -> ClipUuid {
    add(service, Clip::by_request([rendering(40)]))
}

/// Starts a watch, and waits until it has polled each clip.
async fn start(service: &Service, mut command: Command, requests: u64) -> Child {
    let requests = service.request_count() + requests;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    service.wait_for_requests(requests).await;
    child
}

async fn wait(mut child: Child) {
    let wait = tokio::task::spawn_blocking(move || child.wait().unwrap());
    wait.await.unwrap();
}

/// Returns the command, run by a shell in a mount namespace of its own, after this script. `None` if this
/// user may not do that.
fn in_namespace(script: &str, command: &Command) -> Option<Command> {
    let unshare = || {
        let mut unshare = Command::new("unshare");
        let script = format!("set -e\n{script}\nexec \"$@\"");
        unshare.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]);
        unshare
    };
    let tried = unshare().arg("true").status();
    if !tried.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut unshare = unshare();
    unshare.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => unshare.env(name, value),
            None => unshare.env_remove(name),
        };
    }
    Some(unshare)
}

/// A file behind a bind mount, as containers have it, can be written but not replaced; in the second
/// case, nothing can be created beside it either.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_behind_a_mount_is_written_in_place() {
    let service = Service::start().await.unwrap();
    for is_read_only in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let [host, folder] = ["host", "folder"].map(|name| directory.path().join(name));
        fs::create_dir(&folder).unwrap();
        let file = folder.join("watch.json");
        for path in [&host, &file] {
            fs::write(path, "").unwrap();
        }
        let inode = fs::metadata(&host).unwrap().ino();
        let mut script = format!("mount --bind {} {}", host.display(), file.display());
        if is_read_only {
            let folder = folder.display();
            script = format!(
                "mount --bind {folder} {folder}\n{script}\nmount -o remount,bind,ro {folder}"
            );
        }
        let uuid = add_endless(&service);
        let arguments = ["--timeout", "600", &uuid.to_string()].map(str::to_owned);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let command = watch_command(&service, &file, &arguments);
        let Some(command) = in_namespace(&script, &command) else {
            eprintln!("skipped: no mount namespaces");
            return;
        };
        let mut child = start(&service, command, 2).await;
        child.kill().unwrap();
        wait(child).await;
        // From outside of the namespace, the same file is an ordinary one.
        let saved = fs::read_to_string(&host).unwrap();
        assert!(saved.contains(&uuid.to_string()), "{saved}");
        let command = in_namespace(
            &script,
            &watch_command(&service, &file, &["--timeout", "0"]),
        );
        let output = run_command(command.unwrap()).await;
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        let saved = fs::read_to_string(&host).unwrap();
        assert!(
            !saved.contains("process") && saved.ends_with("}\n"),
            "{saved}"
        );
        let metadata = fs::metadata(&host).unwrap();
        assert_eq!(metadata.ino(), inode);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_same_file_names_the_first() {
    let service = Service::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let [file, link] = ["watch.json", "link.json"].map(|name| directory.path().join(name));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let uuids = [add_endless(&service), add_endless(&service)].map(|uuid| uuid.to_string());
    let command = watch_command(&service, &link, &[&uuids[0], &uuids[1]]);
    let mut first = start(&service, command, 4).await;
    let check_refused = |output: &Output| {
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = text(&output.stderr);
        let expected = format!("is in use by process {};", first.id());
        assert!(stderr.contains(&expected), "{stderr}");
        assert!(output.stdout.is_empty(), "{output:?}");
    };
    for path in [&file, &link] {
        check_refused(&run_command(watch_command(&service, path, &[])).await);
    }
    let renamed = directory.path().join("renamed.json");
    fs::rename(&file, &renamed).unwrap();
    check_refused(&run_command(watch_command(&service, &renamed, &[])).await);
    // The lock of a dead program is void.
    first.kill().unwrap();
    wait(first).await;
    let output = run_command(watch_command(&service, &renamed, &["--timeout", "0"])).await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_programs_leave_no_files() {
    let service = Service::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("watch.json");
    let uuid = add_endless(&service).to_string();
    for _ in 0..5 {
        let mut child = start(&service, watch_command(&service, &file, &[&uuid]), 1).await;
        child.kill().unwrap();
        wait(child).await;
        // The file, and a replacement at most that did not take its name.
        assert!(fs::read_dir(directory.path()).unwrap().count() <= 2);
    }
    let output = run_command(watch_command(&service, &file, &["--timeout", "0"])).await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clips_of_another_profile_are_refused() {
    let service = Service::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("watch.json");
    let (url, key) = (service.base_url(), service.api_key());
    let profiles = ["work", "home"].map(|name| {
        (
            format!("[profile {name}]\nendpoint_url = {url}\n"),
            format!("[{name}]\napi_key = {key}\n"),
        )
    });
    let [(work, work_key), (home, home_key)] = profiles;
    let home = Home::new(&format!("{work}{home}"), &format!("{work_key}{home_key}"));
    let run = async |profile: &str, more: &[&str]| {
        let file = ["--checkpoint", file.to_str().unwrap(), "--profile", profile];
        run_command(home.program(&[&OPTIONS[..], &file, more].concat())).await
    };
    let uuid = add(&service, Clip::by_request([rendering(40), complete()])).to_string();
    let output = run("work", &["--timeout", "0", &uuid]).await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let before = fs::read_to_string(&file).unwrap();
    assert!(!before.contains(key), "{before}");
    let requests = service.request_count();
    let output = run("home", &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = text(&output.stderr);
    let expected = "belongs to the profile work, but this run uses the profile home; \
                    go on with --profile work, or choose another file";
    assert!(stderr.contains(expected), "{stderr}");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    assert_eq!(service.request_count(), requests);
    let output = run("work", &[]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}

/// A program that is killed after its last file leaves a checkpoint of nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_complete_export_makes_room_for_the_next() {
    let service = Service::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("export.json");
    let export = r#"{"directory": ".", "checkpoint": {"version": 1, "requests": []}}"#;
    fs::write(&file, format!(r#"{{"version": 1, "export": {export}}}"#)).unwrap();
    let path = file.to_str().unwrap();
    let camera = ["--camera", "nowhere", "--from", "-20m", "--to", "-15m"];
    let arguments = [&["export", "--checkpoint", path][..], &camera].concat();
    let output = run_command(command_for(&service, &arguments)).await;
    let stderr = text(&output.stderr);
    assert!(stderr.contains("nowhere"), "{stderr}");
    // Without a camera, there is nothing to continue, and the file goes.
    let output = run_command(command_for(&service, &arguments[..3])).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}
