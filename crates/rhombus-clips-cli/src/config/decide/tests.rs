use super::*;
use crate::config::Flags;
use crate::config::inputs::Environment;
use secrecy::ExposeSecret as _;
use std::path::PathBuf;

fn file(name: &str, text: &str) -> Found {
    Found {
        path: Some(["/home/me/.rhombus", name].iter().collect()),
        content: Content::Text(text.to_owned()),
        exposed: None,
    }
}

/// Inputs with these two files.
fn files(config: &str, credentials: &str) -> Inputs {
    Inputs {
        config: file("config", config),
        credentials: file("credentials", credentials),
        ..Inputs::default()
    }
}

fn credentials(text: &str) -> Settings {
    decide(files("", text))
}

fn named(mut inputs: Inputs, profile: &str) -> Settings {
    inputs.flags.profile = Some(profile.to_owned());
    decide(inputs)
}

fn key(settings: &Settings) -> (&str, String) {
    let key = settings.api_key.as_ref().unwrap();
    (key.value.expose_secret(), key.origin.to_string())
}

/// The one problem's text.
fn problem(settings: &Settings) -> &str {
    let [problem] = settings.problems.as_slice() else {
        panic!("{:?}", settings.problems);
    };
    assert_eq!(problem.text.lines().count(), 1);
    &problem.text
}

#[test]
fn with_nothing_but_a_key_the_defaults_count() {
    let mut inputs = Inputs::default();
    inputs.environment.api_key = Some(Ok("k".into()));
    let settings = decide(inputs);
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(settings.warnings, []);
    assert_eq!(key(&settings), ("k", "RHOMBUS_API_KEY".to_owned()));
    assert_eq!(
        settings.profile,
        Sourced::new("default".to_owned(), Origin::Default)
    );
    assert_eq!(settings.endpoint_url.value, Region::Us.base_url());
    assert_eq!(settings.output, Sourced::new(Output::Text, Origin::Default));
    assert_eq!(settings.scheme(), "api-token");
}

#[test]
fn flags_win_over_variables_and_those_over_the_profile() {
    let of_files = || {
        files(
            "[default]\nendpoint_url = http://wrong\n[profile work]\noutput = json\nendpoint_url = http://file\n",
            "[work]\napi_key = of-file\n[default]\napi_key = wrong\n",
        )
    };
    let section = |name: &str, file: &str| format!("[{name}] in /home/me/.rhombus/{file}");

    let mut settings = named(of_files(), "work");
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(key(&settings), ("of-file", section("work", "credentials")));
    assert_eq!(settings.endpoint_url.value, "http://file");
    let origin = settings.endpoint_url.origin.to_string();
    assert_eq!(origin, section("profile work", "config"));
    assert_eq!(settings.output.value, Output::Json);

    let of_variables = || {
        let mut inputs = of_files();
        inputs.environment = Environment {
            profile: Some(Ok("work".to_owned())),
            output: Some(Ok("TEXT".to_owned())),
            endpoint_url: Some(Ok("http://variable".to_owned())),
            api_key: Some(Ok("of-variable".into())),
        };
        inputs
    };
    settings = decide(of_variables());
    assert_eq!(settings.profile.origin, Origin::Variable("RHOMBUS_PROFILE"));
    assert_eq!(key(&settings), ("of-variable", API_KEY.to_owned()));
    assert_eq!(settings.endpoint_url.value, "http://variable");
    assert_eq!(
        settings.output,
        Sourced::new(Output::Text, Origin::Variable(OUTPUT))
    );

    let mut inputs = of_variables();
    inputs.flags = Flags {
        profile: Some("default".to_owned()),
        output: Some(Output::Json),
        region: Some(Region::Eu.base_url()),
        ..Flags::default()
    };
    inputs.api_key = Some(Ok("of-flag".into()));
    settings = decide(inputs);
    assert_eq!(settings.profile.value, "default");
    assert_eq!(key(&settings), ("of-flag", "--api-key-file".to_owned()));
    assert_eq!(settings.endpoint_url.value, Region::Eu.base_url());
    assert_eq!(settings.output.origin, Origin::Flag("--output"));
}

#[test]
fn a_section_of_the_name_alone_does_where_there_is_no_other() {
    let settings = named(
        files("[work]\noutput = json\n", "[work]\napi_key = k\n"),
        "work",
    );
    assert_eq!(settings.output.value, Output::Json);
    let settings = named(
        files(
            "[work]\noutput = json\n[profile work]\n",
            "[work]\napi_key = k\n",
        ),
        "work",
    );
    assert_eq!(settings.output.value, Output::Text);
}

#[test]
fn an_unknown_profile_names_those_that_there_are() {
    let settings = named(
        files("[default]\n[profile work]\n", "[home]\napi_key = k\n"),
        "wrok",
    );
    assert_eq!(
        settings.problems[0].text,
        "there is no profile \"wrok\" (of --profile); in /home/me/.rhombus/config and /home/me/.rhombus/credentials are: default, home, work"
    );
    let settings = named(Inputs::default(), "work");
    assert!(
        settings.problems[0]
            .text
            .ends_with("no home directory to look for its files in")
    );
    let mut inputs = files("", "");
    inputs.config.content = Content::None;
    let settings = named(inputs, "work");
    assert!(
        settings.problems[0]
            .text
            .contains("no profile is in /home/me/.rhombus/config or ")
    );
}

#[test]
fn schemes_are_those_of_the_service() {
    let cert = "auth_type = cert\ncert_file = c.pem\nkey_file = k.pem\n";
    for (lines, organization, scheme) in [
        ("auth_type = token\nis_partner = false\n", None, "api-token"),
        ("is_partner = True\n", None, "partner-api-token"),
        ("", Some("org"), "partner-api-token"),
        (cert, None, "api"),
        (&format!("{cert}is_partner = true\n"), None, "partner-api"),
    ] {
        let mut inputs = files("", &format!("[default]\napi_key = k\n{lines}"));
        inputs.flags.organization = organization.map(str::to_owned);
        let settings = decide(inputs);
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(settings.scheme(), scheme);
    }
}

#[test]
fn paths_begin_at_the_credentials_file() {
    for (path, absolute) in [
        ("certs/c.pem", "/home/me/.rhombus/certs/c.pem"),
        ("~/c.pem", "/home/me/c.pem"),
        ("/etc/c.pem", "/etc/c.pem"),
    ] {
        let settings = credentials(&format!(
            "[default]\napi_key = k\nauth_type = cert\ncert_file = {path}\nkey_file = k.pem\n"
        ));
        let certificate = settings.certificate.unwrap();
        assert_eq!(certificate.certificate.value, PathBuf::from(absolute));
    }
}

#[test]
fn what_is_wrong_with_credentials_is_named_without_a_value() {
    let place = "[default] in /home/me/.rhombus/credentials";
    for (lines, text) in [
        ("api_key =\n", format!("api_key is empty: {place}")),
        (
            "api_key = k\nauth_type = canary\n",
            format!("auth_type is neither token nor cert: {place}"),
        ),
        (
            "api_key = k\nis_partner = canary\n",
            format!("is_partner is neither true nor false: {place}"),
        ),
        (
            "api_key = k\nauth_type = cert\ncert_file = c.pem\n",
            format!("auth_type is cert, and there is no key_file: {place}"),
        ),
        (
            "api_key = canary\nnonsense\n",
            "/home/me/.rhombus/credentials: line 3: no `=` in it".to_owned(),
        ),
        (
            "",
            "no API key: set RHOMBUS_API_KEY, give --api-key-file, or put api_key below [default] in /home/me/.rhombus/credentials".to_owned(),
        ),
    ] {
        let settings = credentials(&format!("[default]\n{lines}"));
        assert_eq!(problem(&settings), text);
        assert!(!format!("{settings:?}").contains("canary"));
    }
}

#[test]
fn a_browsers_sign_in_is_no_key_but_does_not_keep_one_from_being_used() {
    let of_browser = || {
        files(
            "",
            "[default]\nauth_type = oauth\noauth_access_token = canary\n",
        )
    };
    assert!(problem(&decide(of_browser())).contains("auth_type = oauth"));
    let mut inputs = of_browser();
    inputs.environment.api_key = Some(Ok("k".into()));
    let settings = decide(inputs);
    assert_eq!((settings.check(), settings.scheme()), (Ok(()), "api-token"));
}

#[test]
fn a_format_that_is_not_known_is_a_warning() {
    let settings = decide(files(
        "[default]\noutput = yaml\n",
        "[default]\napi_key = k\n",
    ));
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(settings.output.value, Output::Text);
    let [warning] = settings.warnings.as_slice() else {
        panic!("{:?}", settings.warnings);
    };
    assert_eq!(
        warning.text,
        "this program has no output format \"yaml\" ([default] in /home/me/.rhombus/config): text it is"
    );
}

#[test]
fn what_others_can_read_is_a_warning() {
    let mut inputs = files("", "[default]\napi_key = k\n");
    inputs.credentials.exposed = Some(0o644);
    let settings = decide(inputs);
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(
        settings.warnings[0].text,
        "other users can read /home/me/.rhombus/credentials (mode 0644): chmod 600 /home/me/.rhombus/credentials"
    );
}

#[test]
fn variables_that_are_no_text_and_a_place_named_twice_are_problems() {
    let mut inputs = files("", "[default]\napi_key = k\n");
    inputs.environment.endpoint_url = Some(Err(crate::config::inputs::NotUnicode));
    assert_eq!(
        problem(&decide(inputs)),
        "RHOMBUS_ENDPOINT_URL is not Unicode text"
    );
    let mut inputs = files("", "[default]\napi_key = k\n");
    inputs.flags.region = Some("http://a");
    inputs.flags.endpoint_url = Some("http://b".to_owned());
    assert!(problem(&decide(inputs)).contains("leave one out"));
}

#[test]
fn for_the_output_alone_nothing_else_stands_in_the_way() {
    let mut inputs = files("nonsense", "");
    inputs.flags.profile = Some("nobody".to_owned());
    inputs.reading = Reading::Output;
    let settings = decide(inputs);
    assert_eq!((settings.check(), settings.warnings.len()), (Ok(()), 1));
    assert!(settings.api_key.is_none());
}
