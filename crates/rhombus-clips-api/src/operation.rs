//! Operations of the service, with their declared effects.

use crate::generated::OPERATIONS;

/// Effect of an operation on the data of the service. It decides whether a request may be repeated after
/// it may have arrived.
///
/// Every operation is a `POST`, and the service has no idempotency keys, so neither the method nor a
/// header of a request tells. An operation's name does not count either: the effect is
/// [declared](Operation::reason) for each operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The operation changes nothing, so a request may be repeated at any time.
    Read,
    /// The operation changes something, or nothing is declared of it. A second request may do it twice,
    /// such as create a second clip.
    Write,
}

impl Effect {
    /// Returns the effect of the operation with this [ID](Operation::id) or
    /// [method name](Operation::method_name): [`Effect::Write`] for one that this version does not know.
    ///
    /// ```
    /// use rhombus_clips_api::Effect;
    ///
    /// assert_eq!(Effect::of("getClipWithProgress"), Effect::Read);
    /// assert_eq!(Effect::of("getSomethingNew"), Effect::Write);
    /// ```
    pub fn of(operation: &str) -> Self {
        Operation::find(operation).map_or(Self::Write, Operation::effect)
    }
}

/// An operation of the service that the [`Client`](crate::Client) has a method for.
///
/// ```
/// use rhombus_clips_api::{Effect, Operation};
///
/// for operation in Operation::ALL {
///     let reason = operation.reason().unwrap_or("not declared");
///     println!("{}: {:?}, {reason}", operation.id(), operation.effect());
/// }
/// let operation = Operation::find("get_clip_with_progress").expect("the client has this method");
/// assert_eq!(operation.id(), "getClipWithProgress");
/// assert_eq!(operation.effect(), Effect::Read);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method_name: &'static str,
    pub(crate) effect: Effect,
    pub(crate) reason: Option<&'static str>,
}

impl Operation {
    /// All operations, sorted by their IDs.
    pub const ALL: &'static [Self] = OPERATIONS;

    /// Returns the operation with this [ID](Self::id) or [method name](Self::method_name); `None` for one
    /// that this version does not know.
    pub fn find(name: &str) -> Option<&'static Self> {
        let mut all = Self::ALL.iter();
        all.find(|operation| operation.id == name || operation.method_name == name)
    }

    /// The `operationId` of the service's document, such as `getClipWithProgress`.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Name of the method of [`Client`](crate::Client), such as `get_clip_with_progress`.
    pub fn method_name(&self) -> &'static str {
        self.method_name
    }

    /// The declared effect; [`Effect::Write`] if none is declared.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Reason for the declared effect; `None` if none is declared.
    ///
    /// The service's document does not say which operations change anything. This project declares it in
    /// the [overlay](https://spec.openapis.org/overlay/v1.1.0.html) of that document that the client is
    /// generated with, one operation at a time.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_has_two_names_and_one_effect() {
        assert!(!Operation::ALL.is_empty());
        for operation in Operation::ALL {
            for name in [operation.id(), operation.method_name()] {
                assert_eq!(Operation::find(name), Some(operation), "{name}");
                assert_eq!(Effect::of(name), operation.effect(), "{name}");
            }
        }
    }

    #[test]
    fn the_effect_is_not_guessed() {
        let is_read = |operation: &&Operation| operation.effect() == Effect::Read;
        let mut reads = Operation::ALL.iter().filter(is_read);
        assert!(reads.all(|operation| operation.reason().is_some()));
        for unknown in [
            "getClipWithProgressV2",
            "get_clip",
            "GETCLIPWITHPROGRESS",
            "",
        ] {
            assert_eq!(Operation::find(unknown), None, "{unknown}");
            assert_eq!(Effect::of(unknown), Effect::Write, "{unknown}");
        }
    }
}
