//! Progress of a download: bytes, rate and the time that is left.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// Time over which the rate is averaged. Chosen, not tuned: long enough that the time left does not jump, short
/// enough that it follows a change of the network.
const AVERAGING_TIME: Duration = Duration::from_secs(5);

/// Shortest time between two measurements of the rate. Chosen, not tuned: bytes arrive in bursts.
const MIN_INTERVAL: Duration = Duration::from_millis(200);

/// Shortest time between two calls of a progress callback. Chosen, not tuned: as often as a display needs.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Progress of a download.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use rhombus_clips::DownloadProgress;
///
/// # let directory = std::env::temp_dir().join("rhombus-clips-progress");
/// let clip = client.watch(uuid).await?;
/// let show = |progress: &DownloadProgress| {
///     println!("{} of {:?} bytes", progress.bytes(), progress.total());
///     println!("{:?} percent, {:?} bytes/s", progress.percent(), progress.bytes_per_sec());
///     println!("{:?} left after {:?}", progress.remaining(), progress.elapsed());
/// };
/// client.download(&clip).overwrite(true).on_progress(show).to_directory(&directory).await?;
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DownloadProgress {
    bytes: u64,
    total: Option<u64>,
    bytes_per_sec: Option<f64>,
    elapsed: Duration,
}

impl DownloadProgress {
    /// Bytes of the file that are there, with those of an earlier download that is continued.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Length of the file in bytes; `None` if neither the media host nor the record states it.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Percentage of the file that is there, 0 to 100; `None` without a [total](Self::total).
    pub fn percent(&self) -> Option<u8> {
        let total = u128::from(self.total?);
        let percent = u128::from(self.bytes) * 100 / total.max(1);
        Some(u8::try_from(percent.min(100)).unwrap_or(100))
    }

    /// Bytes per second over the last seconds; `None` at the beginning.
    pub fn bytes_per_sec(&self) -> Option<u64> {
        // A rate is not negative, and far below the maximum.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.bytes_per_sec.map(|rate| rate as u64)
    }

    /// Time until the file is complete at the current rate; `None` if it is not known.
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.total?.saturating_sub(self.bytes);
        #[allow(clippy::cast_precision_loss)]
        let seconds = left as f64 / self.bytes_per_sec.filter(|rate| *rate > 0.0)?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Time since the start of the download.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// Measures the rate of a download.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgressMeter {
    bytes: u64,
    total: Option<u64>,
    rate: Option<f64>,
    /// Bytes and time of the last measurement.
    measured: (u64, Duration),
}

impl ProgressMeter {
    /// Records that the download starts or continues at this byte.
    pub(crate) fn start(&mut self, bytes: u64, total: Option<u64>, elapsed: Duration) {
        self.bytes = bytes;
        self.total = total;
        self.measured = (bytes, elapsed);
    }

    /// Records bytes that arrived.
    pub(crate) fn add(&mut self, bytes: u64, elapsed: Duration) {
        self.bytes = self.bytes.saturating_add(bytes);
        let (before, since) = self.measured;
        let interval = elapsed.saturating_sub(since);
        if interval < MIN_INTERVAL {
            return;
        }
        #[allow(clippy::cast_precision_loss)]
        let rate = self.bytes.saturating_sub(before) as f64 / interval.as_secs_f64();
        let weight = (interval.as_secs_f64() / AVERAGING_TIME.as_secs_f64()).min(1.0);
        self.rate = Some(match self.rate {
            Some(average) => average + weight * (rate - average),
            None => rate,
        });
        self.measured = (self.bytes, elapsed);
    }

    pub(crate) fn progress(&self, elapsed: Duration) -> DownloadProgress {
        DownloadProgress {
            bytes: self.bytes,
            total: self.total,
            bytes_per_sec: self.rate,
            elapsed,
        }
    }
}

/// Function of a caller that receives the progress.
type Callback = Box<dyn FnMut(&DownloadProgress) + Send>;

/// Measures the progress, and calls the caller's function.
#[derive(Default)]
pub(super) struct Observer {
    call: Option<Callback>,
    meter: ProgressMeter,
    called_at: Option<Instant>,
}

impl Observer {
    pub(super) fn set_callback(&mut self, call: impl FnMut(&DownloadProgress) + Send + 'static) {
        self.call = Some(Box::new(call));
    }

    pub(super) fn start(&mut self, bytes: u64, total: Option<u64>, elapsed: Duration) {
        self.meter.start(bytes, total, elapsed);
        self.call(elapsed);
    }

    pub(super) fn add(&mut self, bytes: &[u8], elapsed: Duration) {
        self.meter
            .add(u64::try_from(bytes.len()).unwrap_or(u64::MAX), elapsed);
        if self
            .called_at
            .is_none_or(|at| at.elapsed() >= PROGRESS_INTERVAL)
        {
            self.call(elapsed);
        }
    }

    pub(super) fn end(&mut self, elapsed: Duration) {
        self.call(elapsed);
    }

    fn call(&mut self, elapsed: Duration) {
        if let Some(call) = &mut self.call {
            call(&self.meter.progress(elapsed));
            self.called_at = Some(Instant::now());
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    #[test]
    fn the_time_left_follows_the_rate() {
        let mut meter = ProgressMeter::default();
        meter.start(1000, Some(11_000), Duration::ZERO);
        assert_eq!(meter.progress(Duration::ZERO).remaining(), None);
        meter.add(1000, SEC);
        let progress = meter.progress(SEC);
        assert_eq!((progress.bytes(), progress.percent()), (2000, Some(18)));
        assert_eq!(progress.bytes_per_sec(), Some(1000));
        assert_eq!(progress.remaining(), Some(9 * SEC));
        for second in 2..20 {
            meter.add(100, SEC * second);
        }
        let rate = meter.progress(20 * SEC).bytes_per_sec().unwrap();
        assert!((100..150).contains(&rate), "{rate}");
    }

    #[test]
    fn bursts_are_averaged() {
        let mut meter = ProgressMeter::default();
        meter.start(0, None, Duration::ZERO);
        for _ in 0..10 {
            meter.add(100, SEC / 10);
        }
        assert_eq!(meter.progress(SEC).bytes_per_sec(), None);
        meter.add(0, SEC);
        assert_eq!(meter.progress(SEC).bytes_per_sec(), Some(1000));
        assert_eq!(meter.progress(SEC).percent(), None);
    }

    #[test]
    fn an_empty_or_larger_file_has_a_percentage() {
        let percent = |bytes, total| {
            let mut meter = ProgressMeter::default();
            meter.start(bytes, Some(total), SEC);
            meter.progress(SEC).percent()
        };
        assert_eq!(percent(0, 0), Some(0));
        assert_eq!(percent(7, 5), Some(100));
        assert_eq!(percent(u64::MAX, u64::MAX), Some(100));
    }
}
