//! Rejection of an API key on the command line, which every local user can read.

use std::ffi::{OsStr, OsString};

/// Error message. clap would reject the unknown option as well, but would print its value.
pub(crate) const ERROR: &str = "error: --api-key is not supported, because command lines are visible \
    to all local users; set RHOMBUS_API_KEY, or use --api-key-file (- reads standard input); replace \
    a key that was exposed this way";

/// Returns whether `--api-key` is among the arguments.
pub(crate) fn has_api_key_flag(args: &[OsString]) -> bool {
    let mut options = args.iter().take_while(|arg| *arg != "--");
    options.any(|arg| {
        let arg = arg.as_encoded_bytes();
        arg == OsStr::new("--api-key").as_encoded_bytes() || arg.starts_with(b"--api-key=")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_detected() {
        for (args, expected) in [
            (&["p", "get", "--api-key", "k"][..], true),
            (&["p", "--api-key=k", "get"], true),
            (&["p", "get", "--api-key-file", "k"], false),
            (&["p", "get", "--", "--api-key"], false),
        ] {
            let args: Vec<_> = args.iter().map(OsString::from).collect();
            assert_eq!(has_api_key_flag(&args), expected, "{args:?}");
        }
    }
}
