//! One case, and the verdict on it.

use crate::ask::{Heard, Way};
use crate::expected::{Expected, Outcome};
use crate::terms::{ALLOWANCE, KEY, Terms};

#[derive(Debug)]
pub struct Row {
    pub fault: String,
    pub form: String,
    pub way: Way,
    pub outcome: Outcome,
    pub tries: u64,
    /// None, if all is right.
    pub flaws: Vec<String>,
}

impl Row {
    /// Judges what was heard, of a service that saw so many requests.
    pub fn judge(
        (fault, form, way): (&str, &str, Way),
        (heard, seen): (Heard, u64),
        (expected, terms): (Expected, &Terms),
    ) -> Self {
        let tries = heard.polls.unwrap_or(seen);
        let mut flaws = heard.flaws;
        let mut flaw = |is_flawed: bool, text: String| {
            if is_flawed {
                flaws.push(text);
            }
        };
        flaw(
            heard.outcome != expected.outcome,
            format!("not {}", expected.outcome),
        );
        flaw(
            !expected.tries.allow(tries, heard.elapsed, terms),
            format!("{tries} tries, not {:?}", expected.tries),
        );
        // One that was sent and never arrived is a try, too; one that arrived was sent.
        flaw(seen > tries, format!("the service saw {seen} requests"));
        flaw(
            heard.elapsed > terms.timeout + ALLOWANCE,
            format!("late, after {:?}", heard.elapsed),
        );
        let place = heard.shown.split_once(KEY).map(|(before, _)| {
            let skipped = before.chars().count().saturating_sub(60);
            before.chars().skip(skipped).collect::<String>()
        });
        flaw(place.is_some(), format!("shows the key after {place:?}"));
        Self {
            fault: fault.to_owned(),
            form: form.to_owned(),
            way,
            outcome: heard.outcome,
            tries,
            flaws,
        }
    }
}
