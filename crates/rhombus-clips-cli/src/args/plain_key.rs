//! An API key on the command line, which everybody on the machine can read.

use std::ffi::{OsStr, OsString};

/// What there is to say to one. clap would print it.
pub(crate) const REFUSAL: &str = "error: --api-key is not taken, for every user of this machine \
    can read a command line: set RHOMBUS_API_KEY, or put the key into a file and give its path to \
    --api-key-file (- reads standard input); replace the key if it is in use";

/// Whether `--api-key` is among the arguments.
pub(crate) fn is_given(args: &[OsString]) -> bool {
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
    fn it_is_found_in_both_forms() {
        for (args, given) in [
            (&["p", "get", "--api-key", "k"][..], true),
            (&["p", "--api-key=k", "get"], true),
            (&["p", "get", "--api-key-file", "k"], false),
            (&["p", "get", "--", "--api-key"], false),
        ] {
            let args: Vec<_> = args.iter().map(OsString::from).collect();
            assert_eq!(is_given(&args), given, "{args:?}");
        }
    }
}
