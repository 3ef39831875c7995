//! One row of the result table: a case, and the ways in which it differs from its expectation.

use crate::call::{CallResult, EntryPoint};
use crate::catalogue::Protocol;
use crate::expected::{Expected, Outcome};
use crate::test_config::{KEY, TIMEOUT_TOLERANCE, TestConfig};

/// Characters shown in front of a leaked key.
const LEAK_CONTEXT_CHARS: usize = 60;

#[derive(Debug)]
pub struct Row {
    pub fault: String,
    pub protocol: Protocol,
    pub occurrence: String,
    pub entry_point: EntryPoint,
    pub outcome: Outcome,
    pub requests: u64,
    /// Empty if the case passed.
    pub violations: Vec<String>,
}

impl Row {
    /// Compares a call with its expectation. `received` is the number of requests that reached the
    /// service.
    pub fn evaluate(
        (fault, protocol, occurrence, entry_point): (&str, Protocol, &str, EntryPoint),
        (result, received): (CallResult, u64),
        (expected, config): (Expected, &TestConfig),
    ) -> Self {
        let requests = result.polls.unwrap_or(received);
        let mut violations = result.violations;
        let mut check = |is_violated: bool, text: String| {
            if is_violated {
                violations.push(text);
            }
        };
        check(
            result.outcome != expected.outcome,
            format!("expected {}", expected.outcome),
        );
        check(
            !expected.requests.allows(requests, result.elapsed, config),
            format!("{requests} requests, expected {:?}", expected.requests),
        );
        // The library may count a request that was sent and lost, but never misses one.
        check(
            received > requests,
            format!("the service received {received} requests"),
        );
        check(
            result.elapsed > config.timeout + TIMEOUT_TOLERANCE,
            format!("ended late, after {:?}", result.elapsed),
        );
        let leak = result.exposed_text.split_once(KEY).map(|(before, _)| {
            let skipped = before.chars().count().saturating_sub(LEAK_CONTEXT_CHARS);
            before.chars().skip(skipped).collect::<String>()
        });
        check(leak.is_some(), format!("leaks the API key after {leak:?}"));
        Self {
            fault: fault.to_owned(),
            protocol,
            occurrence: occurrence.to_owned(),
            entry_point,
            outcome: result.outcome,
            requests,
            violations,
        }
    }
}
