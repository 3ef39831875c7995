//! Where the `rhombus-clips` program takes its settings from.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use rhombus_clips_sim::{Clip, Response, Service};
use rhombus_clips_tests::config_home::Home;
use rhombus_clips_tests::program::{at, finished, program, text};
use rhombus_clips_tests::tls::{Authority, Demands, HOST, Terminator};
use rhombus_clips_tests::{add, complete};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// A home with the profile `work`, which is that of the service.
fn home(service: &Service, more: &str) -> Home {
    Home::new(
        &format!(
            "[profile work]\noutput = json\nendpoint_url = {}\n",
            service.base_url()
        ),
        &format!("[work]\napi_key = {}\n{more}", service.api_key()),
    )
}

async fn succeeds(command: Command) -> Output {
    let output = finished(command).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

/// The one line that it says before it ends.
async fn refusal(command: Command) -> String {
    let output = finished(command).await;
    let told = text(&output.stderr);
    assert_eq!(
        (output.status.code(), told.lines().count()),
        (Some(1), 1),
        "{told}"
    );
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_set_up_rhombuss_own_tool_is_done() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = home(&service, "auth_type = token\n");
    let output = succeeds(home.program(&["get", "--profile", "work", &uuid])).await;
    assert!(output.stdout.starts_with(b"{\"clipUuid\""), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");

    let mut command = home.program(&["watch", &uuid]);
    command
        .env("RHOMBUS_PROFILE", "work")
        .env("RHOMBUS_OUTPUT", "text");
    let output = succeeds(command).await;
    assert!(text(&output.stdout).contains("COMPLETE"), "{output:?}");
    assert_eq!(service.requests()[0].scheme.as_deref(), Some("api-token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_acts_for_a_client_organization() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = home(&service, "is_partner = true\n");
    let own = ["get", "--profile", "work", &uuid];
    succeeds(home.program(&own)).await;
    succeeds(home.program(&[&own[..], &["--org", UUID]].concat())).await;
    let asked = service.requests();
    let asked: Vec<_> = asked
        .iter()
        .map(|request| (request.scheme.as_deref(), request.org.as_deref()))
        .collect();
    let scheme = Some("partner-api-token");
    assert_eq!(asked, [(scheme, None), (scheme, Some(UUID))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_from_a_file_or_standard_input() {
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
    succeeds(command).await;

    let mut command = home.program(&arguments("-"));
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut asking = command.spawn().unwrap();
    let mut stdin = asking.stdin.take().unwrap();
    writeln!(stdin, "{}", service.api_key()).unwrap();
    drop(stdin);
    let status = tokio::task::spawn_blocking(move || asking.wait().unwrap());
    assert_eq!(status.await.unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_that_of_the_profile() {
    let authority = Authority::new();
    let service = Service::start().await.unwrap();
    let demands = Demands {
        client_of: Some(&authority),
        ..Demands::default()
    };
    let mut tls = Terminator::start(&service, &authority.server(HOST), demands).await;
    let home = home(
        &service,
        "auth_type = cert\ncert_file = c.pem\nkey_file = ~/.rhombus/k.pem\n",
    );
    let client = authority.client();
    home.write("c.pem", &client.certificate, 0o600);
    home.write("k.pem", &client.key, 0o600);
    let roots = home.write("roots.pem", &authority.pem(), 0o644);
    let ask = || {
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
    succeeds(ask()).await;
    fs::remove_file(home.path(".rhombus/k.pem")).unwrap();
    let told = refusal(ask()).await;
    assert!(
        told.starts_with("error: key_file ") && told.contains("[work] in "),
        "{told}"
    );
    tls.next_handshake().await.unwrap();
    let asked = service.requests();
    assert_eq!((asked.len(), asked[0].scheme.as_deref()), (1, Some("api")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_one_line_and_sends_nothing() {
    let service = Service::start().await.unwrap();
    let home = home(&service, "nonsense\n[empty]\napi_key =\n");
    let told = refusal(home.program(&["get", UUID])).await;
    assert!(
        told.ends_with("/.rhombus/credentials: line 3: no `=` in it\n"),
        "{told}"
    );

    home.write("credentials", "[empty]\napi_key =\n", 0o600);
    let told = refusal(home.program(&["get", "--profile", "empty", UUID])).await;
    assert!(
        told.starts_with("error: api_key is empty: [empty] in "),
        "{told}"
    );
    let told = refusal(home.program(&["get", "--profile", "wrok", UUID])).await;
    assert!(told.ends_with("are: empty, work\n"), "{told}");

    let mut command = home.program(&["get", UUID]);
    command
        .env("RHOMBUS_API_KEY", "k")
        .env("RHOMBUS_ENDPOINT_URL", "http://elsewhere.example");
    let told = refusal(command).await;
    assert!(
        told.contains("plain HTTP") && told.contains("that of RHOMBUS_ENDPOINT_URL"),
        "{told}"
    );

    fs::remove_file(home.path(".rhombus/config")).unwrap();
    fs::create_dir(home.path(".rhombus/config")).unwrap();
    let told = refusal(home.program(&["get", UUID])).await;
    assert!(told.contains("/.rhombus/config cannot be read: "), "{told}");
    assert_eq!(service.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_others_can_read_are_warned_of() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let home = home(&service, "");
    let path = home.path(".rhombus/credentials");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o640);
    fs::set_permissions(&path, permissions).unwrap();
    let output = succeeds(home.program(&["get", "--profile", "work", &uuid])).await;
    let path = path.display();
    let warning = format!("warning: other users can read {path} (mode 0640): chmod 600 {path}\n");
    assert_eq!(text(&output.stderr), warning);
    let output = succeeds(home.program(&["get", "--quiet", "--profile", "work", &uuid])).await;
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_service_needs_no_settings_that_can_be_used() {
    let home = Home::new("[default]\noutput = json\n", "nonsense");
    let mut command = home.program(&["get", "--simulate"]);
    command.env("RHOMBUS_ENDPOINT_URL", "nonsense");
    let output = succeeds(command).await;
    assert!(output.stdout.starts_with(b"{\"clipUuid\""), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_format_of_another_tool_is_no_reason_to_stop() {
    let home = Home::new("[default]\noutput = yaml\n", "");
    let output = succeeds(home.program(&["get", "--simulate"])).await;
    assert!(text(&output.stdout).starts_with("clip "), "{output:?}");
    assert!(
        text(&output.stderr).starts_with("warning: this program has no output format \"yaml\"")
    );
}

#[test]
fn a_key_on_the_command_line_is_refused_without_being_shown() {
    for arguments in [
        &["get", "--api-key", "canary", UUID][..],
        &["--api-key=canary", "get", UUID],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        assert!(
            told.contains("--api-key-file") && !told.contains("canary"),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_as_much_as_it_is_asked_to() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()])).to_string();
    let told = async |flag: &str| {
        service.respond_next(Response::status(503));
        let output = succeeds(at(&service, &["watch", "--interval", "0.01", flag, &uuid])).await;
        text(&output.stderr)
    };
    assert_eq!(told("--quiet").await, "");
    let normal = "warning: the service has trouble (503); still watching\n";
    assert_eq!(told("--output=text").await, normal);
    let verbose = told("--verbose").await;
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
    assert!(told("-vv").await.contains("hyper_util"));
}
