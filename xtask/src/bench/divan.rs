//! Parser for the output of divan, which has no machine-readable format.
//!
//! Only the column of the fastest run is read: load on the machine makes runs slower, never faster,
//! so the minimum is the most reproducible statistic.

use std::path::Path;

use crate::error::{Error, Result};

/// Returns the fastest time of the first benchmark divided by that of the second.
pub(crate) fn time_ratio(printed: &str) -> Result<f64> {
    let times: Vec<f64> = printed.lines().filter_map(fastest_ns).collect();
    match times.as_slice() {
        [first, second] if *second > 0.0 => Ok(first / second),
        _ => Err(Error::new(
            Path::new("divan"),
            format!(
                "expected the times of two benchmarks, found {}",
                times.len()
            ),
        )),
    }
}

/// Parses the "fastest" column of a benchmark's line, in nanoseconds.
fn fastest_ns(line: &str) -> Option<f64> {
    let is_benchmark = line.starts_with("├─ ") || line.starts_with("╰─ ");
    let column = line.split('│').next().filter(|_| is_benchmark)?;
    let mut words = column.split_whitespace().rev();
    let (unit, number) = (words.next()?, words.next()?);
    let unit = match unit {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
Timer precision: 20 ns
decode                fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ rhombus_clips_api  3.5 µs        │ 9.018 µs      │ 4.119 µs      │ 4.2 µs        │ 500     │ 50000
│                     300 MB/s      │ 137.1 MB/s    │ 300.3 MB/s    │ 294.5 MB/s    │         │
│                     alloc:        │               │               │               │         │
│                       30          │ 30            │ 30            │ 30            │         │
╰─ untouched          1750 ns       │ 11.02 µs      │ 4.3 µs        │ 4.4 µs        │ 500     │ 50000
                      280.1 MB/s    │ 112.2 MB/s    │ 287.4 MB/s    │ 280.2 MB/s    │         │
";

    #[test]
    fn ratio_compares_the_first_benchmark_with_the_second() {
        assert_eq!(time_ratio(PRINTED).unwrap(), 2.0);
        let error = time_ratio("nothing").unwrap_err().to_string();
        assert!(error.contains("found 0"), "{error}");
    }
}
