//! Booleans, numbers and strings.

use super::Lenient;

impl Lenient for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for i64 {
    const EXPECTED: &'static str = "a number within 64 bits";

    fn from_i64(value: i64) -> Option<Self> {
        Some(value)
    }

    fn from_f64(value: f64) -> Option<Self> {
        // 2^63 is the first integer above the range; -2^63 is within it.
        const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;
        let integer = value.trunc();
        (-TWO_POW_63..TWO_POW_63)
            .contains(&integer)
            .then_some(integer as Self)
    }
}

impl Lenient for f64 {
    const EXPECTED: &'static str = "a number";

    fn from_i64(value: i64) -> Option<Self> {
        Some(value as Self)
    }

    fn from_u64(value: u64) -> Option<Self> {
        Some(value as Self)
    }

    fn from_f64(value: f64) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for String {
    const EXPECTED: &'static str = "a string";

    #[inline]
    fn from_text(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_decoded_without_its_fraction() {
        assert_eq!(i64::from_f64(75.0), Some(75));
        assert_eq!(i64::from_f64(33.5), Some(33));
        assert_eq!(i64::from_f64(-0.5), Some(0));
    }

    #[test]
    fn an_integer_beyond_64_bits_is_rejected() {
        assert_eq!(i64::from_f64(9.3e18), None);
        assert_eq!(i64::from_f64(-9_223_372_036_854_775_808.0), Some(i64::MIN));
        assert_eq!(i64::from_f64(f64::NAN), None);
        assert_eq!(i64::from_u64(u64::MAX), None);
    }
}
