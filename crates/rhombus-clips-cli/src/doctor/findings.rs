//! What was found before anything was asked.

use rhombus_clips::Region;
use secrecy::ExposeSecret as _;
use std::env;

use super::check::{Check, Status};
use super::proxy::Proxy;
use crate::config::{FileFound, Origin, Settings, Topic};
use crate::exit_code::ExitCode;

/// A check for each setting, with all that is wrong with it.
pub(super) fn of(settings: &Settings, proxy: &Proxy) -> Vec<Check> {
    let topic = |topic: Topic, name: &'static str, message: String| {
        let of_topic = |problems: &[crate::config::Problem]| {
            let of_topic = problems.iter().filter(|problem| problem.topic == topic);
            let texts: Vec<_> = of_topic.map(|problem| problem.text.clone()).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        };
        match (of_topic(&settings.problems), of_topic(&settings.warnings)) {
            (Some(text), _) => Check::new(name, Status::Error(ExitCode::Other), text),
            (None, Some(text)) => Check::new(name, Status::Warning, text),
            (None, None) => Check::ok(name, message),
        }
    };
    let topics = [Topic::ConfigFile, Topic::CredentialsFile];
    let files = settings.files.iter().zip(topics);
    let mut checks: Vec<_> = files
        .map(|(found, of)| topic(of, found.name, file(found)))
        .collect();
    let profile = &settings.profile;
    let output = format!("{:?}", settings.output.value).to_lowercase();
    checks.extend([
        topic(
            Topic::Profile,
            "profile",
            of_origin(&profile.value, &profile.origin),
        ),
        topic(
            Topic::Output,
            "output",
            of_origin(&output, &settings.output.origin),
        ),
        topic(Topic::ApiKey, "API key", api_key(settings)),
        topic(Topic::Scheme, "scheme", scheme(settings)),
        topic(Topic::Endpoint, "endpoint", endpoint(settings)),
        of_proxy(proxy),
        tls(settings),
    ]);
    checks
}

fn of_origin(value: &str, origin: &Origin) -> String {
    format!("{value}, from {origin}")
}

fn file(found: &FileFound) -> String {
    match (&found.path, found.profiles.as_deref()) {
        (None, _) => "there is no home directory to look in".to_owned(),
        (Some(path), None) => format!("there is no {}", path.display()),
        (Some(path), Some([])) => format!("{} has no profile in it", path.display()),
        (Some(path), Some(profiles)) => {
            format!(
                "{} with the profiles {}",
                path.display(),
                profiles.join(", ")
            )
        }
    }
}

fn api_key(settings: &Settings) -> String {
    settings.api_key.as_ref().map_or_else(String::new, |key| {
        let length = key.value.expose_secret().chars().count();
        format!("set ({length} characters), from {}", key.origin)
    })
}

fn scheme(settings: &Settings) -> String {
    let mut text = settings.scheme().to_owned();
    if let Some(origin) = &settings.partner {
        text.push_str(&format!(", is_partner of {origin}"));
    }
    if let Some(organization) = &settings.organization {
        let of = &organization.origin;
        text.push_str(&format!(
            ", for the organization {} of {of}",
            organization.value
        ));
    }
    if let Some(certificate) = &settings.certificate {
        let of = &certificate.certificate.origin;
        let path = certificate.certificate.value.display();
        text.push_str(&format!(", certificate {path} of {of}"));
    }
    text
}

fn endpoint(settings: &Settings) -> String {
    let url = &settings.endpoint_url;
    let place = match url.value.trim_end_matches('/') {
        us if us == Region::Us.base_url() => " (United States)",
        eu if eu == Region::Eu.base_url() => " (European Union)",
        _ => "",
    };
    of_origin(
        &format!("{}{place}", without_password(&url.value)),
        &url.origin,
    )
}

/// An address may hold a password until it has been looked at.
fn without_password(url: &str) -> &str {
    if url.contains(['@', '?', '#']) {
        return "an address with more in it than scheme, host, port and path";
    }
    url
}

fn of_proxy(proxy: &Proxy) -> Check {
    let message = match proxy {
        Proxy::None => "none".to_owned(),
        Proxy::PlainHttp => "none: plain HTTP, which is for this machine alone".to_owned(),
        Proxy::Excluded { setting } => {
            format!(
                "none for this host, though {setting} is set: NO_PROXY names the host, or {setting} cannot be read"
            )
        }
        Proxy::Through { address, setting } => format!("{address}, from {setting}"),
    };
    Check::ok("proxy", message)
}

fn tls(settings: &Settings) -> Check {
    if !settings.endpoint_url.value.starts_with("https:") {
        return Check::ok("TLS", "none: plain HTTP, which is for this machine alone");
    }
    let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter();
    let roots = variables
        .filter_map(|name| Some(format!("{name}={}", env::var_os(name)?.display())))
        .collect::<Vec<_>>();
    let roots = match roots.as_slice() {
        [] => "that this machine trusts".to_owned(),
        roots => format!("of {}", roots.join(" ")),
    };
    Check::ok("TLS", format!("rustls, with the authorities {roots}"))
}
