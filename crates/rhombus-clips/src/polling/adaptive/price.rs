//! What a look is worth: as much as so many seconds of delay.

/// What it is worth where the clip says how far it is.
const PRICE: f64 = 0.33;

/// What it is worth there at least, as long as nobody knows what to expect.
const RATIONED: f64 = 0.45;

/// How many looks are meant to suffice for a clip, as long as nobody knows what to expect.
const BUDGET: u16 = 16;

/// What a look is worth that comes this long after the first.
///
/// Where nothing is learned on the way only the part of the time counts that is lost, and of a long
/// time a second more is a smaller part. `ration` is for clients that know little.
pub(super) fn price(now: f64, is_mute: bool, ration: Option<f64>) -> f64 {
    let usual = match ration {
        _ if is_mute => 0.04 + 0.002 * now,
        Some(_) => RATIONED + 0.001 * now,
        None => PRICE,
    };
    usual.max(ration.unwrap_or_default())
}

/// The price at which what is left of the budget suffices, after so many looks, for a forecast whose
/// middle half is this wide.
///
/// To look `n` times at equal distances in a time `t`, at each moment of which the end is as likely,
/// is cheapest at the price `t / n^2`. There `t` is twice the middle half; but on the way forecasts
/// become narrower, so that less is enough.
pub(super) fn ration(looks: u16, spread: f64) -> f64 {
    let left = f64::from(BUDGET.saturating_sub(looks)) + 1.0;
    0.7 * spread / left.max(2.0).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_the_budget_is_worth_more_and_more() {
        let after = |looks| price(60.0, false, Some(ration(looks, 60.0)));
        assert!(after(4) < 2.0 * RATIONED && after(12) > 2.0 * RATIONED);
        assert!(after(15) > 2.0 * after(12));
        // Nothing is left, but it goes on.
        assert!(after(16).is_finite() && after(16) == after(u16::MAX));
    }

    #[test]
    fn a_client_that_knows_what_to_expect_has_no_budget() {
        assert_eq!(price(900.0, false, None), PRICE);
        assert!(price(900.0, true, None) > price(9.0, true, None));
    }
}
