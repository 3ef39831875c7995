//! Nothing but the dependencies: see the tests.
