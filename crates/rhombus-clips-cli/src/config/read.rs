//! Reading what the settings are made of.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use console::Term;
use secrecy::SecretString;

use super::inputs::{Content, Environment, Flags, Found, Inputs, NotUnicode, Reading, Variable};

/// More is no file of settings, and could be without end.
const LONGEST: u64 = 1024 * 1024;

/// Reads the environment and the files, and the key from where `--api-key-file` says.
pub(crate) fn read(flags: Flags, api_key_file: Option<&Path>, reading: Reading) -> Inputs {
    let folder = env::home_dir()
        .filter(|home| !home.as_os_str().is_empty())
        .map(|home| home.join(".rhombus"));
    let file = |name: &str| folder.as_ref().map(|folder| folder.join(name));
    let mut inputs = Inputs {
        flags,
        environment: Environment {
            profile: variable("RHOMBUS_PROFILE"),
            output: variable("RHOMBUS_OUTPUT"),
            ..Environment::default()
        },
        config: found(file("config")),
        reading,
        ..Inputs::default()
    };
    if reading == Reading::All {
        inputs.environment.endpoint_url = variable("RHOMBUS_ENDPOINT_URL");
        inputs.environment.api_key = secret("RHOMBUS_API_KEY");
        inputs.credentials = found(file("credentials"));
        inputs.api_key = api_key_file.map(api_key);
    }
    inputs
}

fn not_empty(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// An empty variable is as good as none.
fn variable(name: &str) -> Option<Variable> {
    Some(not_empty(name)?.into_string().map_err(|_| NotUnicode))
}

fn secret(name: &str) -> Option<Result<SecretString, NotUnicode>> {
    Some(variable(name)?.map(SecretString::from))
}

fn found(path: Option<PathBuf>) -> Found {
    let Some(place) = path.as_deref() else {
        return Found::default();
    };
    let content = match text(fs::File::open(place)) {
        Ok(text) => Content::Text(text),
        Err(error) if is_missing(&error) || is_out_of_sight(place) => Content::None,
        Err(error) => Content::Unreadable(error.to_string()),
    };
    let exposed = exposed(place);
    Found {
        path,
        content,
        exposed,
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether the folder is somebody else's, as when a container runs as another user than its home
/// directory is for: then nobody has put settings there for this one.
fn is_out_of_sight(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

fn text(source: io::Result<impl io::Read>) -> io::Result<String> {
    let mut text = String::new();
    let length = source?.take(LONGEST + 1).read_to_string(&mut text)?;
    if u64::try_from(length).is_ok_and(|length| length <= LONGEST) {
        Ok(text)
    } else {
        Err(io::Error::other("it is longer than 1 MiB"))
    }
}

/// The mode bits, when the group or all others may read.
#[cfg(unix)]
fn exposed(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o044 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn exposed(_: &Path) -> Option<u32> {
    None
}

/// The key that a file holds; `-` is standard input.
fn api_key(path: &Path) -> Result<SecretString, String> {
    let (name, text) = if path == Path::new("-") {
        let text = match io::stdin().is_terminal() {
            true => typed(&Term::stderr()),
            false => text(Ok(io::stdin())),
        };
        ("standard input".to_owned(), text)
    } else {
        (path.display().to_string(), text(fs::File::open(path)))
    };
    let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
    key(&text).map_err(|why| format!("{name} {why}"))
}

/// What is typed on the terminal, which does not show it.
fn typed(terminal: &Term) -> io::Result<String> {
    if !terminal.is_term() {
        let reason = "it is a terminal, and there is none to ask on: give a file or a pipe";
        return Err(io::Error::other(reason));
    }
    terminal.write_str("API key (not shown): ")?;
    terminal.read_secure_line()
}

fn key(text: &str) -> Result<SecretString, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err("is empty: it must hold the API key"),
        key if key.contains('\n') => Err("has more than one line: it must hold the API key alone"),
        key => Ok(key.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_key_is_one_line_without_its_end() {
        for text in ["a=b", "a=b\n", "a=b\r\n", "\u{feff}a=b\n\n"] {
            assert_eq!(key(text).unwrap().expose_secret(), "a=b", "{text:?}");
        }
        for text in ["", "\n", "canary\nb"] {
            assert!(!key(text).unwrap_err().contains("canary"), "{text:?}");
        }
    }

    #[test]
    fn what_never_ends_is_no_file_of_settings() {
        let error = text(Ok(io::repeat(b'a'))).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 1 MiB");
        assert!(
            text(Err::<io::Empty, _>(io::ErrorKind::NotFound.into()))
                .is_err_and(|e| is_missing(&e))
        );
    }
}
