//! What a value of an OpenAPI document is, which only its place tells.
//!
//! A key called `description` is prose in a schema, a property's name below `properties`, and
//! somebody's data below `example`. Whoever looks for references or for prose has to know.

/// What stands at a place of an OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An object of the specification, with the specification's keys; or a list of such.
    Object,
    /// Objects of the specification by names that the document's author chose.
    Names,
    /// The same, two names deep: callbacks, by their name and then by their expression.
    NamesOfNames,
    /// Anything, and nothing that the specification gives a meaning to.
    Data,
}

impl Place {
    /// What stands below `key`.
    pub fn below(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::NamesOfNames => Self::Names,
            Self::Names => Self::Object,
            Self::Object if key.starts_with("x-") => Self::Data,
            Self::Object => match key {
                "example" | "default" | "enum" | "value" | "security" => Self::Data,
                "properties" | "schemas" | "parameters" | "responses" | "requestBodies"
                | "headers" | "examples" | "links" | "securitySchemes" | "content" | "encoding"
                | "mapping" | "variables" | "scopes" | "paths" => Self::Names,
                "callbacks" => Self::NamesOfNames,
                _ => Self::Object,
            },
        }
    }

    /// What stands in a list at this place. Only some of the specification's names, such as
    /// `parameters`, are lists in one place and names in another.
    pub fn item(self) -> Self {
        match self {
            Self::Data => Self::Data,
            _ => Self::Object,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place::{self, Data, Names, Object};

    fn place(path: &[&str]) -> Place {
        path.iter().fold(Object, |place, key| place.below(key))
    }

    #[test]
    fn a_name_is_no_keyword() {
        assert_eq!(place(&["components", "schemas", "A", "properties"]), Names);
        assert_eq!(
            place(&["components", "schemas", "A", "properties", "example"]),
            Object
        );
        assert_eq!(place(&["components", "schemas", "A", "example"]), Data);
        assert_eq!(
            place(&["components", "schemas", "A", "example", "properties"]),
            Data
        );
    }
}
