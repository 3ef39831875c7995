//! What divan prints, which it prints for people alone.

use std::path::Path;

use crate::error::{Error, Result};

/// The time of the first benchmark beside that of the second, each at its fastest: what else the
/// machine does makes a run slower and never faster.
pub(crate) fn ratio(printed: &str) -> Result<f64> {
    let times: Vec<f64> = printed.lines().filter_map(fastest).collect();
    match times.as_slice() {
        [one, other] if *other > 0.0 => Ok(one / other),
        _ => Err(Error::new(
            Path::new("divan"),
            format!("{} times where there must be two", times.len()),
        )),
    }
}

/// The time in the first column of a benchmark's own line, in nanoseconds.
fn fastest(line: &str) -> Option<f64> {
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
    fn the_first_is_held_against_the_second() {
        assert_eq!(ratio(PRINTED).unwrap(), 2.0);
        let error = ratio("nothing").unwrap_err().to_string();
        assert!(error.contains("0 times"), "{error}");
    }
}
