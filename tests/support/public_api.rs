//! Lists the public items of a crate from its sources, one per line, as input of a snapshot.
//!
//! An item of a private module is public if every parent module re-exports it. The fields,
//! variants, methods and traits of a type are listed with it, wherever in the crate they are
//! declared. An unsupported construct (a glob, a renamed item, a union) is a panic, so that no
//! public item is missed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quote::ToTokens;
use syn::{Attribute, Ident, ImplItem, Item, TraitItem, UseTree, Visibility};

use crate::rust_format::{
    derived_traits, format_generics, format_signature, format_trait, format_type, format_variant,
    visible_attributes,
};

/// Lists the public items of the crate whose sources are in this directory.
pub fn public_items(sources: &Path) -> String {
    let mut api = PublicApi::default();
    api.load("crate", true, parse_file(&sources.join("lib.rs")), sources);
    api.expand_macros();
    api.add_items();
    api.add_impls();
    for (public_path, traits) in std::mem::take(&mut api.traits) {
        let traits: Vec<String> = traits.into_iter().collect();
        api.add(
            &public_path,
            Rank::Traits,
            format!("{public_path}: {}", traits.join(", ")),
        );
    }
    let lines = api.lines.into_iter().map(|(_, _, line)| line + "\n");
    lines.collect()
}

#[derive(Default)]
struct PublicApi {
    /// The items of every module, by its path.
    modules: BTreeMap<String, Module>,
    /// Public paths of types, by their names.
    public: BTreeMap<String, String>,
    /// Implemented traits by public path.
    traits: BTreeMap<String, BTreeSet<String>>,
    /// Lines with their sort key: the item, and the rank inside the item.
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

impl PublicApi {
    fn add(&mut self, public_path: &str, rank: Rank, line: String) {
        self.lines.insert((public_path.to_owned(), rank, line));
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        self.modules.values().flat_map(|module| &module.items)
    }

    fn load(&mut self, path: &str, public: bool, mut items: Vec<Item>, directory: &Path) {
        items.retain(|item| {
            let visible_attributes = visible_attributes(attributes_and_name(item).0);
            !["cfg(test)", "cfg(fuzzing)"]
                .iter()
                .any(|attribute| visible_attributes.contains(attribute))
        });
        for item in &items {
            let Item::Mod(module) = item else { continue };
            let name = module.ident.to_string();
            let submodule_dir = directory.join(&name);
            let file = [
                submodule_dir.with_extension("rs"),
                submodule_dir.join("mod.rs"),
            ];
            let content = match &module.content {
                Some((_, items)) => items.clone(),
                None => parse_file(file.iter().find(|file| file.exists()).unwrap()),
            };
            let public = is_public(&module.vis);
            self.load(&format!("{path}::{name}"), public, content, &submodule_dir);
        }
        self.modules
            .insert(path.to_owned(), Module { public, items });
    }

    /// Expands invocations of the crate's own item macros, which have a single arm
    /// `($name:ident) => { items }`.
    fn expand_macros(&mut self) {
        let mut macros = BTreeMap::new();
        for item in self.items() {
            if let Item::Macro(item) = item
                && let Some(name) = &item.ident
                && let Some(rule) = MacroRule::parse(&item.mac.tokens)
            {
                macros.insert(name.to_string(), rule);
            }
        }
        // Another crate's macro, such as `thread_local`, defines no public item.
        let expand = |call: &syn::Macro| {
            let rule = macros.get(&last_segment(&call.path))?;
            rule.expand(&call.tokens)
        };
        for Module { items, .. } in self.modules.values_mut() {
            for mut item in std::mem::take(items) {
                let body = match &item {
                    Item::Macro(call) if call.ident.is_none() => expand(&call.mac),
                    _ => None,
                };
                if let Item::Impl(block) = &mut item {
                    for member in std::mem::take(&mut block.items) {
                        let body = match &member {
                            syn::ImplItem::Macro(call) => expand(&call.mac),
                            _ => None,
                        };
                        match body {
                            Some(body) => {
                                let expanded: syn::ItemImpl =
                                    syn::parse_str(&format!("impl Any {{ {body} }}")).unwrap();
                                block.items.extend(expanded.items);
                            }
                            None => block.items.push(member),
                        }
                    }
                }
                match body {
                    Some(body) => items.extend(syn::parse_file(&body).unwrap().items),
                    None => items.push(item),
                }
            }
        }
    }

    fn add_items(&mut self) {
        for (path, module) in self.modules.clone() {
            for (import, name) in module.items.iter().flat_map(exports) {
                let is_own = ["crate", "self", "super"].contains(&import[0].as_str())
                    || self.modules.contains_key(&format!("{path}::{}", import[0]));
                if is_own {
                    assert_eq!(import.last(), Some(&name), "unsupported renamed item");
                } else if let Some(public_path) = self.resolve_public_path(&path, &name) {
                    let line = format!("use {} as {public_path}", import.join("::"));
                    self.add(&public_path, Rank::Item, line);
                }
            }
            for item in &module.items {
                if let Some(name) = public_name(item)
                    && let Some(public_path) = self.resolve_public_path(&path, &name)
                {
                    self.add_item(item, &public_path);
                }
            }
        }
    }

    /// Returns the public path of a module's item: through public modules, and through re-exports
    /// of private ones.
    fn resolve_public_path(&self, module: &str, name: &str) -> Option<String> {
        let (mut module, mut exported, mut public_path) = (module, name, name.to_owned());
        while let Some((parent, segment)) = module.rsplit_once("::") {
            let mut exports = self.modules[parent].items.iter().flat_map(exports);
            if self.modules[module].public {
                public_path = format!("{segment}::{public_path}");
                exported = segment;
            } else if !exports.any(|(_, name)| name == exported) {
                return None;
            }
            module = parent;
        }
        Some(public_path)
    }

    fn add_item(&mut self, item: &Item, public_path: &str) {
        let visible_attributes = visible_attributes(attributes_and_name(item).0);
        let mut members = Vec::new();
        let line = match item {
            Item::Struct(item) => {
                for (index, field) in item.fields.iter().enumerate() {
                    if is_public(&field.vis) {
                        let name = field.ident.as_ref();
                        let name = name.map_or(index.to_string(), ToString::to_string);
                        members.push(format!("{public_path}.{name}: {}", format_type(&field.ty)));
                    }
                }
                let has_private_fields = members.len() < item.fields.len();
                let dots = if has_private_fields { " { .. }" } else { "" };
                format!(
                    "struct {public_path}{}{dots}",
                    format_generics(&item.generics)
                )
            }
            Item::Enum(item) => {
                let variants = item.variants.iter().map(format_variant);
                members.extend(variants.map(|variant| format!("{public_path}::{variant}")));
                format!("enum {public_path}{}", format_generics(&item.generics))
            }
            Item::Type(item) => {
                let generics = format_generics(&item.generics);
                format!("type {public_path}{generics} = {}", format_type(&item.ty))
            }
            Item::Fn(item) => format_signature(&item.sig, public_path),
            Item::Trait(item) => {
                for member in &item.items {
                    let TraitItem::Fn(member) = member else {
                        panic!("unsupported trait member: {public_path}");
                    };
                    let path = format!("{public_path}::{}", member.sig.ident);
                    members.push(format_signature(&member.sig, &path));
                }
                let supertraits = item.supertraits.to_token_stream();
                format!(
                    "trait {public_path}{}: {supertraits}",
                    format_generics(&item.generics)
                )
            }
            _ => panic!("unsupported public item: {public_path}"),
        };
        self.add(public_path, Rank::Item, line + &visible_attributes);
        for member in members {
            self.add(public_path, Rank::Member, member);
        }
        self.public
            .extend(public_name(item).map(|name| (name, public_path.to_owned())));
        let derived_traits = derived_traits(attributes_and_name(item).0);
        if !derived_traits.is_empty() {
            self.traits
                .entry(public_path.to_owned())
                .or_default()
                .extend(derived_traits);
        }
    }

    fn add_impls(&mut self) {
        let items: Vec<Item> = self.items().cloned().collect();
        let is_private_trait = |item: &&Item| {
            matches!(item, Item::Trait(_))
                && item_name(item).is_some_and(|name| !self.public.contains_key(&name))
        };
        let private_traits: BTreeSet<_> = items
            .iter()
            .filter(is_private_trait)
            .filter_map(item_name)
            .collect();
        let own_types: BTreeSet<String> = items.iter().filter_map(item_name).collect();
        for item in &items {
            let Item::Impl(item) = item else { continue };
            let self_type = format_type(&item.self_ty);
            // An implementation for a reference is listed with the type that it refers to.
            let referent = self_type.trim_start_matches('&').trim_start_matches("mut ");
            let name = referent
                .split('<')
                .next()
                .and_then(|path| path.rsplit("::").next());
            let public_path = match name.and_then(|name| self.public.get(name)) {
                Some(public_path) if referent == self_type => public_path.clone(),
                Some(_) => self_type,
                None if name.is_none_or(|name| own_types.contains(name)) => continue,
                None => self_type,
            };
            let condition = visible_attributes(&item.attrs);
            if let Some((path, _)) = &item.trait_ {
                if !private_traits.contains(&last_segment(path)) {
                    let line = format_trait(path, &item.items) + &condition;
                    self.traits.entry(public_path).or_default().insert(line);
                }
                continue;
            }
            for item in &item.items {
                let line = match item {
                    ImplItem::Fn(item) if is_public(&item.vis) => {
                        format_signature(&item.sig, &format!("{public_path}::{}", item.sig.ident))
                            + &visible_attributes(&item.attrs)
                    }
                    ImplItem::Const(item) if is_public(&item.vis) => {
                        format!(
                            "const {public_path}::{}: {}",
                            item.ident,
                            format_type(&item.ty)
                        )
                    }
                    _ => continue,
                };
                self.add(&public_path, Rank::Member, line + &condition);
            }
        }
    }
}

fn parse_file(path: &Path) -> Vec<Item> {
    let text = std::fs::read_to_string(path).unwrap();
    syn::parse_file(&text).unwrap().items
}

fn last_segment(path: &syn::Path) -> String {
    path.segments.last().unwrap().ident.to_string()
}

/// Returns the attributes of an item, and its visibility and name if it has them.
fn attributes_and_name(item: &Item) -> (&[Attribute], Option<(&Visibility, &Ident)>) {
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
        item => panic!("unsupported item: {}", item.to_token_stream()),
    }
}

fn item_name(item: &Item) -> Option<String> {
    attributes_and_name(item)
        .1
        .map(|(_, name)| name.to_string())
}

fn public_name(item: &Item) -> Option<String> {
    let (visibility, name) = attributes_and_name(item).1?;
    let is_public_item = is_public(visibility) && !matches!(item, Item::Mod(_));
    is_public_item.then(|| name.to_string())
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Returns the re-exports of an item: the path and the name of each.
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
        UseTree::Glob(_) => panic!("unsupported glob import"),
    }
}
/// The only rule of a macro, if its arguments are separated by commas.
struct MacroRule {
    parameters: Vec<String>,
    body: String,
}

impl MacroRule {
    fn parse(tokens: &proc_macro2::TokenStream) -> Option<Self> {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        let pattern = tokens.first()?.to_string();
        let pattern = pattern
            .trim_start_matches(['(', '{', '['])
            .trim_end_matches([')', '}', ']']);
        if pattern.contains("$ (") || pattern.contains("=>") || tokens.len() > 5 {
            return None;
        }
        let parameters = pattern
            .split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty());
        let parameters = parameters.map(|parameter| {
            let name = parameter.strip_prefix('$')?.split(':').next()?;
            Some(name.trim().to_owned())
        });
        let body = tokens.get(3)?.to_string();
        let body = body.strip_prefix('{')?.strip_suffix('}')?;
        Some(Self {
            parameters: parameters.collect::<Option<_>>()?,
            body: body.to_owned(),
        })
    }

    fn expand(&self, arguments: &proc_macro2::TokenStream) -> Option<String> {
        let mut values = vec![String::new()];
        for token in arguments.clone() {
            match token.to_string().as_str() {
                "," => values.push(String::new()),
                text => values.last_mut()?.push_str(text),
            }
        }
        values.retain(|value| !value.is_empty());
        if values.len() != self.parameters.len() {
            return None;
        }
        let mut arguments: Vec<_> = self.parameters.iter().zip(values).collect();
        // A name may begin with another one.
        arguments.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let body = arguments
            .iter()
            .fold(self.body.clone(), |body, (name, value)| {
                body.replace(&format!("$ {name}"), value)
            });
        Some(body)
    }
}
