//! How many tries again a client has left.

use std::fmt;
use std::time::Duration;

use tower::retry::budget::{Budget as _, TpsBudget};

/// Shared by all calls of a client.
pub(crate) struct RetryBudget(TpsBudget);

impl RetryBudget {
    pub(crate) fn new() -> Self {
        // One try again a second, kept for a minute, and one for every five successes.
        Self(TpsBudget::new(Duration::from_secs(60), 1, 0.2))
    }

    /// An attempt succeeded.
    pub(crate) fn deposit(&self) {
        self.0.deposit();
    }

    /// Takes the right to one more try, if there is one left.
    pub(crate) fn withdraw(&self) -> bool {
        self.0.withdraw()
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryBudget")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_spent_and_comes_back() {
        let budget = RetryBudget::new();
        let spend = || (0..1000).take_while(|_| budget.withdraw()).count();
        assert_eq!(spend(), 60);
        (0..100).for_each(|_| budget.deposit());
        assert_eq!(spend(), 20);
        tokio::time::advance(Duration::from_secs(120)).await;
        assert_eq!(spend(), 60);
    }
}
