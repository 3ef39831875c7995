//! What is wrong with the settings.

/// What keeps the settings from being used: one line that names the place and shows no value of
/// a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) topic: Topic,
    pub(crate) text: String,
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    ConfigFile,
    CredentialsFile,
    Profile,
    Output,
    ApiKey,
    Endpoint,
    Scheme,
}

impl Problem {
    pub(crate) fn new(topic: Topic, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { topic, text }
    }
}
