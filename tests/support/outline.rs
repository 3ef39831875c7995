//! The public items of a crate, from its sources, a line each.
//!
//! An item of a private module counts where every module above hands it on. A type's fields,
//! variants, methods and traits come with it, wherever in the crate they are written. What this
//! reader does not know (a glob, a renamed item, a union) stops it: nothing public is passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quote::ToTokens;
use syn::{Attribute, Ident, ImplItem, Item, TraitItem, UseTree, Visibility};

use crate::rust_text::{
    derives, generics_text, marks, signature_text, trait_text, type_text, variant_text,
};

/// The outline of the crate whose sources are in a folder.
pub fn outline(sources: &Path) -> String {
    let mut outline = Outline::default();
    outline.load("crate", true, read(&sources.join("lib.rs")), sources);
    outline.expand_macros();
    outline.publish();
    outline.publish_impls();
    for (at, traits) in std::mem::take(&mut outline.traits) {
        let traits: Vec<String> = traits.into_iter().collect();
        outline.add(&at, Rank::Traits, format!("{at}: {}", traits.join(", ")));
    }
    let lines = outline.lines.into_iter().map(|(_, _, line)| line + "\n");
    lines.collect()
}

#[derive(Default)]
struct Outline {
    /// The items of every module, by its path.
    modules: BTreeMap<String, Module>,
    /// Where types are public, by their own names.
    public: BTreeMap<String, String>,
    /// What every type implements.
    traits: BTreeMap<String, BTreeSet<String>>,
    /// Lines behind what they are sorted by: the item, and the rank in it.
    lines: BTreeSet<(String, Rank, String)>,
}

#[derive(Clone)]
struct Module {
    public: bool,
    items: Vec<Item>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Item,
    Traits,
    Member,
}

impl Outline {
    fn add(&mut self, at: &str, rank: Rank, line: String) {
        self.lines.insert((at.to_owned(), rank, line));
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        self.modules.values().flat_map(|module| &module.items)
    }

    fn load(&mut self, path: &str, public: bool, mut items: Vec<Item>, folder: &Path) {
        items.retain(|item| {
            let marks = marks(parts(item).0);
            !["cfg(test)", "cfg(fuzzing)"]
                .iter()
                .any(|mark| marks.contains(mark))
        });
        for item in &items {
            let Item::Mod(module) = item else { continue };
            let name = module.ident.to_string();
            let below = folder.join(&name);
            let file = [below.with_extension("rs"), below.join("mod.rs")];
            let content = match &module.content {
                Some((_, items)) => items.clone(),
                None => read(file.iter().find(|file| file.exists()).unwrap()),
            };
            let public = is_public(&module.vis);
            self.load(&format!("{path}::{name}"), public, content, &below);
        }
        self.modules
            .insert(path.to_owned(), Module { public, items });
    }

    /// Writes out the crate's own macros, of one arm `($name:ident) => { items }`, where they
    /// stand for items.
    fn expand_macros(&mut self) {
        let mut bodies = BTreeMap::new();
        for item in self.items() {
            if let Item::Macro(item) = item
                && let Some(name) = &item.ident
            {
                let body = item.mac.tokens.clone().into_iter().nth(3).unwrap();
                let body = body.to_string();
                let items = body
                    .strip_prefix('{')
                    .and_then(|body| body.strip_suffix('}'));
                bodies.insert(name.to_string(), items.unwrap().to_owned());
            }
        }
        for Module { items, .. } in self.modules.values_mut() {
            for item in std::mem::take(items) {
                match &item {
                    Item::Macro(call) if call.ident.is_none() => {
                        let body = &bodies[&last(&call.mac.path)];
                        let body = body.replace("$ name", &call.mac.tokens.to_string());
                        items.extend(syn::parse_file(&body).unwrap().items);
                    }
                    _ => items.push(item),
                }
            }
        }
    }

    fn publish(&mut self) {
        for (path, module) in self.modules.clone() {
            for (import, name) in module.items.iter().flat_map(exports) {
                let own = ["crate", "self", "super"].contains(&import[0].as_str())
                    || self.modules.contains_key(&format!("{path}::{}", import[0]));
                if own {
                    assert_eq!(import.last(), Some(&name), "a renamed item");
                } else if let Some(at) = self.public_path(&path, &name) {
                    let line = format!("use {} as {at}", import.join("::"));
                    self.add(&at, Rank::Item, line);
                }
            }
            for item in &module.items {
                if let Some(name) = public_name(item)
                    && let Some(at) = self.public_path(&path, &name)
                {
                    self.publish_item(item, &at);
                }
            }
        }
    }

    /// Where a public item of a module is to be had: out of a private module, where the one above
    /// hands it on.
    fn public_path(&self, module: &str, name: &str) -> Option<String> {
        let (mut module, mut handed_on, mut at) = (module, name, name.to_owned());
        while let Some((above, segment)) = module.rsplit_once("::") {
            let mut exports = self.modules[above].items.iter().flat_map(exports);
            if self.modules[module].public {
                at = format!("{segment}::{at}");
                handed_on = segment;
            } else if !exports.any(|(_, name)| name == handed_on) {
                return None;
            }
            module = above;
        }
        Some(at)
    }

    fn publish_item(&mut self, item: &Item, at: &str) {
        let marks = marks(parts(item).0);
        let mut members = Vec::new();
        let line = match item {
            Item::Struct(item) => {
                for (index, field) in item.fields.iter().enumerate() {
                    if is_public(&field.vis) {
                        let name = field.ident.as_ref();
                        let name = name.map_or(index.to_string(), ToString::to_string);
                        members.push(format!("{at}.{name}: {}", type_text(&field.ty)));
                    }
                }
                let hides = members.len() < item.fields.len();
                let dots = if hides { " { .. }" } else { "" };
                format!("struct {at}{}{dots}", generics_text(&item.generics))
            }
            Item::Enum(item) => {
                let variants = item.variants.iter().map(variant_text);
                members.extend(variants.map(|variant| format!("{at}::{variant}")));
                format!("enum {at}{}", generics_text(&item.generics))
            }
            Item::Type(item) => {
                let generics = generics_text(&item.generics);
                format!("type {at}{generics} = {}", type_text(&item.ty))
            }
            Item::Fn(item) => signature_text(&item.sig, at),
            Item::Trait(item) => {
                for member in &item.items {
                    let TraitItem::Fn(member) = member else {
                        panic!("a member of a trait that this outline does not know: {at}");
                    };
                    let path = format!("{at}::{}", member.sig.ident);
                    members.push(signature_text(&member.sig, &path));
                }
                let above = item.supertraits.to_token_stream();
                format!("trait {at}{}: {above}", generics_text(&item.generics))
            }
            _ => panic!("a public item of a kind that this outline does not know: {at}"),
        };
        self.add(at, Rank::Item, line + &marks);
        for member in members {
            self.add(at, Rank::Member, member);
        }
        self.public
            .extend(public_name(item).map(|name| (name, at.to_owned())));
        let derives = derives(parts(item).0);
        if !derives.is_empty() {
            self.traits
                .entry(at.to_owned())
                .or_default()
                .extend(derives);
        }
    }

    fn publish_impls(&mut self) {
        let items: Vec<Item> = self.items().cloned().collect();
        let is_hidden_trait = |item: &&Item| {
            matches!(item, Item::Trait(_))
                && name(item).is_some_and(|name| !self.public.contains_key(&name))
        };
        let hidden_traits: BTreeSet<_> = items
            .iter()
            .filter(is_hidden_trait)
            .filter_map(name)
            .collect();
        let own: BTreeSet<String> = items.iter().filter_map(name).collect();
        for item in &items {
            let Item::Impl(item) = item else { continue };
            let of = type_text(&item.self_ty);
            // For a reference, as for what it refers to.
            let referred = of.trim_start_matches('&').trim_start_matches("mut ");
            let name = referred
                .split('<')
                .next()
                .and_then(|path| path.rsplit("::").next());
            let at = match name.and_then(|name| self.public.get(name)) {
                Some(at) if referred == of => at.clone(),
                Some(_) => of,
                None if name.is_none_or(|name| own.contains(name)) => continue,
                None => of,
            };
            let condition = marks(&item.attrs);
            if let Some((path, _)) = &item.trait_ {
                if !hidden_traits.contains(&last(path)) {
                    let line = trait_text(path, &item.items) + &condition;
                    self.traits.entry(at).or_default().insert(line);
                }
                continue;
            }
            for item in &item.items {
                let line = match item {
                    ImplItem::Fn(item) if is_public(&item.vis) => {
                        signature_text(&item.sig, &format!("{at}::{}", item.sig.ident))
                            + &marks(&item.attrs)
                    }
                    ImplItem::Const(item) if is_public(&item.vis) => {
                        format!("const {at}::{}: {}", item.ident, type_text(&item.ty))
                    }
                    _ => continue,
                };
                self.add(&at, Rank::Member, line + &condition);
            }
        }
    }
}

fn read(path: &Path) -> Vec<Item> {
    let text = std::fs::read_to_string(path).unwrap();
    syn::parse_file(&text).unwrap().items
}

fn last(path: &syn::Path) -> String {
    path.segments.last().unwrap().ident.to_string()
}

/// The attributes of an item, and its visibility and name if it has them.
fn parts(item: &Item) -> (&[Attribute], Option<(&Visibility, &Ident)>) {
    match item {
        Item::Const(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Enum(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Fn(item) => (&item.attrs, Some((&item.vis, &item.sig.ident))),
        Item::Mod(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Static(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Struct(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Trait(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Type(item) => (&item.attrs, Some((&item.vis, &item.ident))),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, None),
        Item::Use(item) => (&item.attrs, None),
        item => panic!("an item of an unknown kind: {}", item.to_token_stream()),
    }
}

fn name(item: &Item) -> Option<String> {
    parts(item).1.map(|(_, name)| name.to_string())
}

fn public_name(item: &Item) -> Option<String> {
    let (visibility, name) = parts(item).1?;
    let is_it = is_public(visibility) && !matches!(item, Item::Mod(_));
    is_it.then(|| name.to_string())
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// What an item hands on: the path of each name, and the name.
fn exports(item: &Item) -> Vec<(Vec<String>, String)> {
    match item {
        Item::Use(item) if is_public(&item.vis) => imports(&item.tree),
        _ => Vec::new(),
    }
}

fn imports(tree: &UseTree) -> Vec<(Vec<String>, String)> {
    match tree {
        UseTree::Name(leaf) => vec![(vec![leaf.ident.to_string()], leaf.ident.to_string())],
        UseTree::Rename(leaf) => vec![(vec![leaf.ident.to_string()], leaf.rename.to_string())],
        UseTree::Group(group) => group.items.iter().flat_map(imports).collect(),
        UseTree::Path(path) => {
            let mut below = imports(&path.tree);
            for (segments, _) in &mut below {
                segments.insert(0, path.ident.to_string());
            }
            below
        }
        UseTree::Glob(_) => panic!("a glob import"),
    }
}
