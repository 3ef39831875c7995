//! The search for the place of a file, without a clock: which candidate is next, and for how long to wait.
//!
//! Right after a clip is complete its file may not be there yet, and which status says so is undocumented. So
//! the candidates are asked in rounds: one after the other, then a wait, until the time is over. A place that
//! refuses the credentials is not asked again.

use std::time::Duration;

use super::location::Location;

/// Wait after the first round. Chosen, not tuned: about the time that the file of a clip may be late, were it
/// stored by another process.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// Longest wait after a round. Chosen, not tuned: a tenth of the default time in all.
const MAX_WAIT: Duration = Duration::from_secs(12);

/// The state of a search.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    candidates: Vec<Candidate>,
    /// Index of the candidate to ask next.
    next: usize,
    wait: Duration,
    grace_period: Duration,
}

#[derive(Clone, Debug)]
struct Candidate {
    location: Location,
    is_refused: bool,
}

/// Next step after a candidate does not have the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextCandidate {
    /// Ask the next candidate after this time.
    After(Duration),
    /// The time is over.
    NotThere,
    /// All candidates refuse.
    AllRefuse,
}

impl Search {
    /// Starts a search of these candidates, for at most this time.
    pub(crate) fn new(candidates: Vec<Location>, grace_period: Duration) -> Self {
        let candidate = |location| Candidate {
            location,
            is_refused: false,
        };
        Self {
            candidates: candidates.into_iter().map(candidate).collect(),
            next: 0,
            wait: FIRST_WAIT,
            grace_period,
        }
    }

    /// Returns the candidate to ask; `None` if there is none.
    pub(crate) fn candidate(&self) -> Option<&Location> {
        self.candidates.get(self.next).map(|it| &it.location)
    }

    /// Records that the candidate does not have the file, at this time since the search started.
    pub(crate) fn on_absent(&mut self, elapsed: Duration) -> NextCandidate {
        if let Some(next) = self.usable_from(self.next + 1) {
            self.next = next;
            return NextCandidate::After(Duration::ZERO);
        }
        let Some(first) = self.usable_from(0) else {
            return NextCandidate::AllRefuse;
        };
        let left = self.grace_period.saturating_sub(elapsed);
        if left.is_zero() {
            return NextCandidate::NotThere;
        }
        // The last round is at the end of the time.
        let wait = self.wait.min(left);
        self.wait = (self.wait * 3 / 2).min(MAX_WAIT);
        self.next = first;
        NextCandidate::After(wait)
    }

    /// Returns the first candidate from this one on that does not refuse.
    fn usable_from(&self, start: usize) -> Option<usize> {
        let mut candidates = self.candidates.iter().enumerate().skip(start);
        candidates
            .find(|(_, it)| !it.is_refused)
            .map(|(index, _)| index)
    }

    /// Records that the candidate refuses the credentials.
    pub(crate) fn on_refused(&mut self, elapsed: Duration) -> NextCandidate {
        if let Some(candidate) = self.candidates.get_mut(self.next) {
            candidate.is_refused = true;
        }
        self.on_absent(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn search(regions: &[&str], grace_period: Duration) -> Search {
        let region = |name: &&str| Location::Region((*name).to_owned());
        Search::new(regions.iter().map(region).collect(), grace_period)
    }

    fn name(search: &Search) -> &str {
        match search.candidate() {
            Some(Location::Region(name)) => name,
            _ => "",
        }
    }

    #[test]
    fn a_round_then_a_wait_until_the_time_is_over() {
        let mut search = search(&["a", "b"], 120 * SEC);
        let mut elapsed = Duration::ZERO;
        let mut asked = vec![(name(&search).to_owned(), 0)];
        let end = loop {
            match search.on_absent(elapsed) {
                NextCandidate::After(wait) => elapsed += wait,
                end => break end,
            }
            asked.push((name(&search).to_owned(), elapsed.as_secs()));
        };
        assert_eq!(end, NextCandidate::NotThere);
        assert_eq!(
            asked[..4],
            [("a", 0), ("b", 0), ("a", 2), ("b", 2)].map(|(n, t)| (n.to_owned(), t))
        );
        assert_eq!(asked.last().unwrap(), &("b".to_owned(), 120));
        assert!(asked.len() < 40, "{asked:?}");
    }

    #[test]
    fn a_candidate_that_refuses_is_not_asked_again() {
        let mut search = search(&["a", "b"], 120 * SEC);
        assert_eq!(
            search.on_refused(Duration::ZERO),
            NextCandidate::After(Duration::ZERO)
        );
        assert_eq!(
            search.on_absent(Duration::ZERO),
            NextCandidate::After(FIRST_WAIT)
        );
        assert_eq!(name(&search), "b");
        assert_eq!(search.on_refused(SEC), NextCandidate::AllRefuse);
    }

    #[test]
    fn no_time_is_one_round() {
        let mut search = search(&["a"], Duration::ZERO);
        assert_eq!(search.on_absent(Duration::ZERO), NextCandidate::NotThere);
    }
}
