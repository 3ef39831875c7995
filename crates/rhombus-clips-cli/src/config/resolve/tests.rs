use std::path::PathBuf;

use secrecy::ExposeSecret as _;

use super::*;
use crate::config::Flags;
use crate::config::sources::Environment;

fn file(name: &str, text: &str) -> SettingsFile {
    SettingsFile {
        path: Some(["/home/me/.rhombus", name].iter().collect()),
        state: FileState::Text(text.to_owned()),
        exposed_mode: None,
    }
}

/// Sources with the text of the two files.
fn files(config: &str, credentials: &str) -> Sources {
    Sources {
        config: file("config", config),
        credentials: file("credentials", credentials),
        ..Sources::default()
    }
}

fn resolve_credentials(text: &str) -> Settings {
    resolve(files("", text))
}

fn resolve_with_profile(mut sources: Sources, profile: &str) -> Settings {
    sources.flags.profile = Some(profile.to_owned());
    resolve(sources)
}

fn api_key(settings: &Settings) -> (&str, String) {
    let api_key = settings.api_key.as_ref().unwrap();
    (api_key.value.expose_secret(), api_key.origin.to_string())
}

/// Returns the message of the only error.
fn error_message(settings: &Settings) -> &str {
    let [error] = settings.errors.as_slice() else {
        panic!("{:?}", settings.errors);
    };
    assert_eq!(error.message.lines().count(), 1);
    &error.message
}

#[test]
fn defaults_apply_to_all_settings_but_the_api_key() {
    let mut sources = Sources::default();
    sources.environment.api_key = Some(Ok("k".into()));
    let settings = resolve(sources);
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(settings.warnings, []);
    assert_eq!(api_key(&settings), ("k", "RHOMBUS_API_KEY".to_owned()));
    assert_eq!(
        settings.profile,
        Sourced::new("default".to_owned(), Origin::Default)
    );
    assert_eq!(settings.endpoint_url.value, Region::Us.base_url());
    assert_eq!(settings.output, Sourced::new(Output::Text, Origin::Default));
    assert_eq!(settings.scheme(), "api-token");
}

#[test]
fn a_history_is_kept_unless_a_setting_says_otherwise() {
    let history = |variable: Option<&str>, config: &str| {
        let mut sources = files(config, "");
        sources.environment.history = variable.map(|value| Ok(value.to_owned()));
        let settings = resolve(sources);
        (settings.history.value, settings.warnings.len())
    };
    assert_eq!(history(None, ""), (true, 0));
    assert_eq!(history(None, "[default]\nhistory = False\n"), (false, 0));
    assert_eq!(
        history(Some("true"), "[default]\nhistory = false\n"),
        (true, 0)
    );
    assert_eq!(history(Some("false"), ""), (false, 0));
    assert_eq!(history(Some("maybe"), ""), (false, 1));
}

#[test]
fn flags_override_variables_which_override_the_profile() {
    let with_files = || {
        files(
            "[default]\nendpoint_url = http://wrong\n[profile work]\noutput = json\nendpoint_url = http://file\n",
            "[work]\napi_key = from-file\n[default]\napi_key = wrong\n",
        )
    };
    let section = |name: &str, file: &str| format!("[{name}] in /home/me/.rhombus/{file}");

    let mut settings = resolve_with_profile(with_files(), "work");
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(
        api_key(&settings),
        ("from-file", section("work", "credentials"))
    );
    assert_eq!(settings.endpoint_url.value, "http://file");
    let origin = settings.endpoint_url.origin.to_string();
    assert_eq!(origin, section("profile work", "config"));
    assert_eq!(settings.output.value, Output::Json);

    let with_variables = || {
        let mut sources = with_files();
        sources.environment = Environment {
            profile: Some(Ok("work".to_owned())),
            output: Some(Ok("TEXT".to_owned())),
            endpoint_url: Some(Ok("http://variable".to_owned())),
            media_url: Some(Ok("http://media".to_owned())),
            history: None,
            api_key: Some(Ok("from-variable".into())),
        };
        sources
    };
    settings = resolve(with_variables());
    assert_eq!(settings.profile.origin, Origin::Variable("RHOMBUS_PROFILE"));
    assert_eq!(api_key(&settings), ("from-variable", API_KEY.to_owned()));
    assert_eq!(settings.endpoint_url.value, "http://variable");
    let media_url = settings.media_url.unwrap();
    assert_eq!(media_url.value, "http://media");
    assert_eq!(media_url.origin, Origin::Variable("RHOMBUS_MEDIA_URL"));
    assert_eq!(
        settings.output,
        Sourced::new(Output::Text, Origin::Variable(OUTPUT))
    );

    let mut sources = with_variables();
    sources.flags = Flags {
        profile: Some("default".to_owned()),
        output: Some(Sourced::new(Output::Json, Origin::Flag("--output"))),
        region: Some(Region::Eu.base_url()),
        ..Flags::default()
    };
    sources.api_key = Some(Ok("from-flag".into()));
    settings = resolve(sources);
    assert_eq!(settings.profile.value, "default");
    assert_eq!(
        api_key(&settings),
        ("from-flag", "--api-key-file".to_owned())
    );
    assert_eq!(settings.endpoint_url.value, Region::Eu.base_url());
    assert_eq!(settings.output.origin, Origin::Flag("--output"));
}

#[test]
fn a_section_without_the_profile_prefix_is_a_fallback() {
    let settings = resolve_with_profile(
        files("[work]\noutput = json\n", "[work]\napi_key = k\n"),
        "work",
    );
    assert_eq!(settings.output.value, Output::Json);
    let settings = resolve_with_profile(
        files(
            "[work]\noutput = json\n[profile work]\n",
            "[work]\napi_key = k\n",
        ),
        "work",
    );
    assert_eq!(settings.output.value, Output::Text);
}

#[test]
fn an_unknown_profile_error_lists_the_available_profiles() {
    let settings = resolve_with_profile(
        files("[default]\n[profile work]\n", "[home]\napi_key = k\n"),
        "wrok",
    );
    assert_eq!(
        settings.errors[0].message,
        "unknown profile \"wrok\" (from --profile); profiles in /home/me/.rhombus/config and /home/me/.rhombus/credentials: default, home, work"
    );
    let settings = resolve_with_profile(Sources::default(), "work");
    assert!(
        settings.errors[0]
            .message
            .ends_with("no home directory to read profiles from")
    );
    let mut sources = files("", "");
    sources.config.state = FileState::Absent;
    let settings = resolve_with_profile(sources, "work");
    assert!(
        settings.errors[0]
            .message
            .contains("no profiles in /home/me/.rhombus/config or ")
    );
}

#[test]
fn credentials_select_the_authentication_scheme() {
    let cert = "auth_type = cert\ncert_file = c.pem\nkey_file = k.pem\n";
    for (lines, organization, scheme) in [
        ("auth_type = token\nis_partner = false\n", None, "api-token"),
        ("is_partner = True\n", None, "partner-api-token"),
        ("", Some("org"), "partner-api-token"),
        (cert, None, "api"),
        (&format!("{cert}is_partner = true\n"), None, "partner-api"),
    ] {
        let mut sources = files("", &format!("[default]\napi_key = k\n{lines}"));
        sources.flags.organization = organization.map(str::to_owned);
        let settings = resolve(sources);
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(settings.scheme(), scheme);
    }
}

#[test]
fn paths_are_relative_to_the_credentials_file() {
    for (path, absolute) in [
        ("certs/c.pem", "/home/me/.rhombus/certs/c.pem"),
        ("~/c.pem", "/home/me/c.pem"),
        ("/etc/c.pem", "/etc/c.pem"),
    ] {
        let settings = resolve_credentials(&format!(
            "[default]\napi_key = k\nauth_type = cert\ncert_file = {path}\nkey_file = k.pem\n"
        ));
        let certificate = settings.certificate.unwrap();
        assert_eq!(certificate.cert_file.value, PathBuf::from(absolute));
    }
}

#[test]
fn credential_errors_omit_values() {
    let origin = "[default] in /home/me/.rhombus/credentials";
    for (lines, expected) in [
        ("api_key =\n", format!("api_key is empty ({origin}); set it, or use RHOMBUS_API_KEY or --api-key-file")),
        (
            "api_key = k\nauth_type = canary\n",
            format!("invalid auth_type ({origin}); expected token or cert"),
        ),
        (
            "api_key = k\nis_partner = canary\n",
            format!("invalid is_partner ({origin}); expected true or false"),
        ),
        (
            "api_key = k\nauth_type = cert\ncert_file = c.pem\n",
            format!("auth_type = cert requires key_file, which is missing ({origin}); set it"),
        ),
        (
            "api_key = canary\nnonsense\n",
            "/home/me/.rhombus/credentials: line 3: missing `=`".to_owned(),
        ),
        (
            "",
            "no API key; set RHOMBUS_API_KEY, use --api-key-file, or set api_key in [default] in /home/me/.rhombus/credentials".to_owned(),
        ),
    ] {
        let settings = resolve_credentials(&format!("[default]\n{lines}"));
        assert_eq!(error_message(&settings), expected);
        assert!(!format!("{settings:?}").contains("canary"));
    }
}

#[test]
fn browser_sign_in_is_an_error_only_without_an_explicit_api_key() {
    let browser_sign_in = || {
        files(
            "",
            "[default]\nauth_type = oauth\noauth_access_token = canary\n",
        )
    };
    assert!(error_message(&resolve(browser_sign_in())).contains("auth_type = oauth"));
    let mut sources = browser_sign_in();
    sources.environment.api_key = Some(Ok("k".into()));
    let settings = resolve(sources);
    assert_eq!((settings.check(), settings.scheme()), (Ok(()), "api-token"));
}

#[test]
fn json_of_a_profile_counts_beyond_a_terminal() {
    let file = || Origin::File {
        path: "/home/me/.rhombus/config".into(),
        section: "default".to_owned(),
    };
    let flag = || Origin::Flag("--output");
    let variable = || Origin::Variable(OUTPUT);
    for (output, origin, on_terminal, elsewhere) in [
        (Output::Json, file(), false, true),
        (Output::Table, file(), true, true),
        (Output::Text, file(), true, true),
        (Output::Json, flag(), true, true),
        (Output::Json, variable(), true, true),
        (Output::Text, Origin::Default, true, true),
    ] {
        let output = Sourced::new(output, origin);
        assert_eq!(counts(&output, true), on_terminal, "{output:?}");
        assert_eq!(counts(&output, false), elsewhere, "{output:?}");
    }

    let mut sources = files("[default]\noutput = json\n", "[default]\napi_key = k\n");
    sources.is_stdout_terminal = true;
    let settings = resolve(sources);
    assert_eq!(settings.output, Sourced::new(Output::Text, Origin::Default));
    assert_eq!(settings.unused_output, Some(file()));
    assert_eq!(settings.warnings, []);
    let settings = resolve(files(
        "[default]\noutput = json\n",
        "[default]\napi_key = k\n",
    ));
    assert_eq!(settings.output, Sourced::new(Output::Json, file()));
    assert_eq!(settings.unused_output, None);
}

#[test]
fn an_unknown_output_format_is_a_warning() {
    let settings = resolve(files(
        "[default]\noutput = yaml\n",
        "[default]\napi_key = k\n",
    ));
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(settings.output.value, Output::Text);
    let [warning] = settings.warnings.as_slice() else {
        panic!("{:?}", settings.warnings);
    };
    assert_eq!(
        warning.message,
        "unknown output format \"yaml\" in [default] in /home/me/.rhombus/config (expected text, table or json); using text"
    );
}

#[test]
fn a_file_readable_by_other_users_is_a_warning() {
    let mut sources = files("", "[default]\napi_key = k\n");
    sources.credentials.exposed_mode = Some(0o644);
    let settings = resolve(sources);
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(
        settings.warnings[0].message,
        "/home/me/.rhombus/credentials is readable by other users (mode 0644); run chmod 600 /home/me/.rhombus/credentials"
    );
}

#[test]
fn non_unicode_variables_and_conflicting_flags_are_errors() {
    let mut sources = files("", "[default]\napi_key = k\n");
    sources.environment.endpoint_url = Some(Err(crate::config::sources::NotUnicode));
    assert_eq!(
        error_message(&resolve(sources)),
        "RHOMBUS_ENDPOINT_URL is not valid Unicode"
    );
    let mut sources = files("", "[default]\napi_key = k\n");
    sources.flags.region = Some("http://a");
    sources.flags.endpoint_url = Some("http://b".to_owned());
    assert!(error_message(&resolve(sources)).contains("only one of them"));
}

#[test]
fn for_the_output_scope_errors_become_warnings() {
    let mut sources = files("nonsense", "");
    sources.flags.profile = Some("unknown".to_owned());
    sources.scope = ReadScope::Output;
    let settings = resolve(sources);
    assert_eq!((settings.check(), settings.warnings.len()), (Ok(()), 1));
    assert!(settings.api_key.is_none());
}

#[test]
fn an_invalid_config_is_a_warning_if_key_and_endpoint_are_set_elsewhere() {
    let sources = |credentials: &str, has_endpoint: bool| {
        let mut sources = files("[default]\nnonsense\n", credentials);
        sources.flags.region = has_endpoint.then_some(Region::Eu.base_url());
        sources
    };
    let message = "/home/me/.rhombus/config: line 2: missing `=`";
    let settings = resolve(sources("[default]\napi_key = k\n", true));
    assert_eq!(settings.check(), Ok(()));
    let warnings = settings.warnings.iter().map(|warning| &warning.message);
    assert_eq!(warnings.collect::<Vec<_>>(), [message]);

    let settings = resolve(sources("[default]\napi_key = k\n", false));
    assert_eq!(error_message(&settings), message);
    assert!(resolve(sources("", true)).errors.len() > 1);
}

#[test]
fn values_may_refer_to_others() {
    let settings = resolve_with_profile(
        files(
            "host = gateway.example\n[profile work]\nendpoint_url = https://%(host)s/api\n",
            "[work]\napi_key = \"\"\"k\"\"\"\n",
        ),
        "work",
    );
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(settings.endpoint_url.value, "https://gateway.example/api");
    assert_eq!(api_key(&settings).0, "k");
}
