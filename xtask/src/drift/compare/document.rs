//! What two documents say about the service as a whole, and the schemas that they name.

use std::collections::BTreeMap;

use super::Comparison;
use crate::drift::at::At;
use crate::drift::finding::Class;
use crate::drift::rust::Item;
use crate::drift::schema::Bare;

impl<'d> Comparison<'d> {
    /// The service's title and version, and where it is.
    pub(super) fn documents(&mut self) {
        let client = Item::of_type("Client".to_owned());
        for key in ["title", "version"] {
            let place = format!("/info/{key}");
            let (ours, theirs) = (At::find(self.ours, &place), At::find(self.theirs, &place));
            self.documentation(key, ours, theirs, &client);
        }
        let servers = |document| match At::find(document, "") {
            Some(root) => root.items("servers"),
            None => Vec::new(),
        };
        let (ours, theirs) = (servers(self.ours), servers(self.theirs));
        let is_in = |servers: &[At<'d>], server: &At<'d>| {
            let mut urls = servers.iter().map(|at| at.text("url"));
            urls.any(|url| url == server.text("url"))
        };
        let url = |server: &At<'d>| server.text("url").unwrap_or_default().to_owned();
        for server in ours.iter().filter(|server| !is_in(&theirs, server)) {
            let message = format!("the server {} is gone", url(server));
            self.removed(Class::Docs, server, &client.name, message);
        }
        for server in theirs.iter().filter(|server| !is_in(&ours, server)) {
            let message = format!("a new server: {}", url(server));
            self.added(Class::Docs, server, &client.name, message);
        }
    }

    /// Every named schema: each is a type in Rust.
    ///
    /// Called last: a name that one document has and the other does without, for the same
    /// meaning, is known by then.
    pub(super) fn components(&mut self) {
        let schemas = |document| -> BTreeMap<&'d str, At<'d>> {
            let components = At::find(document, "/components");
            let schemas = components.map(|components| components.names("schemas"));
            schemas.into_iter().flatten().collect()
        };
        let (ours, theirs) = (schemas(self.ours), schemas(self.theirs));
        for (name, our) in &ours {
            if let Some(their) = theirs.get(name) {
                let (item, usage) = (self.overlaid.type_of(name), self.usages.get(name));
                self.schemas(our, their, &item, usage);
            }
        }
        for (name, our) in &ours {
            if !theirs.contains_key(name) && !self.met.contains(*name) {
                let message = format!("the schema is gone: {}", Bare::of(our).describe());
                let item = self.overlaid.type_of(name);
                self.removed(Class::Breaking, our, &item.name, message);
            }
        }
        for (name, their) in &theirs {
            if !ours.contains_key(name) && !self.met.contains(*name) {
                let message = format!("a new schema: {}", Bare::of(their).describe());
                let item = self.overlaid.type_of(name);
                self.added(Class::Additive, their, &item.name, message);
            }
        }
    }
}
