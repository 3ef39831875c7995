//! Two schemas: their type first, and what is inside only where the type is the same.

use serde_json::Value;

use super::Comparison;
use crate::drift::at::At;
use crate::drift::finding::Class;
use crate::drift::rust::{self, Item};
use crate::drift::schema::{Bare, Contents, Form, choice_key};
use crate::drift::usage::Usage;

/// What is the same when it is false as when it is not there.
const FLAGS: [&str; 4] = ["deprecated", "nullable", "readOnly", "writeOnly"];

/// What schemas say to people, or to programs that are not our generator.
const DOCUMENTATION: [&str; 7] = [
    "title",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
];

impl<'d> Comparison<'d> {
    /// Compares the schemas of one place.
    ///
    /// What stands in place in one document and goes by a name in the other is the same when it
    /// means the same. Two names are two types in Rust, whatever they mean.
    pub(super) fn schemas(&mut self, ours: &At<'d>, theirs: &At<'d>, item: &Item, usage: Usage) {
        let (our, their) = (Bare::of(ours), Bare::of(theirs));
        let same_name = our.name == their.name && our.name.is_some();
        if !same_name && our.name.is_some() && their.name.is_some() {
            return self.type_changed(&our, &their, ours, item);
        }
        if same_name {
            self.met.extend(our.names().chain(their.names()));
            return self.said(&our, &their, item);
        }
        let places = (our.schema.pointer.clone(), their.schema.pointer.clone());
        if self.compared.insert(places) {
            let item = match &our.name {
                Some(name) => Item {
                    inner: self.overlaid.type_of(name).inner,
                    name: item.name.clone(),
                },
                None => item.clone(),
            };
            self.contents(&our, &their, ours, &item, usage);
        }
    }

    fn contents(
        &mut self,
        our: &Bare<'d>,
        their: &Bare<'d>,
        place: &At<'d>,
        item: &Item,
        usage: Usage,
    ) {
        let (ours, theirs) = (Contents::of(&our.schema), Contents::of(&their.schema));
        if ours.form != theirs.form
            || ours.values.is_some() != theirs.values.is_some()
            || rust::scalar(&ours) != rust::scalar(&theirs)
        {
            return self.type_changed(our, their, place, item);
        }
        self.met.extend(our.names().chain(their.names()));
        self.met
            .extend(ours.names.iter().chain(&theirs.names).cloned());
        self.said(our, their, item);
        if ours.format != theirs.format {
            let show = |format: Option<&'d str>| format.unwrap_or("none");
            let (one, other) = (show(ours.format), show(theirs.format));
            let message = format!("format: {one} -> {other}; the same type in Rust");
            self.changed(Class::Docs, place, item, message);
        }
        self.limits(&ours, &theirs, item, usage);
        if let (Some(ours), Some(theirs)) = (&ours.values, &theirs.values) {
            self.values(ours, theirs, item);
        }
        match ours.form {
            Form::Array => {
                let inner = item.within("item");
                self.insides(&ours.items, &theirs.items, place, &inner, usage);
            }
            Form::Map => {
                let inner = item.within("value");
                let (ours, theirs) = (ours.described_others(), theirs.described_others());
                self.insides(&ours, &theirs, place, &inner, usage);
            }
            Form::Object => self.objects(&ours, &theirs, item, usage),
            Form::Choice => self.choices(&ours, &theirs, item, usage),
            _ => {}
        }
    }

    /// A list or a map may not say what is in it.
    fn insides(
        &mut self,
        ours: &Option<At<'d>>,
        theirs: &Option<At<'d>>,
        place: &At<'d>,
        item: &Item,
        usage: Usage,
    ) {
        let describe = |at: &Option<At<'d>>| match at {
            Some(at) => Bare::of(at).describe(),
            None => "anything".to_owned(),
        };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => self.schemas(ours, theirs, item, usage),
            (None, None) => {}
            _ => {
                let message = format!("what it holds: {} -> {}", describe(ours), describe(theirs));
                self.changed(Class::Breaking, place, item, message);
            }
        }
    }

    fn choices(&mut self, ours: &Contents<'d>, theirs: &Contents<'d>, item: &Item, usage: Usage) {
        let find = |choices: &[At<'d>], key: &str| {
            choices.iter().find(|at| choice_key(at) == key).cloned()
        };
        for choice in &ours.choices {
            match find(&theirs.choices, &choice_key(choice)) {
                Some(other) => self.schemas(choice, &other, &item.within("variant"), usage),
                None => {
                    let message = format!("the choice of {} is gone", Bare::of(choice).describe());
                    self.removed(Class::Breaking, choice, &item.name, message);
                }
            }
        }
        for choice in &theirs.choices {
            if find(&ours.choices, &choice_key(choice)).is_none() {
                // The Rust enumeration of the choices is a closed one.
                let class = if usage.received {
                    Class::Breaking
                } else {
                    Class::Additive
                };
                let message = format!("{} is a new choice", Bare::of(choice).describe());
                self.added(class, choice, &item.name, message);
            }
        }
    }

    /// What is said about a place, besides the type. Whether null is allowed is no part of the
    /// type: for our types the overlay decides it, property by property.
    fn said(&mut self, our: &Bare<'d>, their: &Bare<'d>, item: &Item) {
        let named = our.name.is_some() && our.name == their.name;
        let said = |bare: &Bare<'d>, key: &str| {
            // A schema that goes by the same name in both speaks for itself, in its own place.
            let own = Some(&bare.schema).filter(|_| !named);
            let mut here = bare.wrappers.iter().chain(own);
            here.find_map(|at| at.get(key)).filter(|at| says(key, at))
        };
        for key in DOCUMENTATION {
            self.documentation(key, said(our, key), said(their, key), item);
        }
        let place = our.wrappers.first().unwrap_or(&our.schema);
        let message = match [our, their].map(|bare| said(bare, "nullable").is_some()) {
            [true, false] => "null is no longer allowed; for our types the overlay decides",
            [false, true] => "null is allowed now; for our types the overlay decides",
            _ => return,
        };
        self.changed(Class::Docs, &place.clone(), item, message.to_owned());
    }

    fn type_changed(&mut self, our: &Bare<'d>, their: &Bare<'d>, place: &At<'d>, item: &Item) {
        let message = format!("the type: {} -> {}", our.describe(), their.describe());
        self.changed(Class::Breaking, place, item, message);
    }
}

fn says(key: &str, at: &At<'_>) -> bool {
    !FLAGS.contains(&key) || *at.value == Value::Bool(true)
}
