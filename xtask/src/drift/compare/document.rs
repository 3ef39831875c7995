//! Comparison of document-level metadata and of named schemas.

use std::collections::BTreeMap;

use super::Comparison;
use crate::drift::finding::Class;
use crate::drift::node::Node;
use crate::drift::rust_item::RustItem;
use crate::drift::schema::ResolvedSchema;

impl<'d> Comparison<'d> {
    /// Compares the title, version and servers.
    pub(super) fn compare_metadata(&mut self) {
        let client = RustItem::for_type("Client".to_owned());
        for key in ["title", "version"] {
            let pointer = format!("/info/{key}");
            let (ours, theirs) = (
                Node::find(self.ours, &pointer),
                Node::find(self.theirs, &pointer),
            );
            self.compare_annotation(key, ours, theirs, &client);
        }
        let servers = |document| match Node::find(document, "") {
            Some(root) => root.items("servers"),
            None => Vec::new(),
        };
        let (ours, theirs) = (servers(self.ours), servers(self.theirs));
        let contains = |servers: &[Node<'d>], server: &Node<'d>| {
            let mut urls = servers.iter().map(|node| node.text("url"));
            urls.any(|url| url == server.text("url"))
        };
        let url = |server: &Node<'d>| server.text("url").unwrap_or_default().to_owned();
        for server in ours.iter().filter(|server| !contains(&theirs, server)) {
            let message = format!("server removed: {}", url(server));
            self.record_removed(Class::Docs, server, &client.name, message);
        }
        for server in theirs.iter().filter(|server| !contains(&ours, server)) {
            let message = format!("server added: {}", url(server));
            self.record_added(Class::Docs, server, &client.name, message);
        }
    }

    /// Compares the named schemas, each of which is a Rust type.
    ///
    /// Must be called last: by then `matched_names` contains the names that only one document uses
    /// for a schema that the other one defines inline.
    pub(super) fn compare_components(&mut self) {
        let schemas = |document| -> BTreeMap<&'d str, Node<'d>> {
            let components = Node::find(document, "/components");
            let schemas = components.map(|components| components.entries("schemas"));
            schemas.into_iter().flatten().collect()
        };
        let (ours, theirs) = (schemas(self.ours), schemas(self.theirs));
        for (name, our) in &ours {
            if let Some(their) = theirs.get(name) {
                let (item, direction) = (self.overlaid.rust_type(name), self.directions.get(name));
                self.compare_schemas(our, their, &item, direction);
            }
        }
        for (name, our) in &ours {
            if !theirs.contains_key(name) && !self.matched_names.contains(*name) {
                let message = format!(
                    "schema removed: {}",
                    ResolvedSchema::resolve(our).describe()
                );
                let item = self.overlaid.rust_type(name);
                self.record_removed(Class::Breaking, our, &item.name, message);
            }
        }
        for (name, their) in &theirs {
            if !ours.contains_key(name) && !self.matched_names.contains(*name) {
                let message = format!(
                    "schema added: {}",
                    ResolvedSchema::resolve(their).describe()
                );
                let item = self.overlaid.rust_type(name);
                self.record_added(Class::Additive, their, &item.name, message);
            }
        }
    }
}
