//! The `update` command.

use super::each_clip;
use crate::cli::UpdateArgs;
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::output::clip_result::ClipResult;
use crate::report::failure::{ExitCode, Failure};

pub(crate) async fn run(args: UpdateArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let uuids = service.clips(args.target.as_slice(), |clips| clips.done)?;
    each_clip::run(&uuids, settings.output.value, async |uuid| {
        let mut request = service.client.update_clip(uuid).retry(short_retry());
        if let Some(title) = &args.title {
            request = request.title(title);
        }
        if let Some(description) = &args.description {
            request = request.description(description);
        }
        if let Some(visibility) = args.visibility {
            request = request.visibility(visibility.into());
        }
        Ok(ClipResult::of_update(uuid, &request.await?))
    })
    .await
}
