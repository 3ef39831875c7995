//! `rhombus-clips doctor`: checks the settings, the endpoint and the API key.
//!
//! Checks of the settings need no network; one request then shows whether the service is reachable and
//! accepts the API key. Interpreting its outcome is a pure function in [`diagnosis`]. Exactly one
//! request is sent, to the endpoint of the settings: trying other regions or schemes would disclose
//! the API key to other hosts.

mod check;
mod config_checks;
mod diagnosis;
use std::time::{Instant, SystemTime};

use check::{Check, CheckStatus};
use config_checks::Proxy;
use diagnosis::{RequestContext, RequestFailure, diagnose};
use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid};

use crate::cli::DoctorArgs;
use crate::client::{ClientLimits, build_client};
use crate::config::Settings;
use crate::outlet;
use crate::report::failure::{ExitCode, Failure};

pub(crate) async fn run(args: DoctorArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let proxy = Proxy::detect(&settings.endpoint_url.value);
    let mut checks = config_checks::check_settings(settings, &proxy);
    let client = build_client(settings, ClientLimits::default());
    if let Err(Failure::Setup { error, .. }) = &client {
        config_checks::attribute(&mut checks, error);
    }
    let uuid = args.uuid.unwrap_or_else(random_uuid);
    checks.extend(check_service(client, settings, proxy, uuid).await);
    let report = check::format_checks(&checks, settings.output.value).map_err(Failure::Output)?;
    outlet::print(report).await.map_err(Failure::Output)?;
    Ok(check::exit_code(&checks))
}

/// Sends one request, unless there is no client because of an error in the settings or the environment,
/// and diagnoses its outcome.
async fn check_service(
    client: Result<Client, Failure>,
    settings: &Settings,
    proxy: Proxy,
    uuid: ClipUuid,
) -> Vec<Check> {
    let client = match client {
        Ok(client) => client,
        // The error is among the checks already.
        Err(Failure::Setup { error, .. }) if config_checks::check_of(&error).is_some() => {
            return vec![skipped_service()];
        }
        Err(Failure::Settings(error)) if settings.errors.contains(&error) => {
            return vec![skipped_service()];
        }
        Err(failure) => {
            let status = CheckStatus::Error(failure.exit_code());
            let text = failure.text().unwrap_or_default();
            let message = format!("no request sent: {text}");
            return vec![Check::new("service", status, message)];
        }
    };
    let context = RequestContext {
        endpoint_url: settings.endpoint_url.value.clone(),
        proxy,
        scheme: settings.scheme(),
        now: SystemTime::now(),
    };
    let start = Instant::now();
    let result = client.get_clip(uuid).retry(NoRetry).await;
    let failure = result.err().map(|error| RequestFailure::from_error(&error));
    diagnose(failure.as_ref(), &context, start.elapsed())
}

fn skipped_service() -> Check {
    let message = "no request sent; fix the errors above";
    Check::new("service", CheckStatus::Skipped, message)
}

/// Returns a random UUID, version 4, so that no clip has it.
fn random_uuid() -> ClipUuid {
    let version_4 = fastrand::u128(..) & !(0xf << 76) | 4 << 76;
    let variant = version_4 & !(0b11 << 62) | 0b10 << 62;
    ClipUuid::from_bytes(variant.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_uuids_have_version_4() {
        for _ in 0..100 {
            let bytes = *random_uuid().as_bytes();
            assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (4, 0b10));
        }
    }
}
