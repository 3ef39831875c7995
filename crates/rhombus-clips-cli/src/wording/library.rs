//! What the library advises its callers, in the words of this program: flags, variables and files.

/// What the library says, and what is said here.
pub(crate) const WORDS: [(&str, &str); 12] = [
    (
        "give the client one with ClientBuilder::api_key",
        "set RHOMBUS_API_KEY or give --api-key-file",
    ),
    (
        "is added with ClientBuilder::root_certificate",
        "is added to those of this machine; on Linux, SSL_CERT_FILE can name it",
    ),
    (
        "is the key a partner's (ClientBuilder::partner), or for use with a client certificate?",
        "is the key a partner's (is_partner = true, or --org), or for use with a client certificate \
         (auth_type = cert)?",
    ),
    ("Region::Eu", "--region eu"),
    ("Region::Us", "--region us"),
    (
        "check the key and the base URL",
        "check the key and --region",
    ),
    (
        "check the base URL and the network",
        "check --endpoint-url and the network",
    ),
    (
        "resume the watch, or set a later one",
        "--timeout sets a later one",
    ),
    (
        "or set a longer grace period",
        "or give a longer --not-found-grace-period",
    ),
    ("raise the body limit of", "it has more than"),
    (
        "bytes if the service is meant to send as much",
        "bytes; does another service answer there?",
    ),
    (
        "the rate limit that this client was given left no request in time: give it a higher one, \
         or share it among fewer calls",
        "--rate left no request in time: give a higher one, or watch fewer clips at once",
    ),
];

/// The library's message as this program says it.
pub(crate) fn in_our_words(message: &str) -> String {
    let mut text = message.to_owned();
    for (theirs, ours) in WORDS {
        text = text.replace(theirs, ours);
    }
    text
}
