//! Settings of the `rhombus-clips` program, from flags, environment variables and files.
//!
//! Precedence and messages have unit tests in the program; these tests run it with a home directory of
//! its own and check that each setting takes effect in the requests.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, Response, Service};
use rhombus_clips_tests::config_home::Home;
use rhombus_clips_tests::program::{command_for, program, run_command, text};
use rhombus_clips_tests::tls::{Authority, HOST, Terminator, TlsRequirements};
use rhombus_clips_tests::{add, complete};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Creates a home directory whose profile `work` is for the service.
fn home(service: &Service, more_credentials: &str) -> Home {
    Home::new(
        &format!(
            "[profile work]\noutput = json\nendpoint_url = {}\n",
            service.base_url()
        ),
        &format!(
            "[work]\napi_key = {}\n{more_credentials}",
            service.api_key()
        ),
    )
}

async fn run_successfully(command: Command) -> Output {
    let output = run_command(command).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

/// Returns the error message of a command that fails with one line.
async fn run_failing(command: Command) -> String {
    let output = run_command(command).await;
    let message = text(&output.stderr);
    assert_eq!(
        (output.status.code(), message.lines().count()),
        (Some(1), 1),
        "{message}"
    );
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_of_the_rhombus_cli_is_used() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = home(&service, "auth_type = token\n");
    let output = run_successfully(home.program(&["get", "--profile", "work", &uuid])).await;
    assert!(output.stdout.starts_with(b"{\"clipUuid\""), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");

    let mut command = home.program(&["watch", &uuid]);
    command
        .env("RHOMBUS_PROFILE", "work")
        .env("RHOMBUS_OUTPUT", "text");
    let output = run_successfully(command).await;
    assert!(text(&output.stdout).contains("COMPLETE"), "{output:?}");
    assert_eq!(service.requests()[0].scheme.as_deref(), Some("api-token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_acts_for_a_client_organization() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = home(&service, "is_partner = true\n");
    let own = ["get", "--profile", "work", &uuid];
    run_successfully(home.program(&own)).await;
    run_successfully(home.program(&[&own[..], &["--org", UUID]].concat())).await;
    let requests = service.requests();
    let requests: Vec<_> = requests
        .iter()
        .map(|request| (request.scheme.as_deref(), request.org.as_deref()))
        .collect();
    let scheme = Some("partner-api-token");
    assert_eq!(requests, [(scheme, None), (scheme, Some(UUID))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_is_read_from_a_file_or_standard_input() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = Home::new("", "[default]\napi_key = wrong\n");
    let key = home.write("key", &format!("{}\n", service.api_key()), 0o600);
    let key = key.to_str().unwrap();
    let url = service.base_url();
    let arguments = |file| ["get", "--endpoint-url", url, "--api-key-file", file, &uuid];
    let mut command = home.program(&arguments(key));
    command
        .env("RHOMBUS_API_KEY", "wrong")
        .env("RHOMBUS_ENDPOINT_URL", "http://wrong");
    run_successfully(command).await;

    let mut command = home.program(&arguments("-"));
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", service.api_key()).unwrap();
    drop(stdin);
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert_eq!(status.await.unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_certificate_of_the_profile_is_used() {
    let authority = Authority::new();
    let service = Service::start().await.unwrap();
    let requirements = TlsRequirements {
        client_ca: Some(&authority),
        ..TlsRequirements::default()
    };
    let mut tls = Terminator::start(&service, &authority.server(HOST), requirements).await;
    let home = home(
        &service,
        "auth_type = cert\ncert_file = c.pem\nkey_file = ~/.rhombus/k.pem\n",
    );
    let client = authority.client();
    home.write("c.pem", &client.certificate, 0o600);
    home.write("k.pem", &client.key, 0o600);
    let roots = home.write("roots.pem", &authority.pem(), 0o644);
    let get = || {
        let mut command = home.program(&["get", "--profile", "work", UUID]);
        command
            .env("SSL_CERT_FILE", &roots)
            .env_remove("SSL_CERT_DIR")
            .env("NO_PROXY", HOST)
            .env("RHOMBUS_ENDPOINT_URL", tls.base_url());
        command
    };
    service.respond_next(Response::json(
        &serde_json::json!({"clip": {"status": "COMPLETE"}}),
    ));
    run_successfully(get()).await;
    fs::remove_file(home.path(".rhombus/k.pem")).unwrap();
    let message = run_failing(get()).await;
    assert!(
        message.starts_with("error: cannot read key_file ") && message.contains("[work] in "),
        "{message}"
    );
    tls.next_handshake().await.unwrap();
    let requests = service.requests();
    assert_eq!(
        (requests.len(), requests[0].scheme.as_deref()),
        (1, Some("api"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_error_is_one_line_and_prevents_requests() {
    let service = Service::start().await.unwrap();
    let home = home(&service, "nonsense\n[empty]\napi_key =\n");
    let message = run_failing(home.program(&["get", UUID])).await;
    assert!(
        message.ends_with("/.rhombus/credentials: line 3: missing `=`\n"),
        "{message}"
    );

    home.write("credentials", "[empty]\napi_key =\n", 0o600);
    let message = run_failing(home.program(&["get", "--profile", "empty", UUID])).await;
    assert!(
        message.starts_with("error: api_key is empty ([empty] in "),
        "{message}"
    );
    let message = run_failing(home.program(&["get", "--profile", "wrok", UUID])).await;
    assert!(message.ends_with("credentials: empty, work\n"), "{message}");

    let mut command = home.program(&["get", UUID]);
    command
        .env("RHOMBUS_API_KEY", "k")
        .env("RHOMBUS_ENDPOINT_URL", "http://elsewhere.example");
    let message = run_failing(command).await;
    assert!(
        message.contains("plain HTTP") && message.contains("(from RHOMBUS_ENDPOINT_URL)"),
        "{message}"
    );

    fs::remove_file(home.path(".rhombus/config")).unwrap();
    fs::create_dir(home.path(".rhombus/config")).unwrap();
    let message = run_failing(home.program(&["get", UUID])).await;
    assert!(
        message.starts_with("error: cannot read ") && message.contains("/.rhombus/config: "),
        "{message}"
    );
    assert_eq!(service.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_readable_by_other_users_are_a_warning() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = home(&service, "");
    let path = home.path(".rhombus/credentials");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o640);
    fs::set_permissions(&path, permissions).unwrap();
    let output = run_successfully(home.program(&["get", "--profile", "work", &uuid])).await;
    let path = path.display();
    let warning =
        format!("warning: {path} is readable by other users (mode 0640); run chmod 600 {path}\n");
    assert_eq!(text(&output.stderr), warning);
    let output =
        run_successfully(home.program(&["get", "--quiet", "--profile", "work", &uuid])).await;
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_readable_by_other_users_is_a_warning() {
    let home = Home::new(
        "",
        "[default]\napi_key = k\nauth_type = cert\ncert_file = c.pem\nkey_file = k.pem\n",
    );
    let identity = Authority::new().client();
    home.write("c.pem", &identity.certificate, 0o644);
    let key = home.write("k.pem", &identity.key, 0o644);
    let get = || {
        let mut command = home.program(&["get", UUID]);
        command.env("RHOMBUS_ENDPOINT_URL", "https://127.0.0.1:1");
        command
    };
    let key = key.display();
    let warning =
        format!("warning: {key} is readable by other users (mode 0644); run chmod 600 {key}\n");
    assert!(text(&run_command(get()).await.stderr).starts_with(&warning));
    home.write("k.pem", &identity.key, 0o600);
    assert!(!text(&run_command(get()).await.stderr).contains("readable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn text_in_another_encoding_is_read_or_named() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = Home::new("", "");
    let url = service.base_url();
    let texts = [
        (
            "config",
            format!("\u{feff}[default]\nendpoint_url = {url}\n"),
        ),
        (
            "credentials",
            format!(
                "\u{feff}[default]\napi_key = \"\"\"{}\"\"\"\n",
                service.api_key()
            ),
        ),
        ("key", format!("\u{feff}{}\r\n", service.api_key())),
    ];
    for (name, text) in &texts {
        home.write(name, text, 0o600);
    }
    let key = home.path(".rhombus/key");
    let with_key_file = ["get", "--api-key-file", key.to_str().unwrap(), &uuid];
    run_successfully(home.program(&["get", &uuid])).await;
    run_successfully(home.program(&with_key_file)).await;

    for (name, text) in texts.iter().rev() {
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(home.path(".rhombus").join(name), utf_16).unwrap();
        let message = run_failing(home.program(&with_key_file)).await;
        assert!(
            message.contains(&format!(
                "/.rhombus/{name}: it is encoded in UTF-16; save it as UTF-8"
            )),
            "{message}"
        );
        home.write(name, text, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_config_is_a_warning_if_key_and_endpoint_are_set_elsewhere() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = Home::new("nonsense", "");
    let mut command = home.program(&["get", &uuid]);
    command
        .env("RHOMBUS_API_KEY", service.api_key())
        .env("RHOMBUS_ENDPOINT_URL", service.base_url());
    let warnings = text(&run_successfully(command).await.stderr);
    assert!(
        warnings.ends_with("/.rhombus/config: line 1: missing `=`\n"),
        "{warnings}"
    );
    assert_eq!(warnings.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulated_service_ignores_invalid_settings() {
    let home = Home::new("[default]\noutput = json\n", "nonsense");
    let mut command = home.program(&["get", "--simulate"]);
    command.env("RHOMBUS_ENDPOINT_URL", "nonsense");
    let output = run_successfully(command).await;
    assert!(output.stdout.starts_with(b"{\"clipUuid\""), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_output_format_is_a_warning() {
    let home = Home::new("[default]\noutput = yaml\n", "");
    let output = run_successfully(home.program(&["get", "--simulate"])).await;
    assert!(text(&output.stdout).starts_with("clip "), "{output:?}");
    assert!(text(&output.stderr).starts_with("warning: unknown output format \"yaml\" in "));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_a_short_option_and_a_shorthand() {
    for arguments in [
        &["get", "--simulate", "-o", "json"][..],
        &["-ojson", "get", "--simulate"],
        &["get", "--simulate", "--json"],
        &["--json", "get", "--simulate", "--output", "json"],
    ] {
        let mut command = program();
        command.args(arguments).env("RHOMBUS_OUTPUT", "table");
        let output = run_successfully(command).await;
        assert!(output.stdout.starts_with(b"{\"clipUuid\""), "{output:?}");
    }
    let mut contradiction = program();
    contradiction.args(["get", "--simulate", "--json", "--output", "text"]);
    let output = run_command(contradiction).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "{output:?}");
    let message = text(&output.stderr);
    assert!(
        message.starts_with("error: --json is the same as --output json"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_when_the_output_of_a_profile_counts() {
    let service = Service::start().await.unwrap();
    let home = home(&service, "");
    let output = run_successfully(home.program(&["doctor", "--profile", "work"])).await;
    let shown = text(&output.stdout);
    assert!(shown.starts_with('{'), "{shown}");
    assert!(
        shown.contains("; on a terminal it is text, from the default"),
        "{shown}"
    );
    let output = run_successfully(home.program(&["doctor", "--profile", "work", "-otext"])).await;
    let shown = text(&output.stdout);
    assert!(shown.contains("text, from --output\n"), "{shown}");
}

#[test]
fn a_timeout_says_what_it_takes() {
    let fails = |arguments: &[&str]| {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    for value in ["10x", "10,5", "ten", ""] {
        let message = fails(&["watch", "--simulate", "--timeout", value]);
        let accepted = "expected seconds, such as 90 or 0.5, or units, such as 10m or 1h30m";
        assert!(message.contains(accepted), "{message}");
    }
    let message = fails(&["watch", UUID, "--timeout", "10", "min"]);
    assert!(
        message.contains("a duration has no space, such as --timeout 10min"),
        "{message}"
    );
}

#[test]
fn an_api_key_on_the_command_line_is_rejected_and_not_shown() {
    for arguments in [
        &["get", "--api-key", "canary", UUID][..],
        &["--api-key=canary", "get", UUID],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        assert!(
            message.contains("--api-key-file") && !message.contains("canary"),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verbosity_flags_select_the_log_output() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let log = async |flag: &str| {
        service.respond_next(Response::status(503));
        let output = run_successfully(command_for(
            &service,
            &["watch", "--interval", "0.01", flag, &uuid],
        ))
        .await;
        text(&output.stderr)
    };
    assert_eq!(log("--quiet").await, "");
    let normal = "warning: service unavailable (503); still watching\n";
    assert_eq!(log("--output=text").await, normal);
    let verbose = log("--verbose").await;
    for word in [
        "attempt succeeded",
        "attempt failed",
        "watch ended",
        &uuid,
        normal,
    ] {
        assert!(verbose.contains(word), "{word}: {verbose}");
    }
    assert!(!verbose.contains("hyper_util"), "{verbose}");
    assert!(log("-vv").await.contains("hyper_util"));
}
