//! Raw sources of the settings, as they were read and before they are resolved.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::args::Output;

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
    pub(crate) output: Option<Output>,
    pub(crate) endpoint_url: Option<String>,
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
