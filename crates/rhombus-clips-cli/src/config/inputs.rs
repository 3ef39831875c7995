//! What the settings are made of, as it was found.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::args::Output;

/// Everything that a setting can come from. `Debug` is left out: a file's text has the API key
/// in it.
#[derive(Default)]
pub(crate) struct Inputs {
    pub(crate) flags: Flags,
    /// What the file of `--api-key-file` holds, or why nothing.
    pub(crate) api_key: Option<Result<SecretString, String>>,
    pub(crate) environment: Environment,
    pub(crate) config: Found,
    pub(crate) credentials: Found,
    pub(crate) reading: Reading,
}

/// How much is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reading {
    #[default]
    All,
    /// How results are shown: nothing that has an API key in it.
    Output,
}

/// The flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) profile: Option<String>,
    pub(crate) output: Option<Output>,
    pub(crate) endpoint_url: Option<String>,
    /// The base URL of `--region`.
    pub(crate) region: Option<&'static str>,
    pub(crate) organization: Option<String>,
}

/// The variables. One that is not Unicode has an error in its place.
#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) profile: Option<Variable>,
    pub(crate) output: Option<Variable>,
    pub(crate) endpoint_url: Option<Variable>,
    pub(crate) api_key: Option<Result<SecretString, NotUnicode>>,
}

pub(crate) type Variable = Result<String, NotUnicode>;

/// The value of a variable is not Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotUnicode;

/// One of the two files, as it was found.
#[derive(Default)]
pub(crate) struct Found {
    /// Nothing where there is no home directory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) content: Content,
    /// The mode bits of one that other users of the machine can read.
    pub(crate) exposed: Option<u32>,
}

#[derive(Default)]
pub(crate) enum Content {
    /// There is no such file, or it is not looked at.
    #[default]
    None,
    Text(String),
    /// Why it cannot be read.
    Unreadable(String),
}
