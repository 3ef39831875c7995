//! Guard around the code of a caller's policies.
//!
//! A policy runs inside of a watch, while the state of the watch is locked. Whatever it does must end
//! its own call or watch at most: a panic becomes an error, and a call that would wait for the state of
//! a watch is refused, because two policies that wait for each other's would never end.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, ErrorKind, Result};

thread_local! {
    /// The watches whose policies this thread runs, innermost last: whether a call of theirs was refused.
    static REFUSALS: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
    /// Whether this thread makes the policy of a new watch.
    static IS_MAKING: Cell<bool> = const { Cell::new(false) };
}

/// Runs code of a policy. A panic becomes an error of kind [`ErrorKind::Policy`].
pub(crate) fn run<T>(code: impl FnOnce() -> T) -> Result<T> {
    // Whatever the panic leaves behind belongs to the policy, which is not used any more.
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| panic_error(&*panic))
}

pub(crate) fn panic_error(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let error = Error::new(ErrorKind::Policy, "a policy of the caller panicked");
    match text {
        Some(text) => error.with_source(text.to_owned()),
        None => error,
    }
}

/// Runs code that may run policies while the state of a watch is locked.
///
/// Fails if a call of a policy was refused.
pub(crate) fn while_locked<T>(code: impl FnOnce() -> T) -> (T, Result<()>) {
    let running = Running::enter();
    let value = code();
    let result = match running.leave() {
        false => Ok(()),
        true => Err(Error::new(
            ErrorKind::Policy,
            "a policy of the caller used a handle on watches while it was deciding",
        )),
    };
    (value, result)
}

/// Runs code that makes a new watch with its policy, one watch of a set at a time. Fails if the policy
/// panics, or a call of it was refused.
pub(crate) fn making<T>(code: impl FnOnce() -> T) -> Result<T> {
    IS_MAKING.set(true);
    let (made, _) = while_locked(|| {
        let (made, refusal) = while_locked(|| run(code));
        match refusal {
            Ok(()) => made,
            Err(error) => {
                // The destructor is code of the policy too.
                _ = run(|| drop(made));
                Err(error)
            }
        }
    });
    IS_MAKING.set(false);
    made
}

/// Returns whether a new watch is to be refused, because this thread is making the policy of another.
pub(crate) fn refuses_watch() -> bool {
    IS_MAKING.get() && refuses()
}

/// Returns whether a call that waits for the state of a watch is to be refused, because this thread runs
/// a policy. The watch of the policy then ends with an error.
pub(crate) fn refuses() -> bool {
    REFUSALS.with_borrow_mut(|refusals| match refusals.last_mut() {
        Some(is_refused) => {
            *is_refused = true;
            true
        }
        None => false,
    })
}

/// Entry of a watch, which ends when it is dropped.
struct Running;

impl Running {
    fn enter() -> Self {
        REFUSALS.with_borrow_mut(|refusals| refusals.push(false));
        Self
    }

    fn leave(self) -> bool {
        REFUSALS.with_borrow(|refusals| refusals.last() == Some(&true))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        REFUSALS.with_borrow_mut(Vec::pop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_text() {
        assert_eq!(run(|| 7).unwrap(), 7);
        let error = run(|| panic!("no {}", "idea")).unwrap_err();
        assert!(error.is_policy());
        assert_eq!(error.causes().next().unwrap().to_string(), "no idea");
    }

    #[test]
    fn a_call_of_a_policy_is_refused_and_ends_its_own_watch() {
        assert!(!refuses());
        let ((refused, inner), outer) = while_locked(|| while_locked(refuses));
        assert!(refused && inner.unwrap_err().is_policy() && outer.is_ok());
        let ((), result) = while_locked(|| ());
        assert!(result.is_ok() && !refuses());
        // A panic leaves nothing behind.
        let unwound = run(|| while_locked(|| panic!("no idea")));
        assert!(unwound.is_err() && !refuses());
    }
}
