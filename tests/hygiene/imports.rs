//! No circle of imports between the modules of a crate.
//!
//! Modules that import each other can only be understood together. Each file is a module here, and an
//! import is a `use` or a path that starts with `crate`, `self` or `super`, outside of tests. A
//! re-export is not an import of its own: an import through one counts as an import of the file that
//! defines the item.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};
use xtask::workspace;

/// Source directories of the hand-written crates.
const CRATES: [&str; 7] = [
    "crates/rhombus-clips/src",
    "crates/rhombus-clips-api/src",
    "crates/rhombus-clips-cli/src",
    "crates/rhombus-clips-sim/src",
    "xtask/src",
    "xtask/decode/src",
    "xtask/polling/src",
];

/// Path of a module from the root of its crate; empty for the root.
type ModulePath = Vec<String>;

/// Imports between the modules of a crate, each with the path that the import names.
type Imports = BTreeMap<ModulePath, BTreeMap<ModulePath, String>>;

#[test]
fn no_crate_has_a_circle_of_imports() {
    let mut circles = Vec::new();
    for source in CRATES {
        let mut modules = BTreeMap::new();
        read_modules(&workspace::root().join(source), &[], &mut modules);
        assert!(!modules.is_empty(), "no module in {source}");
        let found = find_circles(&imports(&modules));
        circles.extend(found.iter().map(|circle| format!("{source}: {circle}")));
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// Parses the modules of a directory, except generated ones and tests.
fn read_modules(directory: &Path, parent: &[String], modules: &mut BTreeMap<ModulePath, Module>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "generated" || name == "tests" {
            continue;
        }
        let mut module = parent.to_vec();
        if path.is_dir() {
            module.push(name);
            read_modules(&path, &module, modules);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            if !["lib", "main", "mod"].contains(&name.as_str()) {
                module.push(name);
            }
            let text = fs::read_to_string(&path).unwrap();
            modules.insert(module, Module::parse(&text));
        }
    }
}

/// Definitions and paths of one file.
#[derive(Default)]
struct Module {
    definitions: BTreeSet<String>,
    /// Paths of re-exports, and the names under which they are known here; `*` for a glob.
    re_exports: Vec<(String, Vec<String>)>,
    imports: Vec<Vec<String>>,
    /// Number of inline modules around the current item.
    depth: usize,
}

impl Module {
    fn parse(text: &str) -> Self {
        let mut module = Self::default();
        module.visit_file(&syn::parse_file(text).unwrap());
        module
    }

    /// Adds an import, unless it stays inside of the file.
    fn import(&mut self, mut path: Vec<String>) {
        for _ in 0..self.depth {
            match path.first().map(String::as_str) {
                Some("super") => drop(path.remove(0)),
                Some("crate") => break,
                _ => return,
            }
        }
        self.imports.push(path);
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        if attributes(item).iter().any(is_for_tests) {
            return;
        }
        if self.depth == 0 {
            self.definitions.extend(defined_name(item));
        }
        if let Item::Mod(inline) = item
            && inline.content.is_some()
        {
            self.depth += 1;
            visit::visit_item(self, item);
            self.depth -= 1;
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut paths = Vec::new();
        flatten(&item.tree, &[], &mut paths);
        for (name, path) in paths {
            match item.vis {
                Visibility::Inherited => self.import(path),
                _ => self.re_exports.push((name, path)),
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if segments.len() > 1 && ["crate", "super", "self"].contains(&segments[0].as_str()) {
            self.import(segments);
        }
        visit::visit_path(self, path);
    }
}

/// Lists the paths of a `use`, each with the name that it introduces.
fn flatten(tree: &UseTree, prefix: &[String], paths: &mut Vec<(String, Vec<String>)>) {
    let joined = |last: &dyn ToString| {
        let mut path = prefix.to_vec();
        path.push(last.to_string());
        path
    };
    match tree {
        UseTree::Path(path) => flatten(&path.tree, &joined(&path.ident), paths),
        UseTree::Name(name) if name.ident == "self" => {
            paths.push((prefix.last().cloned().unwrap_or_default(), prefix.to_vec()));
        }
        UseTree::Name(name) => paths.push((name.ident.to_string(), joined(&name.ident))),
        UseTree::Rename(rename) => paths.push((rename.rename.to_string(), joined(&rename.ident))),
        UseTree::Glob(_) => paths.push(("*".to_owned(), prefix.to_vec())),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| flatten(tree, prefix, paths)),
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<syn::Path>()
            .is_ok_and(|condition| condition.is_ident("test"))
}

fn defined_name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(item) if item.content.is_some() => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Resolves the imports of all modules to the modules that define the items.
fn imports(modules: &BTreeMap<ModulePath, Module>) -> Imports {
    let mut imports = Imports::new();
    for (path, module) in modules {
        let targets = imports.entry(path.clone()).or_default();
        for import in &module.imports {
            let target = absolute(modules, path, import).map(|item| defining(modules, &item, 0));
            if let Some(target) = target.filter(|target| target != path) {
                targets.entry(target).or_insert_with(|| import.join("::"));
            }
        }
    }
    imports
}

/// Returns a path from the root of the crate; `None` for a path into another crate.
fn absolute(
    modules: &BTreeMap<ModulePath, Module>,
    module: &[String],
    path: &[String],
) -> Option<Vec<String>> {
    let mut base = module.to_vec();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|segment| segment == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child => {
            let mut child_path = base.clone();
            child_path.push(child.to_owned());
            if !modules.contains_key(&child_path) {
                return None;
            }
        }
    }
    base.extend_from_slice(rest);
    Some(base)
}

/// Returns the module that defines an item, following re-exports.
fn defining(modules: &BTreeMap<ModulePath, Module>, item: &[String], hops: usize) -> ModulePath {
    let length = (0..=item.len()).rfind(|length| modules.contains_key(&item[..*length]));
    let (module, rest) = item.split_at(length.unwrap_or(0));
    let Some(name) = rest.first() else {
        return module.to_vec();
    };
    let Some(content) = modules.get(module) else {
        return module.to_vec();
    };
    // A re-export of itself would never end.
    if content.definitions.contains(name) || hops > modules.len() {
        return module.to_vec();
    }
    for (exported, path) in &content.re_exports {
        let Some(mut target) = absolute(modules, module, path) else {
            continue;
        };
        if exported == "*" {
            target.push(name.clone());
            let definer = defining(modules, &target, hops + 1);
            if modules[&definer].definitions.contains(name) {
                return definer;
            }
        } else if exported == name {
            return defining(modules, &target, hops + 1);
        }
    }
    module.to_vec()
}

/// Returns one shortest circle through each module that is part of one, without repetition.
fn find_circles(imports: &Imports) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut covered = BTreeSet::new();
    for start in imports.keys() {
        if covered.contains(start) {
            continue;
        }
        if let Some(circle) = shortest_circle(imports, start) {
            covered.extend(circle.iter().cloned());
            found.insert(describe(imports, &circle));
        }
    }
    found
}

/// Searches breadth-first for a way from a module back to itself.
fn shortest_circle(imports: &Imports, start: &ModulePath) -> Option<Vec<ModulePath>> {
    let mut ways = vec![vec![start.clone()]];
    let mut visited = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for target in imports.get(way.last()?)?.keys() {
                if target == start {
                    return Some(way);
                }
                if visited.insert(target.clone()) {
                    longer.push([way.clone(), vec![target.clone()]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn describe(imports: &Imports, circle: &[ModulePath]) -> String {
    let name = |module: &ModulePath| match module.is_empty() {
        true => "the root".to_owned(),
        false => module.join("::"),
    };
    let mut text = name(&circle[0]);
    for (index, module) in circle.iter().enumerate() {
        let next = &circle[(index + 1) % circle.len()];
        let import = &imports[module][next];
        text.push_str(&format!(" -> {} (by {import})", name(next)));
    }
    text
}

/// Returns the circles of a crate of these files, each a path and its text.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let modules = files.iter().map(|(path, text)| {
        let path = path.split("::").filter(|segment| !segment.is_empty());
        (path.map(str::to_owned).collect(), Module::parse(text))
    });
    let circles = find_circles(&imports(&modules.collect()));
    circles.into_iter().collect()
}

#[test]
fn a_circle_is_described_with_its_imports() {
    let circles = circles_of(&[
        ("", "mod a; mod b; mod c;"),
        ("a", "use crate::b::B; pub struct A;"),
        ("b", "use super::c; pub struct B;"),
        ("c", "pub fn f() { crate::a::A; }"),
    ]);
    let expected = "a -> b (by crate::b::B) -> c (by super::c) -> a (by crate::a::A)";
    assert_eq!(circles, [expected]);
}

#[test]
fn an_import_through_a_re_export_is_one_of_the_definer() {
    let circles = circles_of(&[
        ("", "mod a; mod b; pub use a::inner::A; pub use b::*;"),
        ("a", "pub mod inner;"),
        ("a::inner", "use crate::B; pub struct A;"),
        ("b", "use crate::A; pub struct B;"),
    ]);
    let expected = "a::inner -> b (by crate::B) -> a::inner (by crate::A)";
    assert_eq!(circles, [expected]);
}

#[test]
fn tests_other_crates_and_inline_modules_make_no_circle() {
    let circles = circles_of(&[
        ("", "mod a; mod b; pub use b::B;"),
        (
            "a",
            "use std::fmt; #[cfg(test)] mod tests { use crate::b::B; } mod inline { use super::A; } pub struct A;",
        ),
        (
            "b",
            "use crate::a::A; #[cfg(test)] use crate::a; pub struct B(A);",
        ),
    ]);
    assert_eq!(circles, [""; 0]);
}
