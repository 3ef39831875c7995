//! The `retry` command.

use super::each_clip;
use crate::cli::RetryArgs;
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::output::clip_result::ClipResult;
use crate::report::failure::{ExitCode, Failure};

pub(crate) async fn run(args: RetryArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let uuids = service.clips(&args.targets, |clips| clips.fails)?;
    service.finish_rendering(&uuids).await;
    each_clip::run(&uuids, settings.output.value, async |uuid| {
        let request = service.client.retry_clip(uuid).retry(short_retry());
        Ok(ClipResult::of_retry(uuid, &request.await?))
    })
    .await
}
