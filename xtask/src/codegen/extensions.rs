//! Extensions by which the overlay controls the generator.
//!
//! | extension | applies to | effect |
//! |---|---|---|
//! | [`NAME`] | schema, property, operation | Rust name of the type, field or method |
//! | [`TYPE_NAME`] | inline schema | Rust name of its type |
//! | [`VARIANT_NAMES`] | enumeration | Rust names of its values |
//! | [`ESSENTIAL`] | property | decoding the object fails if the property has the wrong type |
//! | [`EFFECT`] | operation | whether it reads or writes, and the reason |

/// Rust name of a named schema, a property or an operation.
pub const NAME: &str = "x-rust-name";

/// Rust name of the type of an inline schema.
pub const TYPE_NAME: &str = "x-rust-type-name";

/// Rust names of an enumeration's values, by value.
pub const VARIANT_NAMES: &str = "x-rust-variant-names";

/// Marks a property whose value decides whether its object is of use.
pub const ESSENTIAL: &str = "x-rust-essential";

/// Effect of an operation, with the reason.
pub const EFFECT: &str = "x-rust-effect";

/// All extensions.
pub const ALL: [&str; 5] = [NAME, TYPE_NAME, VARIANT_NAMES, ESSENTIAL, EFFECT];
