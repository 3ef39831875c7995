//! Watches a clip with a progress bar and an estimate of the time left.
//!
//! ```sh
//! cargo run -p rhombus-clips --example watch_with_bar -- CLIP_UUID
//! ```

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use rhombus_clips::polling::Estimate;
use rhombus_clips::{Client, ClipUuid, Update};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let uuid: ClipUuid = std::env::args().nth(1).unwrap_or_default().parse()?;
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    let style = "{spinner} {prefix:<10} {bar:30} {pos:>3} %  {wide_msg}";
    let bar = ProgressBar::new(100).with_style(ProgressStyle::with_template(style)?);
    bar.enable_steady_tick(Duration::from_millis(100));

    let mut updates = client.watch(uuid).stream();
    let mut estimate = None;
    // Updates arrive only on changes. The estimate counts down in between.
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            // `next` is cancel safe.
            update = updates.next() => {
                let Some(update) = update else { break };
                let update = update.inspect_err(|_| bar.abandon())?;
                estimate = update.estimate().map(|estimate| (Instant::now(), estimate));
                show(&bar, &update);
            }
            _ = ticks.tick() => {}
        }
        if let Some((since, estimate)) = estimate {
            bar.set_message(time_left(estimate, since.elapsed()));
        }
    }
    bar.finish_with_message("done");

    Ok(())
}

fn show(bar: &ProgressBar, update: &Update) {
    if let Some(error) = update.error() {
        // A transient failure, which the watch retries. The line stays above the bar.
        bar.println(format!("{error}"));
    }
    let Some(clip) = update.clip() else {
        bar.set_message("the service has no record of the clip yet");
        return;
    };
    bar.set_prefix(clip.status().to_string());
    // The percentage refers to the current operation: the bar restarts with the next one.
    bar.set_position(clip.percent().unwrap_or_default().into());
}

/// Formats an estimate, such as `about 40 s left (30 to 55)`.
fn time_left(estimate: Estimate, since: Duration) -> String {
    let seconds = |time: Duration| time.saturating_sub(since).as_secs();
    format!(
        "about {} s left ({} to {})",
        seconds(estimate.remaining),
        seconds(estimate.lower),
        seconds(estimate.upper),
    )
}
