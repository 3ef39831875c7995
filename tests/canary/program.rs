//! Everything that the program writes, and its command line as the system shows it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::canary::{KEY, Search, decoded, echoes};
use rhombus_clips_tests::home::Home;
use rhombus_clips_tests::program::{at, finished, program};
use rhombus_clips_tests::{add, complete, rendering};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

pub(crate) async fn search(search: &mut Search) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    // The library is asked with all of them; here each is a process.
    let [plain, .., escaped] = echoes();
    for echo in [plain, escaped] {
        for format in ["text", "json", "table"] {
            get(search, &service, &echo, format).await;
            watch(search, &service, &echo, format).await;
            doctor(search, &service, &echo, format).await;
        }
    }
    command_line(search, &service).await;
    settings(search).await;
    files(search, &service).await;
}

/// The program at the service, as talkative as somebody may ask it to be.
fn talkative(service: &Service, arguments: &[&str]) -> Command {
    let mut command = at(service, arguments);
    command
        .arg("-vv")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    command
}

async fn run(search: &mut Search, place: &str, command: Command) -> Output {
    let output = finished(command).await;
    search.text(place, &String::from_utf8_lossy(&output.stdout));
    search.text(place, &String::from_utf8_lossy(&output.stderr));
    output
}

fn failures(echo: &str) -> [Response; 6] {
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

async fn get(search: &mut Search, service: &Service, echo: &str, format: &str) {
    let arguments = ["get", "--output", format, UUID];
    let record = format!(
        r#"{{"clip": {{"title": "{echo}", "status": "{echo}", "{echo}": 1, "durationSec": "{echo}"}},
            "warningMsg": "{echo}"}}"#
    );
    service.respond_next(Response::status(200).body(record));
    let output = run(search, "program: get", talkative(service, &arguments)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for answer in failures(echo) {
        service.respond_next(answer);
        let output = run(search, "program: get", talkative(service, &arguments)).await;
        assert_ne!(output.status.code(), Some(0), "{output:?}");
    }
}

async fn watch(search: &mut Search, service: &Service, echo: &str, format: &str) {
    let said = decoded(echo);
    let word = |step: Step| {
        let step = step.with("title", said.as_str());
        step.operation(said.clone()).warning(said.as_str())
    };
    let trouble = Response::status(503).body(format!("back soon {echo}"));
    let lives = failures(echo).map(|answer| vec![word(rendering(1)), Step::response(answer)]);
    let success = vec![
        word(rendering(1)),
        Step::response(trouble),
        word(complete().with("durationSec", said.as_str())),
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watch.json");
    for life in lives.into_iter().chain([success]) {
        let clip = add(service, Clip::by_request(life)).to_string();
        let mut arguments = vec!["watch", "--interval", "0.01", "--output", format, &clip];
        arguments.extend(["--checkpoint", file.to_str().unwrap()]);
        run(search, "program: watch", talkative(service, &arguments)).await;
        if let Ok(kept) = fs::read_to_string(&file) {
            search.text("program: checkpoint file", &kept);
            fs::remove_file(&file).unwrap();
        }
    }
}

async fn doctor(search: &mut Search, service: &Service, echo: &str, format: &str) {
    let doctor = || talkative(service, &["doctor", "--output", format]);
    for answer in failures(echo) {
        service.respond_next(answer);
        run(search, "program: doctor", doctor()).await;
    }
    let output = run(search, "program: doctor", doctor()).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// What `ps` shows to everybody, during a request.
async fn command_line(search: &mut Search, service: &Service) {
    for command in ["get", "watch"] {
        service.respond_next(Response::hang());
        let count = service.request_count();
        let mut command = talkative(service, &[command, UUID]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut asking = command.spawn().unwrap();
        service.wait_for_requests(count + 1).await;
        let shown = fs::read(format!("/proc/{}/cmdline", asking.id())).unwrap();
        asking.kill().unwrap();
        asking.wait().unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains(UUID), "{shown}");
        search.text("program: command line", &shown);
    }
}

/// The key in the environment, with what goes wrong before a request.
async fn settings(search: &mut Search) {
    let with = |arguments: &[&str], key: OsString, base_url: &str| {
        let mut command = program();
        command.args(arguments).env("RUST_LOG", "trace");
        command.env("RHOMBUS_API_KEY", key);
        command.env("RHOMBUS_ENDPOINT_URL", base_url);
        command
    };
    let key = || OsString::from(KEY);
    let no_unicode = [KEY.as_bytes(), b"\xff"].concat();
    let [.., in_url, _] = echoes();
    let get = ["get", UUID];
    for command in [
        with(&get, format!("{KEY}\n").into(), "http://127.0.0.1:1"),
        with(&get, OsString::from_vec(no_unicode), "http://127.0.0.1:1"),
        with(&get, key(), &format!("https://me:{in_url}@gateway.example")),
        with(&get, key(), &format!("https://gateway.example/?{KEY}")),
        with(&["get", "--output"], key(), ""),
        with(&["get", "short"], key(), ""),
    ] {
        let output = run(search, "program: refusals of its settings", command).await;
        assert!(!output.stderr.is_empty());
    }
    let on_the_command_line = [
        with(&["get", "--api-key", KEY, UUID], "".into(), ""),
        with(&[&format!("--api-key={KEY}"), "get", UUID], "".into(), ""),
    ];
    for command in on_the_command_line {
        let output = run(search, "program: refusals of its settings", command).await;
        assert_eq!(output.status.code(), Some(2));
    }
    for arguments in [
        &["--help"][..],
        &["get", "--help"],
        &["watch", "--help"],
        &["-h"],
    ] {
        run(search, "program: help", with(arguments, key(), "")).await;
    }
    // The simulated service has a key of its own, and no use for this one.
    let simulated = with(&["get", "--simulate"], key(), "");
    run(search, "program: simulated service", simulated).await;
}

/// The key in files, with everything else that may be wrong with them.
async fn files(search: &mut Search, service: &Service) {
    let place = "program: files of its settings";
    for (credentials, works) in [
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
            if works {
                service.respond_next(Response::status(200).body(r#"{"clip": {}}"#));
            }
            let output = run(search, place, home.program(arguments)).await;
            assert_eq!(output.status.success(), works, "{output:?}");
        }
        let key = home.write("key", &format!("{KEY}\n{KEY}\n"), 0o600);
        let key = key.to_str().unwrap();
        run(
            search,
            place,
            home.program(&["doctor", "--api-key-file", key]),
        )
        .await;
    }
}
