//! The `cancel` command.

use super::{confirmation, each_clip};
use crate::cli::EndArgs;
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::output::clip_result::{ClipResult, ResultKind};
use crate::report::failure::{ExitCode, Failure};

pub(crate) async fn run(args: EndArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let client = &service.client;
    let uuids = service.clips(&args.targets, |clips| clips.completes)?;
    each_clip::run(&uuids, settings.output.value, async |uuid| {
        if !args.yes && !confirmation::confirm(client, "Cancel", uuid).await? {
            return Ok(ClipResult::new(uuid, ResultKind::NotCanceled, None));
        }
        let result = client.cancel_clip(uuid).retry(short_retry()).await?;
        Ok(ClipResult::of_cancel(uuid, &result))
    })
    .await
}
