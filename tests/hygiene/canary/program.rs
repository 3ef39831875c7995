//! Searches everything that the program writes, and its command line as the system shows it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::canary::{KEY, KeySearch, echoes, unescape_json};
use rhombus_clips_tests::config_home::Home;
use rhombus_clips_tests::program::{command_for, program, run_command};
use rhombus_clips_tests::{add, complete, rendering};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

pub(crate) async fn search(search: &mut KeySearch) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    // A subset, because each echo takes several processes; the library is tested with all of them.
    let [unchanged, .., escaped] = echoes();
    for echo in [unchanged, escaped] {
        for format in ["text", "json", "table"] {
            check_get(search, &service, &echo, format).await;
            check_watch(search, &service, &echo, format).await;
            check_doctor(search, &service, &echo, format).await;
        }
        check_other_commands(search, &service, &echo).await;
        check_history(search, &service, &echo).await;
    }
    check_command_line(search, &service).await;
    check_settings(search).await;
    check_files(search, &service).await;
}

/// Returns a command that runs the program with the most verbose logging.
fn verbose_command(service: &Service, arguments: &[&str]) -> Command {
    let mut command = command_for(service, arguments);
    command
        .arg("-vv")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    command
}

async fn run(search: &mut KeySearch, source: &str, command: Command) -> Output {
    let output = run_command(command).await;
    search.check_text(source, &String::from_utf8_lossy(&output.stdout));
    search.check_text(source, &String::from_utf8_lossy(&output.stderr));
    output
}

fn error_responses(echo: &str) -> [Response; 6] {
    let body = |text: String| Response::status(200).body(text);
    [
        Response::status(403).body(format!("Invalid api key {echo}")),
        Response::status(400)
            .header("x-request-id", echo)
            .body(echo),
        Response::status(307).header("location", format!("https://elsewhere.example/?{echo}")),
        body(format!(r#"{{"error": true, "errorMsg": "{echo}"}}"#)),
        body(format!(r#"{{"clip": "{echo}"}}"#)),
        body(format!("<p>{echo}</p>")),
    ]
}

async fn check_get(search: &mut KeySearch, service: &Service, echo: &str, format: &str) {
    let arguments = ["get", "--output", format, UUID];
    let record = format!(
        r#"{{"clip": {{"title": "{echo}", "status": "{echo}", "{echo}": 1, "durationSec": "{echo}"}},
            "warningMsg": "{echo}"}}"#
    );
    service.respond_next(Response::status(200).body(record));
    let output = run(search, "program: get", verbose_command(service, &arguments)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for response in error_responses(echo) {
        service.respond_next(response);
        let output = run(search, "program: get", verbose_command(service, &arguments)).await;
        assert_ne!(output.status.code(), Some(0), "{output:?}");
    }
}

async fn check_watch(search: &mut KeySearch, service: &Service, echo: &str, format: &str) {
    let text = unescape_json(echo);
    let with_text = |step: Step| {
        let step = step.with("title", text.as_str());
        step.operation(text.clone()).warning(text.as_str())
    };
    let unavailable = Response::status(503).body(format!("back soon {echo}"));
    let scripts = error_responses(echo)
        .map(|response| vec![with_text(rendering(1)), Step::response(response)]);
    let success = vec![
        with_text(rendering(1)),
        Step::response(unavailable),
        with_text(complete().with("durationSec", text.as_str())),
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watch.json");
    for steps in scripts.into_iter().chain([success]) {
        let uuid = add(service, Clip::by_request(steps)).to_string();
        let mut arguments = vec!["watch", "--interval", "0.01", "--output", format, &uuid];
        arguments.extend(["--checkpoint", file.to_str().unwrap()]);
        run(
            search,
            "program: watch",
            verbose_command(service, &arguments),
        )
        .await;
        if let Ok(checkpoint) = fs::read_to_string(&file) {
            search.check_text("program: checkpoint file", &checkpoint);
            fs::remove_file(&file).unwrap();
        }
    }
}

/// Searches what the program keeps of a watch, the names of files included.
async fn check_history(search: &mut KeySearch, service: &Service, echo: &str) {
    let text = unescape_json(echo);
    let steps = [
        rendering(1).operation(text.clone()),
        complete().with("title", text.as_str()),
    ];
    let uuid = add(service, Clip::by_request(steps)).to_string();
    let home = Home::new("", "");
    for arguments in [&["watch", &uuid][..], &["history", "--json"]] {
        let mut command = verbose_command(service, arguments);
        command
            .env("HOME", home.path(""))
            .env_remove("RHOMBUS_HISTORY");
        let output = run(search, "program: history", command).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let mut folders = vec![home.path("")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            search.check_text("program: history", path.to_str().unwrap());
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let content = fs::read_to_string(&path).unwrap();
                    files += usize::from(content.contains("updated_at_sec"));
                    search.check_text("program: history", &content);
                }
            }
        }
    }
    assert_eq!(files, 1);
}

async fn check_doctor(search: &mut KeySearch, service: &Service, echo: &str, format: &str) {
    let doctor = || verbose_command(service, &["doctor", "--output", format]);
    for response in error_responses(echo) {
        service.respond_next(response);
        run(search, "program: doctor", doctor()).await;
    }
    let output = run(search, "program: doctor", doctor()).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// Searches the output of the commands that list, request, change and end clips.
async fn check_other_commands(search: &mut KeySearch, service: &Service, echo: &str) {
    let export = [
        "export", "--from", "-10m", "--to", "-5m", "--json", "--camera", UUID,
    ];
    let create = ["create", "--from", "-10m", "--to", "-5m", "--camera", UUID];
    for arguments in [
        &["cameras"][..],
        &["list", "--output", "json"],
        &create,
        &["cancel", "--yes", "--output", "json", UUID],
        &["retry", "--output", "table", UUID],
        &["delete", "--yes", UUID],
        &["update", "--title", "a", UUID],
        &["download", UUID],
        &["download", "--output", "json", UUID],
        &export,
    ] {
        let source = "program: other commands";
        for response in error_responses(echo) {
            service.respond_next(response);
            run(search, source, verbose_command(service, arguments)).await;
        }
    }
    let record =
        format!(r#"{{"uuid": "{UUID}", "name": "{echo}", "title": "{echo}", "{echo}": 1}}"#);
    let body = format!(r#"{{"cameraStates": [{record}], "savedClips": [{record}]}}"#);
    for command in ["cameras", "list"] {
        service.respond_next(Response::status(200).body(body.clone()));
        let command = verbose_command(service, &[command, "--output", "json"]);
        let output = run(search, "program: lists", command).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

/// Searches the command line, which `ps` shows to every user, during a request.
async fn check_command_line(search: &mut KeySearch, service: &Service) {
    for command in ["get", "watch"] {
        service.respond_next(Response::hang());
        let count = service.request_count();
        let mut command = verbose_command(service, &[command, UUID]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        service.wait_for_requests(count + 1).await;
        let command_line = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let command_line = String::from_utf8(command_line).unwrap();
        assert!(command_line.contains(UUID), "{command_line}");
        search.check_text("program: command line", &command_line);
    }
}

/// Searches the output for invalid settings, with the key in the environment.
async fn check_settings(search: &mut KeySearch) {
    let command_with = |arguments: &[&str], key: OsString, base_url: &str| {
        let mut command = program();
        command.args(arguments).env("RUST_LOG", "trace");
        command.env("RHOMBUS_API_KEY", key);
        command.env("RHOMBUS_ENDPOINT_URL", base_url);
        command
    };
    let key = || OsString::from(KEY);
    let not_unicode = [KEY.as_bytes(), b"\xff"].concat();
    let [.., percent_encoded, _] = echoes();
    let get = ["get", UUID];
    for command in [
        command_with(&get, format!("{KEY}\n").into(), "http://127.0.0.1:1"),
        command_with(&get, OsString::from_vec(not_unicode), "http://127.0.0.1:1"),
        command_with(
            &get,
            key(),
            &format!("https://me:{percent_encoded}@gateway.example"),
        ),
        command_with(&get, key(), &format!("https://gateway.example/?{KEY}")),
        command_with(&["get", "--output"], key(), ""),
        command_with(&["get", "short"], key(), ""),
    ] {
        let output = run(search, "program: invalid settings", command).await;
        assert!(!output.stderr.is_empty());
    }
    let with_key_argument = [
        command_with(&["get", "--api-key", KEY, UUID], "".into(), ""),
        command_with(&[&format!("--api-key={KEY}"), "get", UUID], "".into(), ""),
    ];
    for command in with_key_argument {
        let output = run(search, "program: invalid settings", command).await;
        assert_eq!(output.status.code(), Some(2));
    }
    for arguments in [
        &["--help"][..],
        &["get", "--help"],
        &["watch", "--help"],
        &["-h"],
    ] {
        run(search, "program: help", command_with(arguments, key(), "")).await;
    }
    // The simulated service has its own key and ignores this one.
    let simulated = command_with(&["get", "--simulate"], key(), "");
    run(search, "program: simulated service", simulated).await;
}

/// Searches the output for valid and malformed configuration files that contain the key.
async fn check_files(search: &mut KeySearch, service: &Service) {
    let source = "program: configuration files";
    for (credentials, is_valid) in [
        (format!("[default]\napi_key = {KEY}\n"), true),
        (
            format!("[default]\napi_key = {KEY}\nis_partner = true\n"),
            true,
        ),
        (format!("[default]\napi_key {KEY}\n"), false),
        (format!("[default\napi_key = {KEY}\n"), false),
        (format!("[default]\n= {KEY}\n"), false),
        (format!("[default]\napi_key = {KEY} {KEY}\n"), false),
        (
            format!("[default]\napi_key = k\nauth_type = {KEY}\n"),
            false,
        ),
        (
            format!("[default]\napi_key = k\nis_partner = {KEY}\n"),
            false,
        ),
        (
            format!("[default]\napi_key = {KEY}\nauth_type = oauth\n"),
            false,
        ),
    ] {
        let config = format!("[default]\nendpoint_url = {}\n", service.base_url());
        let home = Home::new(&config, &credentials);
        for arguments in [&["get", "-vv", UUID][..], &["doctor", "-vv"]] {
            if is_valid {
                service.respond_next(Response::status(200).body(r#"{"clip": {}}"#));
            }
            let output = run(search, source, home.program(arguments)).await;
            assert_eq!(output.status.success(), is_valid, "{output:?}");
        }
        let key = home.write("key", &format!("{KEY}\n{KEY}\n"), 0o600);
        let key = key.to_str().unwrap();
        run(
            search,
            source,
            home.program(&["doctor", "--api-key-file", key]),
        )
        .await;
    }
}
