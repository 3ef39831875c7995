//! Renders the library's hints in terms of this program: flags, variables and files.

use rhombus_clips::{Hint, Region};

/// Renders a hint; `None` if the program has no setting for it or gives its own advice elsewhere.
pub(crate) fn cli_hint(hint: &Hint) -> Option<String> {
    let text = match hint {
        Hint::SetApiKey => "set RHOMBUS_API_KEY or give --api-key-file",
        Hint::CheckAuthScheme => {
            "a partner's key needs is_partner = true or --org, a key with a client certificate auth_type = cert"
        }
        Hint::CheckOrganization => {
            "check that the API key is one of the clip's organization (--profile, --org), unless the clip was deleted"
        }
        Hint::UseRegion(Region::Us) => "the key may be for --region us",
        Hint::UseRegion(Region::Eu) => "the key may be for --region eu",
        Hint::CheckRegion => "check --region",
        Hint::CheckBaseUrl => "check --endpoint-url",
        Hint::AddRootCertificate => {
            "add a private certificate authority to those of this machine (on Linux, SSL_CERT_FILE can name it)"
        }
        Hint::InstallRootCertificates => {
            "install the certificate authorities of the system (often the package ca-certificates), or name a file of them in SSL_CERT_FILE"
        }
        Hint::CheckClientCertificate => "check cert_file and key_file of the profile",
        Hint::RaiseBodyLimit => "another service may be responding at this endpoint",
        Hint::RaiseRateLimit => "raise --rate",
        Hint::ReduceConcurrency => "watch fewer clips at once",
        Hint::ExtendTimeout => "set a longer --timeout",
        Hint::ExtendNotFoundGracePeriod => "set a longer --not-found-grace-period",
        Hint::CheckOutcome => "find out whether the request took effect before you send it again",
        Hint::ResumeCreate => {
            "look for the clip among those of the camera before you request it again"
        }
        Hint::CheckFootage => "check the time range and the camera",
        Hint::WatchParts => "the clip stands for its parts: watch those",
        Hint::SetMediaUrl => "set --media-url",
        Hint::CheckMediaUrl => "check --media-url, and that it is of the API key's region",
        Hint::GetClipAgain => "`rhombus-clips get` shows the record",
        Hint::Overwrite => "choose another --dir, or add --force",
        Hint::FreeDiskSpace => "make room on the disk, or choose another --dir",
        Hint::DownloadToFile => return None,
        Hint::WatchClip => "if the clip is new, use `rhombus-clips watch`",
        // The program prints the command that resumes, and names the checkpoint file, by itself.
        Hint::ResumeWatch | Hint::StartNewWatch | Hint::ResumeExport => return None,
        // Features are those that the program was built with.
        Hint::EnableFeature(_) => return None,
        hint => return Some(hint.to_string()),
    };
    Some(text.to_owned())
}
