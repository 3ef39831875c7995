//! What a request proves its rights with.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{API_KEY, no_unicode};
use crate::config::file::{File, Section};
use crate::config::inputs::Inputs;
use crate::config::{Certificate, Origin, Problem, Settings, Sourced, Topic};

const FLAG: &str = "--api-key-file";

/// How a profile proves who it is.
#[derive(PartialEq)]
enum AuthType {
    Token,
    Certificate,
    /// A browser was signed in, which gave tokens that clips cannot be asked for with.
    OAuth,
}

pub(super) fn decide(settings: &mut Settings, inputs: Inputs, credentials: Option<&File>) {
    let section = credentials.and_then(|file| file.section(&[&settings.profile.value]));
    let auth_type = section.as_ref().map_or(Ok(AuthType::Token), auth_type);
    let auth_type = taken(auth_type, settings).unwrap_or(AuthType::Token);

    let given = given_key(inputs, settings);
    // One that cannot be read may have it.
    let unread = |problem: &Problem| problem.topic == Topic::CredentialsFile;
    let key = given.or_else(|| match settings.problems.iter().any(unread) {
        true => None,
        false => {
            let key = key_of_profile(section.as_ref(), &auth_type, settings);
            taken(key, settings)
        }
    });
    settings.api_key = key;

    if let Some(section) = &section {
        if auth_type == AuthType::Certificate {
            let certificate = certificate(section, credentials);
            settings.certificate = taken(certificate, settings);
        }
        let partner = is_partner(section);
        let partner = taken(partner, settings).unwrap_or_default();
        settings.partner = partner.then(|| section.origin());
    }
}

fn taken<T>(result: Result<T, Problem>, settings: &mut Settings) -> Option<T> {
    result
        .map_err(|problem| settings.problems.push(problem))
        .ok()
}

/// The key of a flag or a variable.
fn given_key(inputs: Inputs, settings: &mut Settings) -> Option<Sourced<SecretString>> {
    if let Some(organization) = inputs.flags.organization {
        settings.organization = Some(Sourced::new(organization, Origin::Flag("--org")));
    }
    let of_flag = inputs.api_key.map(|key| {
        let key = key.map_err(|why| Problem::new(Topic::ApiKey, format!("{FLAG}: {why}")));
        key.map(|key| Sourced::new(key, Origin::Flag(FLAG)))
    });
    let of_variable = || {
        let key = inputs.environment.api_key?;
        let key = key.map_err(|_| no_unicode(API_KEY, Topic::ApiKey));
        Some(key.map(|key| Sourced::new(key, Origin::Variable(API_KEY))))
    };
    taken(of_flag.or_else(of_variable)?, settings)
}

fn key_of_profile(
    section: Option<&Section<'_>>,
    auth_type: &AuthType,
    settings: &Settings,
) -> Result<Sourced<SecretString>, Problem> {
    let refuse = |text: String| Err(Problem::new(Topic::ApiKey, text));
    if let (Some(section), AuthType::OAuth) = (section, auth_type) {
        return refuse(format!(
            "the profile of {} is signed in with a browser (auth_type = oauth), which clips cannot be asked for with: set {API_KEY} or give {FLAG}",
            section.origin()
        ));
    }
    match section.and_then(|section| section.get("api_key")) {
        Some(key) if key.value.is_empty() => refuse(format!("api_key is empty: {}", key.origin)),
        Some(key) => Ok(Sourced::new(key.value.into(), key.origin)),
        None => {
            let file = settings.files.last().and_then(|file| file.path.as_ref());
            let or_file = file.map_or_else(String::new, |path| {
                let section = &settings.profile.value;
                format!(", or put api_key below [{section}] in {}", path.display())
            });
            refuse(format!("no API key: set {API_KEY}, give {FLAG}{or_file}"))
        }
    }
}

fn auth_type(section: &Section<'_>) -> Result<AuthType, Problem> {
    match section.get("auth_type").map_or("", |found| found.value) {
        "" | "token" => Ok(AuthType::Token),
        "cert" => Ok(AuthType::Certificate),
        "oauth" => Ok(AuthType::OAuth),
        // Not shown: the key itself may have gone astray.
        _ => Err(Problem::new(
            Topic::Scheme,
            format!("auth_type is neither token nor cert: {}", section.origin()),
        )),
    }
}

fn is_partner(section: &Section<'_>) -> Result<bool, Problem> {
    let said = section.get("is_partner").map_or("", |found| found.value);
    match said.to_ascii_lowercase().as_str() {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        _ => Err(Problem::new(
            Topic::Scheme,
            format!("is_partner is neither true nor false: {}", section.origin()),
        )),
    }
}

fn certificate(section: &Section<'_>, file: Option<&File>) -> Result<Certificate, Problem> {
    let place = |key: &str| match section.get(key).filter(|found| !found.value.is_empty()) {
        Some(found) => Ok(Sourced::new(absolute(found.value, file), found.origin)),
        None => Err(Problem::new(
            Topic::Scheme,
            format!(
                "auth_type is cert, and there is no {key}: {}",
                section.origin()
            ),
        )),
    };
    Ok(Certificate {
        certificate: place("cert_file")?,
        key: place("key_file")?,
    })
}

/// A relative path begins at the folder of the file that names it, wherever the program runs.
fn absolute(path: &str, file: Option<&File>) -> PathBuf {
    let folder = file.and_then(|file| file.path().parent());
    let folder = folder.unwrap_or(Path::new(""));
    match path.strip_prefix("~/") {
        Some(rest) => folder.parent().unwrap_or(folder).join(rest),
        None => folder.join(path),
    }
}
