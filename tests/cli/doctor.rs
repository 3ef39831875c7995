//! `rhombus-clips doctor` against the simulated service, TLS terminators and proxies.
//!
//! The wording of each diagnosis has unit tests in the program; these tests check that real failures
//! are classified as such.
#![cfg(unix)]

use std::process::{Command, Output};

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::program::{command_for, program, run_command, text};
use rhombus_clips_tests::tls::{Authority, HOST, Identity, Terminator, TlsRequirements};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Returns the exit code and the checks.
fn diagnosis(output: &Output) -> (Option<i32>, Vec<Value>) {
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = json["checks"].as_array().unwrap().clone();
    let has_error = checks.iter().any(|check| check["status"] == "error");
    assert_eq!(json["ok"], !has_error);
    (output.status.code(), checks)
}

/// Returns the exit code and the check of the service.
async fn service_check(mut command: Command) -> (Option<i32>, Value) {
    command.args(["--output", "json"]);
    let output = run_command(command).await;
    assert!(output.stderr.is_empty(), "{output:?}");
    let (code, checks) = diagnosis(&output);
    (code, checks.last().unwrap().clone())
}

fn advice(check: &Value) -> &str {
    assert_eq!(check["status"], "error", "{check}");
    check["advice"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn valid_settings_pass_with_one_request() {
    let service = Service::start().await.unwrap();
    let output = run_command(command_for(&service, &["doctor"])).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = text(&output.stdout);
    for line in shown.lines() {
        assert!(line.starts_with("ok "), "{shown}");
    }
    for word in [
        "from the default",
        "set (22 characters), from RHOMBUS_API_KEY",
        "from RHOMBUS_ENDPOINT_URL",
        "API key accepted",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(!shown.contains(service.api_key()) && !shown.contains('\u{1b}'));
    let requests = service.requests();
    assert_eq!(requests.len(), 1);
    assert!(
        requests[0]
            .clip_uuid
            .as_ref()
            .unwrap()
            .parse::<ClipUuid>()
            .is_ok()
    );

    service.respond_next(Response::json(&serde_json::json!({"clip": {}})));
    let (code, check) =
        service_check(command_for(&service, &["doctor", "AAAAAAAAAAAAAAAAAAAAAA"])).await;
    assert_eq!((code, &check["status"]), (Some(0), &"ok".into()));
    assert_eq!(
        service.requests()[1].clip_uuid.as_deref(),
        Some("AAAAAAAAAAAAAAAAAAAAAA")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_key_exits_with_5_after_one_request() {
    let service = Service::start().await.unwrap();
    let doctor = || command_for(&service, &["doctor"]);
    for (response, word) in [
        (Response::access_denied(0), "console"),
        (Response::status(403), "console"),
        (
            Response::status(403).body("Invalid api key"),
            "another region",
        ),
        (Response::status(401), "the scheme api-token"),
    ] {
        service.respond_next(response);
        let (code, check) = service_check(doctor()).await;
        assert_eq!(code, Some(5));
        assert!(advice(&check).contains(word), "{check}");
    }
    assert_eq!(service.request_count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn unexpected_responses_are_errors_with_advice() {
    let service = Service::start().await.unwrap();
    let doctor = || command_for(&service, &["doctor"]);
    for (response, word) in [
        (
            Response::too_many_requests(std::time::Duration::from_secs(7)),
            "in 7 s",
        ),
        (Response::status(502), "try again later"),
        (
            Response::status(200).body("<html>Sign in</html>"),
            "login page",
        ),
        (Response::status(404), "endpoint"),
        (Response::close(), "firewall"),
    ] {
        service.respond_next(response);
        let (code, check) = service_check(doctor()).await;
        assert_eq!(code, Some(1), "{check}");
        assert!(advice(&check).contains(word), "{check}");
    }
    assert_eq!(service.request_count(), 5);
    service.pause_listening().await;
    let (code, check) = service_check(doctor()).await;
    assert_eq!(code, Some(1));
    assert!(advice(&check).starts_with("connection refused"), "{check}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_failures_are_distinguished() {
    let authority = Authority::new();
    let service = Service::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let at_url = |url: &str| {
        let mut command = command_for(&service, &["doctor"]);
        command
            .env("RHOMBUS_ENDPOINT_URL", url)
            .env("SSL_CERT_FILE", &roots)
            .env_remove("SSL_CERT_DIR")
            .env("NO_PROXY", HOST);
        command
    };
    for (identity, word) in [
        (Identity::self_signed(), "authority"),
        (authority.expired_server(), "set the clock"),
        (
            authority.server("elsewhere.example"),
            "host and port of the endpoint",
        ),
    ] {
        let tls = Terminator::start(&service, &identity, TlsRequirements::default()).await;
        let (code, check) = service_check(at_url(tls.base_url())).await;
        assert_eq!(code, Some(1));
        assert!(advice(&check).contains(word), "{check}");
    }
    let no_tls = service.base_url().replace("http:", "https:");
    let (_, check) = service_check(at_url(&no_tls)).await;
    assert!(advice(&check).contains("port"), "{check}");
    let requirements = TlsRequirements {
        client_ca: Some(&authority),
        ..TlsRequirements::default()
    };
    let tls = Terminator::start(&service, &authority.server(HOST), requirements).await;
    let (_, check) = service_check(at_url(tls.base_url())).await;
    assert!(advice(&check).contains("auth_type = cert"), "{check}");
    assert_eq!(service.request_count(), 0);
}

/// Starts a proxy that responds to all requests with a status, and returns its address.
async fn proxy(status: u16) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let response = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(response.as_bytes()).await;
        }
    });
    (address, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_proxy_is_named_without_its_password() {
    let doctor = |address: &str| {
        let mut command = program();
        command
            .arg("doctor")
            .env("RHOMBUS_API_KEY", "k")
            .env("RHOMBUS_ENDPOINT_URL", "https://service.example")
            .env("HTTPS_PROXY", format!("http://user:canary@{address}"))
            .env_remove("NO_PROXY");
        command
    };
    for (status, word) in [(407, "to HTTPS_PROXY"), (403, "allow the host")] {
        let (address, task) = proxy(status).await;
        let (code, check) = service_check(doctor(&address)).await;
        assert_eq!(code, Some(1));
        assert!(advice(&check).contains(word), "{check}");
        task.abort();
        // The port is closed once the task has ended.
        assert!(task.await.unwrap_err().is_cancelled());
        let output = run_command(doctor(&address)).await;
        let shown = text(&output.stdout);
        assert!(shown.contains("is running"), "{shown}");
        assert!(
            shown.contains(&address) && !shown.contains("canary"),
            "{shown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_no_request_is_sent_and_all_checks_are_shown() {
    let service = Service::start().await.unwrap();
    let mut command = command_for(&service, &["doctor", "--output", "json"]);
    command.env_remove("RHOMBUS_API_KEY");
    let (code, checks) = diagnosis(&run_command(command).await);
    assert_eq!(code, Some(1));
    let status = |name: &str| {
        let check = checks.iter().find(|check| check["check"] == name);
        check.unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (status("API key"), status("service")),
        ("error".into(), "skipped".into())
    );
    assert_eq!(status("endpoint"), "ok");
    assert_eq!(service.request_count(), 0);
}
