//! Arguments of `rhombus-clips simulate`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips simulate
  rhombus-clips simulate --port 8080 --speed 10 --output json";

pub(super) const CLIPS: &str = "\
Output:
  Text: RHOMBUS_ENDPOINT_URL=... RHOMBUS_API_KEY=... completes=... and the
  other clips. Prefix a command with the first two to use the simulated
  service.
  JSON: {\"baseUrl\":...,\"apiKey\":...,\"clips\":{\"completes\":...}}

Clips:
  A clip starts rendering at the first request for it. Seconds at speed 1:

  completes  complete after 60
  fails      fails after 40
  deleted    deleted after 40
  offline    camera offline for 20, complete after 80
  late       no record for 5, complete after 65
  done       complete from the start

  The same seed gives the same API key and the same clips.";

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// Port on 127.0.0.1; 0 selects a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Speed factor relative to real time
    #[arg(long, value_name = "X", default_value = "1", value_parser = parse_speed)]
    pub(crate) speed: f64,
}

/// Range of the speed factor. Chosen, not tuned: beyond it, a clip's render time is below a
/// millisecond or above a day.
const MIN_SPEED: f64 = 0.001;
const MAX_SPEED: f64 = 1e6;

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (MIN_SPEED..=MAX_SPEED).contains(&speed) => Ok(speed),
        _ => Err("expected a number from 0.001 to 1000000, such as 10 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_outside_of_the_range_are_rejected() {
        for text in ["0", "-1", "inf", "nan", "fast", "", "1e300", "1e-300"] {
            assert!(parse_speed(text).is_err(), "{text}");
        }
        assert_eq!(parse_speed("0.5"), Ok(0.5));
    }
}
