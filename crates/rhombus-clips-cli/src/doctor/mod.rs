//! `rhombus-clips doctor`.

mod cause;
mod check;
mod diagnosis;
mod findings;
mod proxy;
mod report;
mod trouble;

use std::time::{Instant, SystemTime};

use rhombus_clips::ClipUuid;
use rhombus_clips::retry::NoRetry;

use crate::args::DoctorArgs;
use crate::config::Settings;
use crate::connection;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use check::{Check, Status};
use diagnosis::{Surroundings, diagnose};
use proxy::Proxy;
use trouble::Trouble;

pub(crate) async fn run(args: DoctorArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let proxy = Proxy::of(&settings.endpoint_url.value);
    let mut checks = findings::of(settings, &proxy);
    let uuid = args.uuid.unwrap_or_else(nobodys);
    checks.extend(service(settings, proxy, uuid).await);
    report::write(&checks, settings.output.value).map_err(Failure::Output)?;
    Ok(check::exit_code(&checks))
}

/// Asks once.
async fn service(settings: &Settings, proxy: Proxy, uuid: ClipUuid) -> Vec<Check> {
    let client = match connection::client(settings, None) {
        Ok(client) => client,
        // What is wrong is in the checks already.
        Err(Failure::Settings(problem)) if settings.problems.contains(&problem) => {
            let message = "not asked: see the errors above";
            return vec![Check::new("service", Status::Skipped, message)];
        }
        Err(failure) => {
            let status = Status::Error(failure.exit_code());
            let text = failure.text().unwrap_or_default();
            return vec![Check::new("service", status, format!("not asked: {text}"))];
        }
    };
    let surroundings = Surroundings {
        endpoint_url: settings.endpoint_url.value.clone(),
        proxy,
        scheme: settings.scheme(),
        now: SystemTime::now(),
    };
    let asked = Instant::now();
    let outcome = client.get_clip(uuid).retry(NoRetry).await;
    let trouble = outcome.err().map(|error| Trouble::of(&error));
    diagnose(trouble.as_ref(), &surroundings, asked.elapsed())
}

/// The UUID of a clip that nobody has: a random one, version 4.
fn nobodys() -> ClipUuid {
    let version_4 = fastrand::u128(..) & !(0xf << 76) | 4 << 76;
    let variant = version_4 & !(0b11 << 62) | 0b10 << 62;
    ClipUuid::from_bytes(variant.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_clip_is_a_uuid_of_version_4() {
        for _ in 0..100 {
            let bytes = *nobodys().as_bytes();
            assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (4, 0b10));
        }
    }
}
