//! Resolves the sources into settings.
//!
//! Precedence is flags over environment over files, decided per setting. Errors are collected and
//! not returned, because `doctor` reports all of them. For a command that only needs the output format,
//! errors become warnings.

mod profile;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use rhombus_clips::Region;
use secrecy::SecretString;

use super::file::{IniFile, Section};
use super::sources::{FileState, ReadScope, SettingsFile, Sources, Variable};
use super::{
    ClientCertificate, ConfigError, ConfigItem, Origin, ProfileFile, Settings, Sourced,
    exposed_file,
};
use crate::cli::Output;
use profile::{
    DEFAULT_PROFILE, config_profiles, config_section, credentials_profiles, unknown_profile_error,
};

const PROFILE: &str = "RHOMBUS_PROFILE";
const OUTPUT: &str = "RHOMBUS_OUTPUT";
const ENDPOINT_URL: &str = "RHOMBUS_ENDPOINT_URL";
const MEDIA_URL: &str = "RHOMBUS_MEDIA_URL";
const HISTORY: &str = "RHOMBUS_HISTORY";
const API_KEY: &str = "RHOMBUS_API_KEY";

/// Resolves the sources into settings.
pub(crate) fn resolve(sources: Sources) -> Settings {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let config = parse_file(ConfigItem::ConfigFile, &sources.config, &mut errors);
    let credentials = parse_file(
        ConfigItem::CredentialsFile,
        &sources.credentials,
        &mut errors,
    );
    let files = vec![
        profile_file("config", &sources.config, config.as_ref(), config_profiles),
        profile_file(
            "credentials",
            &sources.credentials,
            credentials.as_ref(),
            credentials_profiles,
        ),
    ];
    if let (Some(path), Some(mode)) = (&sources.credentials.path, sources.credentials.exposed_mode)
    {
        warnings.push(exposed_file(ConfigItem::CredentialsFile, path, mode));
    }

    let profile = resolve_profile(&sources, &mut errors);
    // A file with an error may contain the profile.
    if errors.is_empty() && sources.scope == ReadScope::All {
        errors.extend(unknown_profile_error(&profile, &files));
    }
    let section = config
        .as_ref()
        .and_then(|file| config_section(file, &profile.value));
    let output = resolve_output(&sources, section.as_ref(), &mut warnings);
    let (output, unused_output) = match counts(&output, sources.is_stdout_terminal) {
        true => (output, None),
        false => (
            Sourced::new(Output::Text, Origin::Default),
            Some(output.origin),
        ),
    };
    let endpoint_url = resolve_endpoint_url(&sources, section.as_ref(), &mut errors);
    let media_url = resolve_media_url(&sources, section.as_ref(), &mut errors);

    let history = resolve_history(&sources, section.as_ref(), &mut warnings);

    let mut settings = Settings {
        files,
        profile,
        output,
        unused_output,
        endpoint_url,
        media_url,
        api_key: None,
        partner: None,
        organization: None,
        certificate: None,
        history,
        errors,
        warnings,
    };
    match sources.scope {
        ReadScope::All => {
            resolve_credentials(&mut settings, sources, credentials.as_ref());
            tolerate_invalid_config(&mut settings);
        }
        ReadScope::Output => settings.warnings.append(&mut settings.errors),
    }
    settings
}

/// Makes an error in the file `config` a warning if nothing that a request needs can be in it.
fn tolerate_invalid_config(settings: &mut Settings) {
    if settings.api_key.is_none() || settings.endpoint_url.origin == Origin::Default {
        return;
    }
    let is_about_config = |error: &mut ConfigError| error.item == ConfigItem::ConfigFile;
    let errors = settings.errors.extract_if(.., is_about_config);
    settings.warnings.extend(errors);
}

fn parse_file(
    item: ConfigItem,
    file: &SettingsFile,
    errors: &mut Vec<ConfigError>,
) -> Option<IniFile> {
    let path = file.path.as_deref()?;
    let message = match &file.state {
        FileState::Absent => return None,
        FileState::Text(text) => match IniFile::parse(path, text) {
            Ok(file) => return Some(file),
            Err(message) => message,
        },
        FileState::Unreadable(reason) => format!("cannot read {}: {reason}", path.display()),
    };
    errors.push(ConfigError::new(item, message));
    None
}

fn profile_file(
    name: &'static str,
    file: &SettingsFile,
    parsed: Option<&IniFile>,
    profiles: fn(&IniFile) -> Vec<String>,
) -> ProfileFile {
    ProfileFile {
        name,
        path: file.path.clone(),
        profiles: parsed.map(profiles),
    }
}

fn resolve_profile(sources: &Sources, errors: &mut Vec<ConfigError>) -> Sourced<String> {
    let flag = sources.flags.profile.clone();
    flag.map(|name| Sourced::new(name, Origin::Flag("--profile")))
        .or_else(|| {
            let variable = sources.environment.profile.as_ref();
            from_variable(PROFILE, ConfigItem::Profile, variable, errors)
        })
        .unwrap_or_else(|| Sourced::new(DEFAULT_PROFILE.to_owned(), Origin::Default))
}

/// Resolves the output format. An unknown one is only a warning, because the Rhombus CLI supports
/// other formats than this program.
fn resolve_output(
    sources: &Sources,
    section: Option<&Section<'_>>,
    warnings: &mut Vec<ConfigError>,
) -> Sourced<Output> {
    if let Some(output) = &sources.flags.output {
        return output.clone();
    }
    let variable = sources.environment.output.as_ref();
    let name = from_variable(OUTPUT, ConfigItem::Output, variable, warnings)
        .or_else(|| non_empty(section?.get("output")?));
    let Some(Sourced { value, origin }) = name else {
        return Sourced::new(Output::Text, Origin::Default);
    };
    match Output::from_str(&value, true) {
        Ok(output) => Sourced::new(output, origin),
        Err(_) => {
            let message = format!(
                "unknown output format {value:?} in {origin} (expected text, table or json); using text"
            );
            warnings.push(ConfigError::new(ConfigItem::Output, message));
            Sourced::new(Output::Text, Origin::Default)
        }
    }
}

/// Returns whether an output format counts. The Rhombus CLI writes `output = json` into a profile unasked,
/// which is not meant for the reader of a terminal; a program gets it.
fn counts(output: &Sourced<Output>, is_stdout_terminal: bool) -> bool {
    let is_of_profile = matches!(output.origin, Origin::File { .. });
    !(is_of_profile && output.value == Output::Json && is_stdout_terminal)
}

fn resolve_endpoint_url(
    sources: &Sources,
    section: Option<&Section<'_>>,
    errors: &mut Vec<ConfigError>,
) -> Sourced<String> {
    let flags = &sources.flags;
    if flags.endpoint_url.is_some() && flags.region.is_some() {
        errors.push(ConfigError::new(
            ConfigItem::Endpoint,
            "--endpoint-url and --region both select the endpoint; use only one of them",
        ));
    }
    let url = flags.endpoint_url.clone();
    let region = flags.region.map(str::to_owned);
    url.map(|url| Sourced::new(url, Origin::Flag("--endpoint-url")))
        .or_else(|| region.map(|url| Sourced::new(url, Origin::Flag("--region"))))
        .or_else(|| {
            let variable = sources.environment.endpoint_url.as_ref();
            from_variable(ENDPOINT_URL, ConfigItem::Endpoint, variable, errors)
        })
        .or_else(|| non_empty(section?.get("endpoint_url")?))
        .unwrap_or_else(|| Sourced::new(Region::default().base_url().to_owned(), Origin::Default))
}

fn resolve_media_url(
    sources: &Sources,
    section: Option<&Section<'_>>,
    errors: &mut Vec<ConfigError>,
) -> Option<Sourced<String>> {
    let flag = sources.flags.media_url.clone();
    let variable = sources.environment.media_url.as_ref();
    flag.map(|url| Sourced::new(url, Origin::Flag("--media-url")))
        .or_else(|| from_variable(MEDIA_URL, ConfigItem::Endpoint, variable, errors))
        .or_else(|| non_empty(section?.get("media_url")?))
}

/// Resolves whether a history is kept. A value that is neither of the two turns it off: a user
/// who sets it hardly wants what is the default.
fn resolve_history(
    sources: &Sources,
    section: Option<&Section<'_>>,
    warnings: &mut Vec<ConfigError>,
) -> Sourced<bool> {
    let variable = sources.environment.history.as_ref();
    let value = from_variable(HISTORY, ConfigItem::History, variable, warnings)
        .or_else(|| non_empty(section?.get("history")?));
    let Some(Sourced { value, origin }) = value else {
        return Sourced::new(true, Origin::Default);
    };
    let is_on = match value.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => {
            let message = format!(
                "invalid history {value:?} in {origin} (expected true or false); no history is kept"
            );
            warnings.push(ConfigError::new(ConfigItem::History, message));
            false
        }
    };
    Sourced::new(is_on, origin)
}

fn from_variable(
    name: &'static str,
    item: ConfigItem,
    variable: Option<&Variable>,
    errors: &mut Vec<ConfigError>,
) -> Option<Sourced<String>> {
    match variable? {
        Ok(value) => Some(Sourced::new(value.clone(), Origin::Variable(name))),
        Err(_) => {
            errors.push(not_unicode_error(name, item));
            None
        }
    }
}

fn not_unicode_error(name: &str, item: ConfigItem) -> ConfigError {
    ConfigError::new(item, format!("{name} is not valid Unicode"))
}

/// Converts a value of a file; an empty one counts as unset.
fn non_empty(value: Sourced<String>) -> Option<Sourced<String>> {
    Some(value).filter(|value| !value.value.is_empty())
}

const API_KEY_FILE: &str = "--api-key-file";

/// Value of `auth_type` in a profile.
#[derive(PartialEq)]
enum AuthType {
    Token,
    Certificate,
    /// Browser sign-in. Its tokens do not authenticate requests for clips.
    OAuth,
}

fn resolve_credentials(settings: &mut Settings, sources: Sources, file: Option<&IniFile>) {
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
    let value = section.get("auth_type").map(|entry| entry.value);
    match value.unwrap_or_default().as_str() {
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
    let value = section.get("is_partner").map(|entry| entry.value);
    match value.unwrap_or_default().to_ascii_lowercase().as_str() {
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
    let path = |key: &str| match section.get(key).and_then(non_empty) {
        Some(entry) => Ok(Sourced::new(resolve_path(&entry.value, file), entry.origin)),
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
