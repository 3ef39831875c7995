//! Resolves the credentials: API key, authentication scheme and client certificate.
//!
//! An invalid value is never part of a message, because it may be an API key in the wrong place.
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{API_KEY, not_unicode_error};
use crate::config::file::{IniFile, Section};
use crate::config::sources::Sources;
use crate::config::{ClientCertificate, ConfigError, ConfigItem, Origin, Settings, Sourced};

const API_KEY_FILE: &str = "--api-key-file";

/// Value of `auth_type` in a profile.
#[derive(PartialEq)]
enum AuthType {
    Token,
    Certificate,
    /// Browser sign-in. Its tokens do not authenticate requests for clips.
    OAuth,
}

pub(super) fn resolve(settings: &mut Settings, sources: Sources, file: Option<&IniFile>) {
    let section = file.and_then(|file| file.section(&[&settings.profile.value]));
    let auth_type = section
        .as_ref()
        .map_or(Ok(AuthType::Token), parse_auth_type);
    let auth_type = ok_or_record(auth_type, settings).unwrap_or(AuthType::Token);

    let explicit = explicit_api_key(sources, settings);
    let has_file_error = |error: &ConfigError| error.item == ConfigItem::CredentialsFile;
    settings.api_key = explicit.or_else(|| match settings.errors.iter().any(has_file_error) {
        // The invalid file may contain the key, so a missing key is not an error of its own.
        true => None,
        false => {
            let api_key = profile_api_key(section.as_ref(), &auth_type, settings);
            ok_or_record(api_key, settings)
        }
    });

    if let Some(section) = &section {
        if auth_type == AuthType::Certificate {
            let certificate = client_certificate(section, file);
            settings.certificate = ok_or_record(certificate, settings);
        }
        let is_partner = parse_is_partner(section);
        let is_partner = ok_or_record(is_partner, settings).unwrap_or_default();
        settings.partner = is_partner.then(|| section.origin());
    }
}

/// Returns the value, or adds the error to those of the settings.
fn ok_or_record<T>(result: Result<T, ConfigError>, settings: &mut Settings) -> Option<T> {
    result.map_err(|error| settings.errors.push(error)).ok()
}

/// Returns the API key of the flag or the environment variable, and sets the organization.
fn explicit_api_key(sources: Sources, settings: &mut Settings) -> Option<Sourced<SecretString>> {
    if let Some(organization) = sources.flags.organization {
        settings.organization = Some(Sourced::new(organization, Origin::Flag("--org")));
    }
    let from_flag = sources.api_key.map(|api_key| {
        let api_key = api_key.map_err(|reason| {
            ConfigError::new(ConfigItem::ApiKey, format!("{API_KEY_FILE}: {reason}"))
        });
        api_key.map(|api_key| Sourced::new(api_key, Origin::Flag(API_KEY_FILE)))
    });
    let from_variable = || {
        let api_key = sources.environment.api_key?;
        let api_key = api_key.map_err(|_| not_unicode_error(API_KEY, ConfigItem::ApiKey));
        Some(api_key.map(|api_key| Sourced::new(api_key, Origin::Variable(API_KEY))))
    };
    ok_or_record(from_flag.or_else(from_variable)?, settings)
}

fn profile_api_key(
    section: Option<&Section<'_>>,
    auth_type: &AuthType,
    settings: &Settings,
) -> Result<Sourced<SecretString>, ConfigError> {
    let error = |message: String| Err(ConfigError::new(ConfigItem::ApiKey, message));
    if let (Some(section), AuthType::OAuth) = (section, auth_type) {
        return error(format!(
            "browser sign-in (auth_type = oauth, {}) does not authorize requests for clips; set {API_KEY} or use {API_KEY_FILE}",
            section.origin()
        ));
    }
    match section.and_then(|section| section.get("api_key")) {
        Some(api_key) if api_key.value.is_empty() => error(format!(
            "api_key is empty ({}); set it, or use {API_KEY} or {API_KEY_FILE}",
            api_key.origin
        )),
        Some(api_key) => Ok(Sourced::new(api_key.value.into(), api_key.origin)),
        None => {
            let file = settings.files.last().and_then(|file| file.path.as_ref());
            let or_file = file.map_or_else(String::new, |path| {
                let section = &settings.profile.value;
                format!(", or set api_key in [{section}] in {}", path.display())
            });
            error(format!(
                "no API key; set {API_KEY}, use {API_KEY_FILE}{or_file}"
            ))
        }
    }
}

fn parse_auth_type(section: &Section<'_>) -> Result<AuthType, ConfigError> {
    match section.get("auth_type").map_or("", |entry| entry.value) {
        "" | "token" => Ok(AuthType::Token),
        "cert" => Ok(AuthType::Certificate),
        "oauth" => Ok(AuthType::OAuth),
        _ => Err(ConfigError::new(
            ConfigItem::Scheme,
            format!(
                "invalid auth_type ({}); expected token or cert",
                section.origin()
            ),
        )),
    }
}

fn parse_is_partner(section: &Section<'_>) -> Result<bool, ConfigError> {
    let value = section.get("is_partner").map_or("", |entry| entry.value);
    match value.to_ascii_lowercase().as_str() {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        _ => Err(ConfigError::new(
            ConfigItem::Scheme,
            format!(
                "invalid is_partner ({}); expected true or false",
                section.origin()
            ),
        )),
    }
}

fn client_certificate(
    section: &Section<'_>,
    file: Option<&IniFile>,
) -> Result<ClientCertificate, ConfigError> {
    let path = |key: &str| match section.get(key).filter(|entry| !entry.value.is_empty()) {
        Some(entry) => Ok(Sourced::new(resolve_path(entry.value, file), entry.origin)),
        None => Err(ConfigError::new(
            ConfigItem::Scheme,
            format!(
                "auth_type = cert requires {key}, which is missing ({}); set it",
                section.origin()
            ),
        )),
    };
    Ok(ClientCertificate {
        cert_file: path("cert_file")?,
        key_file: path("key_file")?,
    })
}

/// Resolves a relative path against the folder of the file that contains it, so that it does not
/// depend on the working directory.
fn resolve_path(path: &str, file: Option<&IniFile>) -> PathBuf {
    let folder = file.and_then(|file| file.path().parent());
    let folder = folder.unwrap_or(Path::new(""));
    match path.strip_prefix("~/") {
        Some(rest) => folder.parent().unwrap_or(folder).join(rest),
        None => folder.join(path),
    }
}
