//! The commands `export` and `download`.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::SystemTime;

use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::add;
use rhombus_clips_tests::program::*;
use serde_json::Value;
use tempfile::TempDir;

/// A service whose clock is that of the program, with the cameras Dock and Gate.
async fn service() -> Service {
    let builder = Service::builder().start_time(SystemTime::now());
    let service = builder.speed(100.0).start().await.unwrap();
    service.add_camera(camera("Dock"));
    service.add_camera(camera("Gate"));
    service
}

const RANGE: [&str; 4] = ["--from", "-20m", "--to", "-15m"];

/// Directory of the files, below one for other files.
fn files(folder: &TempDir) -> PathBuf {
    folder.path().join("files")
}

async fn run_in(service: &Service, directory: &Path, arguments: &[&str]) -> Output {
    let mut command = command_for(service, arguments);
    command.arg("--dir").arg(directory);
    run_command(command).await
}

async fn export(service: &Service, directory: &Path, arguments: &[&str]) -> Output {
    let arguments = [&["export", "--interval", "0.02"], arguments].concat();
    run_in(service, directory, &arguments).await
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Returns the validated JSON lines of a command.
fn events(command: &'static str, output: &Output) -> Vec<Value> {
    let stdout = text(&output.stdout);
    stdout
        .lines()
        .map(|line| validated(command, line))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_announced_and_prints_path_size_and_verification() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let camera = ["--camera", "dock"];
    let output = export(&service, &files(&folder), &[&camera[..], &RANGE].concat()).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with("requesting a clip of \"Dock\" from "),
        "{stderr}"
    );
    let names = names(&files(&folder));
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(
        names[0].starts_with("Dock ") && names[0].ends_with(".mp4"),
        "{names:?}"
    );
    let stdout = text(&output.stdout);
    let path = files(&folder).join(&names[0]);
    assert!(
        stdout.starts_with(&format!("{}  ", path.display())),
        "{stdout}"
    );
    assert!(stdout.ends_with("KiB  SHA-256 verified\n"), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_camera_has_a_file_and_the_json_has_all_of_it() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let cameras = ["--camera", "Dock", "--camera", "Gate", "--json"];
    let output = export(&service, &files(&folder), &[&cameras[..], &RANGE].concat()).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let events = events("export", &output);
    let of = |name: &str| {
        events
            .iter()
            .filter(|event| event["event"] == name)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("requested").len(), 2);
    let saved = of("saved");
    assert_eq!(saved.len(), 2);
    for event in saved {
        let path = event["path"].as_str().unwrap();
        let length = std::fs::metadata(path).unwrap().len();
        assert_eq!(event["byteCount"], length);
        assert_eq!(event["sha256Verified"], true);
        assert_eq!(event["sha256Hex"], event["clip"]["sha256Hex"]);
        assert_eq!(event["clipUuid"], event["clip"]["clipUuid"]);
    }
    let summary = events.last().unwrap();
    assert_eq!(
        (&summary["saved"], &summary["failed"]),
        (&2.into(), &0.into())
    );
    assert_eq!(names(&files(&folder)).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_clip_has_its_reason_and_exit_code() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    for format in ["text", "json"] {
        service.prepare_clip(
            clip()
                .renders_in(1.s())
                .then_fails("Camera gave no footage"),
        );
        let arguments = ["--camera", "dock", "--output", format];
        let output = export(
            &service,
            &files(&folder),
            &[&arguments[..], &RANGE].concat(),
        )
        .await;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("clip failed: Camera gave no footage\n"),
            "{stderr}"
        );
        assert!(!stderr.contains("requested already"), "{stderr}");
        if format == "json" {
            let events = events("export", &output);
            let failed = &events[events.len() - 2];
            assert_eq!(failed["event"], "failed");
            assert_eq!(failed["reason"], "Camera gave no footage");
            assert_eq!(failed["clip"]["status"], "FAILED");
        }
    }
    assert!(names(&files(&folder)).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_not_repeated_and_overwrites_by_force_only() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let directory = files(&folder);
    let uuid = add(&service, clip().renders_in(0.s()).with("title", "A/B")).to_string();
    let download = async |more: &[&str]| {
        let arguments = [&["download"][..], more, &[&uuid]].concat();
        run_in(&service, &directory, &arguments).await
    };
    let output = download(&[]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let names_before = names(&directory);
    assert!(names_before[0].starts_with("A_B "), "{names_before:?}");
    let output = download(&[]).await;
    assert!(text(&output.stdout).ends_with("SHA-256 verified, was there already\n"));
    let path = directory.join(&names_before[0]);
    std::fs::write(&path, "mine").unwrap();
    let output = download(&[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(stderr.contains("add --force"), "{stderr}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    let output = download(&["--force", "--json"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let events = events("download", &output);
    assert_eq!(events[events.len() - 2]["unchanged"], false);
    assert_eq!(names(&directory), names_before);
    let output = download(&["--thumbnail"]).await;
    assert!(text(&output.stdout).contains(".jpeg  "), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_file_is_an_error_and_the_others_are_downloaded() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let running = add(&service, clip().stays(ClipStatus::Rendering)).to_string();
    let done = add(&service, clip().renders_in(0.s())).to_string();
    let unknown = "AAAAAAAAAAAAAAAAAAAAAA";
    let arguments = ["download", &running, unknown, &done];
    let output = run_in(&service, &files(&folder), &arguments).await;
    // Not found is less severe than another error.
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(stderr.contains("is not complete: RENDERING"), "{stderr}");
    assert!(stderr.contains(unknown), "{stderr}");
    assert_eq!(names(&files(&folder)).len(), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_is_continued_from_its_checkpoint() {
    let service = service().await;
    service.prepare_clip(clip().renders_in(0.s()).file_size(400_000));
    service.inject(
        Fault::map_response(|response| response.stall_after(100_000)).for_operation("media"),
    );
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("export.json");
    let checkpoint_text = checkpoint.to_str().unwrap();
    let arguments = ["--camera", "dock", "--checkpoint", checkpoint_text];
    let mut command = command_for(
        &service,
        &[&["export", "--interval", "0.02"], &arguments[..], &RANGE].concat(),
    );
    command.arg("--dir").arg(files(&folder));
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let is_media = |it: &rhombus_clips_sim::Request| it.operation.as_deref() == Some("media");
    for count in 1.. {
        service.wait_for_requests(count).await;
        if service.requests().iter().any(is_media) {
            break;
        }
    }
    signal(&child, "INT");
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(
        stderr
            .contains("interrupted: unfinished; continue with: rhombus-clips export --checkpoint "),
        "{stderr}"
    );
    service.clear_faults();

    // It belongs to the export, and an export is not started over it.
    let watch = run_command(command_for(
        &service,
        &["watch", "--checkpoint", checkpoint_text],
    ))
    .await;
    assert!(
        text(&watch.stderr).contains("is that of an export"),
        "{watch:?}"
    );
    let title = ["--checkpoint", checkpoint_text, "--title", "Ignored"];
    for arguments in [&[&arguments[..], &RANGE].concat()[..], &title] {
        let again = export(&service, &files(&folder), arguments).await;
        assert!(
            text(&again.stderr).contains("has an unfinished export"),
            "{again:?}"
        );
    }

    // The directory is the one of the checkpoint.
    let arguments = [
        "export",
        "--interval",
        "0.02",
        "--checkpoint",
        checkpoint_text,
    ];
    let output = run_command(command_for(&service, &arguments)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let names = names(&files(&folder));
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(!checkpoint.exists());
    assert_eq!(service.created_clips().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_that_was_requested_is_not_left_without_a_word() {
    let service = service().await;
    service.prepare_clip(clip().renders_in(100_000.s()));
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--camera", "dock", "--timeout", "0.1"];
    let output = export(
        &service,
        &files(&folder),
        &[&arguments[..], &RANGE].concat(),
    )
    .await;
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let stderr = text(&output.stderr);
    let uuid = &service.created_clips()[0].uuid;
    let directory = files(&folder);
    let advice = format!(
        "requested already; continue with: rhombus-clips watch {uuid} && rhombus-clips download {uuid} --dir {}\n",
        directory.display()
    );
    assert!(stderr.contains(&advice), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_command_lines_say_what_to_do() {
    let service = service().await;
    for (arguments, reason) in [
        (&["export"][..], "give a camera with --camera"),
        (&["export", "--camera", "dock"], "--from and --to"),
        (
            &[
                "export", "--camera", "dock", "--from", "-5m", "--to", "-10m",
            ],
            "earlier time first",
        ),
        (
            &[
                "export", "--camera", "dock", "--camera", "Dock", "--from", "-9m", "--to", "-8m",
            ],
            "camera \"Dock\" is given twice",
        ),
        (
            &[
                "export",
                "--camera",
                "dock",
                "--from",
                "-9m",
                "--to",
                "-8m",
                "--dir",
                "/dev/null/x",
            ],
            "cannot write to --dir /dev/null/x: ",
        ),
        (
            &["export", "--checkpoint", "no-such-file.json"],
            "nothing to export",
        ),
        (
            &["export", "--simulate", "--checkpoint", "file.json"],
            "cannot be used with",
        ),
        (&["download"], "CLIP_UUID"),
        (&["download", "fails"], "add --simulate"),
    ] {
        let output = run_command(command_for(&service, arguments)).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
    }
    assert!(!Path::new("no-such-file.json").exists());
    service.verify_operation("spliceV3").count(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulated_export_leaves_a_verified_file_and_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .args(["export", "--simulate"])
        .current_dir(folder.path());
    let output = run_command(command).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let names = names(folder.path());
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("Loading dock "), "{names:?}");
    let stdout = text(&output.stdout);
    assert!(stdout.contains("5.72 MiB  SHA-256 verified"), "{stdout}");
}

/// A media host that sends so many bytes without saying how many they are.
#[cfg(target_os = "linux")]
fn host_without_length(bytes: usize) -> String {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(head);
            let _ = stream.write_all(&vec![0; bytes]);
        }
    });
    url
}

/// The disk is a file system of its own, of one MiB. Where no program may mount one, there is nothing to test.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_is_an_error_and_what_was_loaded_is_kept() {
    let mut behavior = rhombus_clips_sim::Behavior::default();
    behavior.states_byte_count = false;
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let uuid = add(&service, clip().renders_in(0.s())).to_string();
    let folder = tempfile::tempdir().unwrap();
    let download = command_for(&service, &["download", &uuid]);
    let mut command = std::process::Command::new("unshare");
    let script = "mount -t tmpfs -o size=1m tmpfs \"$0\" || exit 99; \"$@\" --dir \"$0\"; code=$?; \
                  ls -s \"$0\"; exit $code";
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    command
        .arg(folder.path())
        .arg(download.get_program())
        .args(download.get_args());
    for (name, value) in download.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("RHOMBUS_MEDIA_URL", host_without_length(3_000_000));
    let output = match tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
    {
        Ok(output) if output.status.code() == Some(1) => output,
        other => {
            println!("no file system can be mounted: {other:?}");
            return;
        }
    };
    let stderr = text(&output.stderr);
    if stderr.starts_with("unshare: ") {
        println!("no file system can be mounted: {stderr}");
        return;
    }
    assert!(stderr.contains("the disk is full"), "{output:?}");
    assert!(stderr.contains("make room on the disk"), "{output:?}");
    let left = text(&output.stdout);
    assert!(
        left.contains(".mp4.part\n") && left.contains(".mp4.part.json\n"),
        "{left}"
    );
}
