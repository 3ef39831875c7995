//! The environment that the program runs in: certificate authorities, and proxies.
#![cfg(unix)]

use std::process::Command;

use rhombus_clips_sim::{Clip, Service};
use rhombus_clips_tests::program::{command_for, program, run_command, text};
use rhombus_clips_tests::{add, complete};
use serde_json::Value;

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Runs a command on a machine without certificate authorities. Other systems than Linux have them built
/// in.
#[cfg(target_os = "linux")]
fn without_authorities(mut command: Command) -> Command {
    command
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("SSL_CERT_DIR", "/nonexistent");
    command
}

#[cfg(target_os = "linux")]
fn program_with(arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(arguments);
    command
}

fn with_key(arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(arguments).env("RHOMBUS_API_KEY", "0123456789");
    command
}

/// Runs `doctor` and returns the check of this name, and that of the service.
async fn checks(mut command: Command, name: &str) -> (Value, Value) {
    command.args(["--output", "json"]);
    let output = run_command(command).await;
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = json["checks"].as_array().unwrap();
    let check = |name: &str| {
        let check = checks.iter().find(|check| check["check"] == name);
        check.unwrap_or_else(|| panic!("{json}")).clone()
    };
    (check(name), check("service"))
}

/// Returns the only line on standard error of a command that fails.
async fn error_line(command: Command) -> String {
    let output = run_command(command).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = text(&output.stderr);
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
    error
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_certificate_authorities_this_machine_is_reached() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    for command in [
        program_with(&["get", "--simulate"]),
        command_for(&service, &["get", &uuid]),
        command_for(&service, &["watch", &uuid]),
        command_for(&service, &["doctor"]),
    ] {
        let output = run_command(without_authorities(command)).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_certificate_authorities_https_is_an_error_with_advice() {
    for command in [["get", UUID], ["watch", UUID]] {
        let error = error_line(without_authorities(with_key(&command))).await;
        assert!(
            error.contains("no certificate authority is installed"),
            "{error}"
        );
        assert!(
            error.contains("ca-certificates") && error.contains("SSL_CERT_FILE"),
            "{error}"
        );
    }
    let (tls, service) = checks(without_authorities(with_key(&["doctor"])), "TLS").await;
    assert_eq!(
        (&tls["status"], &service["status"]),
        (&"error".into(), &"skipped".into())
    );
    assert!(
        tls["advice"].as_str().unwrap().contains("ca-certificates"),
        "{tls}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_cannot_be_used_is_an_error_with_its_variable() {
    let unusable = |arguments: &[&str], variable: &str, value: &str| {
        let mut command = with_key(arguments);
        command.env(variable, value);
        command
    };
    for (variable, value, reason) in [
        ("ALL_PROXY", "ftp://me:canary@proxy.example", "scheme ftp"),
        ("https_proxy", "me:canary@", "not the URL"),
    ] {
        let error = error_line(unusable(&["get", UUID], variable, value)).await;
        assert!(
            error.contains(variable) && error.contains(reason),
            "{error}"
        );
        assert!(!error.contains("canary"), "{error}");
        let (proxy, service) = checks(unusable(&["doctor"], variable, value), "proxy").await;
        assert_eq!(
            (&proxy["status"], &service["status"]),
            (&"error".into(), &"skipped".into())
        );
        assert!(
            proxy["message"].as_str().unwrap().contains(variable),
            "{proxy}"
        );
        assert!(!proxy.to_string().contains("canary"), "{proxy}");
    }
    // It does not apply to this host, or to this machine.
    let mut exempt = unusable(&["doctor"], "ALL_PROXY", "ftp://proxy.example");
    exempt
        .args(["--endpoint-url", "https://127.0.0.1:1"])
        .env("NO_PROXY", "127.0.0.1");
    let (proxy, service) = checks(exempt, "proxy").await;
    assert_eq!(proxy["status"], "ok");
    assert!(
        service["message"]
            .as_str()
            .unwrap()
            .contains("cannot connect"),
        "{service}"
    );
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let mut local = command_for(&service, &["get", &uuid]);
    local.env("ALL_PROXY", "ftp://proxy.example");
    assert_eq!(run_command(local).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_never_responds_is_given_up() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    service.pause_listening().await;
    let command = command_for(
        &service,
        &["watch", "--unreachable-grace-period", "0", &uuid],
    );
    let output = run_command(command).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = text(&output.stderr);
    assert!(error.starts_with("error: cannot connect to"), "{error}");
    assert!(!error.contains("record"), "{error}");
}
