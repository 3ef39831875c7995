//! `rhombus-clips simulate`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips simulate
  rhombus-clips simulate --port 8080 --speed 10 --output json";

pub(super) const CLIPS: &str = "\
The line:
  As text: RHOMBUS_ENDPOINT_URL=... RHOMBUS_API_KEY=... completes=... and the
  other clips. The first two, put before a command, let it ask the simulated
  service.
  As JSON: {\"baseUrl\":...,\"apiKey\":...,\"clips\":{\"completes\":...}}

  A clip's life begins with the first request for it. In seconds at speed 1:
  completes  is complete after 60
  fails      fails after 40
  deleted    is deleted after 40
  offline    loses its camera for 20, and is complete after 80
  late       has no record for 5, and is complete after 65
  done       is complete from the start

  The same seed gives the same key and the same clips.";

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// What everything random follows from
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// How many times as fast as life it runs
    #[arg(long, value_name = "X", default_value = "1", value_parser = speed)]
    pub(crate) speed: f64,
}

/// Beyond these a clip's life is no time that a clock can show.
const SLOWEST: f64 = 0.001;
const FASTEST: f64 = 1e6;

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (SLOWEST..=FASTEST).contains(&speed) => Ok(speed),
        _ => Err("a number from 0.001 to 1000000 is needed, such as 10 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_above_zero_within_reason() {
        for text in ["0", "-1", "inf", "nan", "fast", "", "1e300", "1e-300"] {
            assert!(speed(text).is_err(), "{text}");
        }
        assert_eq!(speed("0.5"), Ok(0.5));
    }
}
