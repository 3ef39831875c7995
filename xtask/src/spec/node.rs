//! Kinds of nodes in an OpenAPI document.
//!
//! The meaning of a key depends on the path to it: `description` is prose in a schema, a property
//! name below `properties`, and plain data below `example`. Every search for references or prose
//! therefore tracks the kind of the current node.

/// Kind of a node in an OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecNode {
    /// An object whose keys the specification defines, or a list of such objects.
    Object,
    /// A map to [`Object`](Self::Object)s, by names that the document's author chose.
    Map,
    /// A map to [`Map`](Self::Map)s: callbacks, by name and then by expression.
    MapOfMaps,
    /// Arbitrary JSON, without meaning in the specification.
    Data,
}

impl SpecNode {
    /// Returns the kind of the child at `key`.
    pub fn child(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::MapOfMaps => Self::Map,
            Self::Map => Self::Object,
            Self::Object if key.starts_with("x-") => Self::Data,
            Self::Object => match key {
                "example" | "default" | "enum" | "value" | "security" => Self::Data,
                "properties" | "schemas" | "parameters" | "responses" | "requestBodies"
                | "headers" | "examples" | "links" | "securitySchemes" | "content" | "encoding"
                | "mapping" | "variables" | "scopes" | "paths" => Self::Map,
                "callbacks" => Self::MapOfMaps,
                _ => Self::Object,
            },
        }
    }

    /// Returns the kind of the items, if this node is a list.
    ///
    /// The kind alone does not say whether it is: `parameters` is a list in one location and a map
    /// in another.
    pub fn item(self) -> Self {
        match self {
            Self::Data => Self::Data,
            _ => Self::Object,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SpecNode::{self, Data, Map, Object};

    fn kind(path: &[&str]) -> SpecNode {
        path.iter().fold(Object, |node, key| node.child(key))
    }

    #[test]
    fn author_chosen_names_are_not_keywords() {
        assert_eq!(kind(&["components", "schemas", "A", "properties"]), Map);
        assert_eq!(
            kind(&["components", "schemas", "A", "properties", "example"]),
            Object
        );
        assert_eq!(kind(&["components", "schemas", "A", "example"]), Data);
        assert_eq!(
            kind(&["components", "schemas", "A", "example", "properties"]),
            Data
        );
    }
}
