//! Sources of the settings: read here, and resolved elsewhere.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use console::Term;
use secrecy::SecretString;

use super::Sourced;
use crate::cli::Output;
use crate::encoding;

/// All sources of the settings. Does not implement `Debug`, because the text of a file contains the
/// API key.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) flags: Flags,
    /// Content of the file of `--api-key-file`, or the reason why it cannot be used.
    pub(crate) api_key: Option<Result<SecretString, String>>,
    pub(crate) environment: Environment,
    pub(crate) config: SettingsFile,
    pub(crate) credentials: SettingsFile,
    pub(crate) scope: ReadScope,
    pub(crate) is_stdout_terminal: bool,
}

/// Settings that a command needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ReadScope {
    #[default]
    All,
    /// Only the output format. No source that may contain an API key is read.
    Output,
}

/// Settings given as flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) profile: Option<String>,
    pub(crate) output: Option<Sourced<Output>>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) media_url: Option<String>,
    /// Base URL of the region given with `--region`.
    pub(crate) region: Option<&'static str>,
    pub(crate) organization: Option<String>,
}

/// Settings given as environment variables.
#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) profile: Option<Variable>,
    pub(crate) output: Option<Variable>,
    pub(crate) endpoint_url: Option<Variable>,
    pub(crate) media_url: Option<Variable>,
    pub(crate) history: Option<Variable>,
    pub(crate) api_key: Option<Result<SecretString, NotUnicode>>,
}

/// Value of an environment variable.
pub(crate) type Variable = Result<String, NotUnicode>;

/// The value of an environment variable is not valid Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotUnicode;

/// One of the two files of the Rhombus CLI.
#[derive(Default)]
pub(crate) struct SettingsFile {
    /// `None` without a home directory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) state: FileState,
    /// Mode bits, if users other than the owner can read the file.
    pub(crate) exposed_mode: Option<u32>,
}

/// Result of reading a file.
#[derive(Default)]
pub(crate) enum FileState {
    /// The file does not exist or was not read.
    #[default]
    Absent,
    Text(String),
    /// The reason why the file cannot be read.
    Unreadable(String),
}

/// Limit of a file's size, so that a path such as `/dev/zero` cannot exhaust the memory. Chosen, not
/// tuned: settings files have a few kilobytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Reads the environment, the two files, and the API key from the file of `--api-key-file`.
pub(crate) fn read_sources(flags: Flags, api_key_file: Option<&Path>, scope: ReadScope) -> Sources {
    let folder = env::home_dir()
        .filter(|home| !home.as_os_str().is_empty())
        .map(|home| home.join(".rhombus"));
    let file = |name: &str| folder.as_ref().map(|folder| folder.join(name));
    let mut sources = Sources {
        flags,
        environment: Environment {
            profile: variable("RHOMBUS_PROFILE"),
            output: variable("RHOMBUS_OUTPUT"),
            ..Environment::default()
        },
        config: settings_file(file("config")),
        scope,
        is_stdout_terminal: io::stdout().is_terminal(),
        ..Sources::default()
    };
    if scope == ReadScope::All {
        sources.environment.endpoint_url = variable("RHOMBUS_ENDPOINT_URL");
        sources.environment.media_url = variable("RHOMBUS_MEDIA_URL");
        sources.environment.history = variable("RHOMBUS_HISTORY");
        sources.environment.api_key = secret_variable("RHOMBUS_API_KEY");
        sources.credentials = settings_file(file("credentials"));
        sources.api_key = api_key_file.map(read_api_key);
    }
    sources
}

/// Returns the variable's value; an empty one counts as unset.
fn non_empty_variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn variable(name: &str) -> Option<Variable> {
    let value = non_empty_variable(name)?.into_string();
    // A shell that sets the variable from a file keeps the mark.
    Some(match value {
        Ok(value) => Ok(value.trim_start_matches('\u{feff}').to_owned()),
        Err(_) => Err(NotUnicode),
    })
}

fn secret_variable(name: &str) -> Option<Result<SecretString, NotUnicode>> {
    Some(variable(name)?.map(SecretString::from))
}

fn settings_file(path: Option<PathBuf>) -> SettingsFile {
    let Some(existing) = path.as_deref() else {
        return SettingsFile::default();
    };
    let state = match read_text(fs::File::open(existing)) {
        Ok(text) => FileState::Text(text),
        Err(error) if is_missing(&error) || is_in_inaccessible_folder(existing) => {
            FileState::Absent
        }
        Err(error) => FileState::Unreadable(error.to_string()),
    };
    let exposed_mode = exposed_mode(existing);
    SettingsFile {
        path,
        state,
        exposed_mode,
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Returns whether the file's folder is inaccessible, as when a container runs as another user than
/// the owner of its home directory. Settings there cannot be meant for this user.
fn is_in_inaccessible_folder(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

fn read_text(source: io::Result<impl io::Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    let length = source?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(length).is_ok_and(|length| length <= MAX_FILE_BYTES) {
        let text = encoding::decode(&bytes).map_err(io::Error::other)?;
        Ok(text.to_owned())
    } else {
        Err(io::Error::other("larger than 1 MiB"))
    }
}

/// Returns the mode bits if the group or all other users can read the file.
#[cfg(unix)]
pub(super) fn exposed_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o044 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(super) fn exposed_mode(_: &Path) -> Option<u32> {
    None
}

/// Reads the API key from a file, or from standard input for `-`.
fn read_api_key(path: &Path) -> Result<SecretString, String> {
    let (name, text) = if path == Path::new("-") {
        let text = match io::stdin().is_terminal() {
            true => prompt_api_key(&Term::stderr()),
            false => read_text(Ok(io::stdin())),
        };
        ("standard input".to_owned(), text)
    } else {
        (path.display().to_string(), read_text(fs::File::open(path)))
    };
    let text = text.map_err(|error| format!("cannot read {name}: {error}"))?;
    parse_api_key(&text).map_err(|reason| format!("{name} {reason}"))
}

/// Prompts for the API key without echo.
fn prompt_api_key(terminal: &Term) -> io::Result<String> {
    if !terminal.is_term() {
        let reason = "standard error is not a terminal to prompt on; use a file or a pipe";
        return Err(io::Error::other(reason));
    }
    terminal.write_str("API key (not shown): ")?;
    terminal.read_secure_line()
}

fn parse_api_key(text: &str) -> Result<SecretString, &'static str> {
    match text.trim_end_matches(['\r', '\n', '\u{feff}']) {
        "" => Err("is empty; it must contain the API key"),
        key if key.contains('\n') => {
            Err("has more than one line; it must contain only the API key")
        }
        key => Ok(key.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn an_api_key_is_one_line_without_its_line_ending() {
        for text in ["a=b", "a=b\n", "a=b\r\n", "a=b\n\n", "a=b\n\u{feff}"] {
            assert_eq!(
                parse_api_key(text).unwrap().expose_secret(),
                "a=b",
                "{text:?}"
            );
        }
        for text in ["", "\n", "canary\nb"] {
            assert!(
                !parse_api_key(text).unwrap_err().contains("canary"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_endless_file_is_rejected() {
        let error = read_text(Ok(io::repeat(b'a'))).unwrap_err();
        assert_eq!(error.to_string(), "larger than 1 MiB");
        assert!(
            read_text(Err::<io::Empty, _>(io::ErrorKind::NotFound.into()))
                .is_err_and(|e| is_missing(&e))
        );
    }
}
