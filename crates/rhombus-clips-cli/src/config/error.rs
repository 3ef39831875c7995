//! Errors and warnings about the settings.
//!
//! Each one names the item of the configuration that it is about, so that `doctor` can show it next to
//! that item. Whether it prevents a command or is only a warning is not part of it: that depends on
//! the list of `Settings` that holds it.

/// An invalid or missing setting. The message is one line that names the origin and shows no value of
/// a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError {
    pub(crate) item: ConfigItem,
    pub(crate) message: String,
}

/// Item of the configuration that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigItem {
    ConfigFile,
    CredentialsFile,
    Profile,
    Output,
    ApiKey,
    Endpoint,
    Scheme,
}

impl ConfigError {
    pub(crate) fn new(item: ConfigItem, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { item, message }
    }
}
