//! One generated file a concept: the client, and each type in a file of its own name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heck::ToSnakeCase;
use quote::{format_ident, quote};
use syn::visit::{self, Visit};
use syn::{File, Item, Type, parse_quote};

use crate::error::{Error, Result};

/// Files by their path below the generated folder, as Rust.
pub type RustFiles = BTreeMap<String, File>;

/// Splits progenitor's refined file, and adds the items of types generated beside it; `path` is
/// the file to blame.
pub fn split(path: &Path, file: File, beside: Vec<(String, Vec<Item>)>) -> Result<RustFiles> {
    let mut client = Vec::new();
    let mut types: BTreeMap<String, Vec<Item>> = beside.into_iter().collect();
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                for item in module.content.into_iter().flat_map(|(_, items)| items) {
                    let name = type_name(&item).ok_or_else(|| unexpected(path, &item))?;
                    types.entry(name).or_default().push(item);
                }
            }
            item => client.push(item),
        }
    }
    let names: BTreeSet<String> = types.keys().cloned().collect();
    let modules: Vec<_> = names
        .iter()
        .map(|name| format_ident!("{}", name.to_snake_case()))
        .collect();
    let exports: Vec<_> = names.iter().map(|name| format_ident!("{name}")).collect();

    let mut files = RustFiles::new();
    files.insert(
        "mod.rs".to_owned(),
        parse_quote! {
            //! What progenitor makes of the service's document.

            mod client;
            pub mod types;

            pub use client::{ByteStream, Client, ClientInfo, Error, ResponseValue};
        },
    );
    client.insert(
        0,
        Item::Use(parse_quote!(
            use super::types;
        )),
    );
    files.insert("client.rs".to_owned(), file_of(client));
    files.insert(
        "types/mod.rs".to_owned(),
        parse_quote! {
            //! The shapes of the service's requests and responses.

            #(mod #modules;)*

            #(pub use #modules::#exports;)*
        },
    );
    for (name, mut items) in types {
        let used = used_types(&items, &names, &name);
        if !used.is_empty() {
            let used = used.iter().map(|name| format_ident!("{name}"));
            items.insert(0, Item::Use(parse_quote!(use super::{#(#used),*};)));
        }
        files.insert(format!("types/{}.rs", name.to_snake_case()), file_of(items));
    }
    Ok(files)
}

fn file_of(items: Vec<Item>) -> File {
    File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items,
    }
}

/// The type that an item defines, or is about.
fn type_name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Type(item) => Some(item.ident.to_string()),
        Item::Impl(item) => match &*item.self_ty {
            Type::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        },
        _ => None,
    }
}

fn unexpected(path: &Path, item: &Item) -> Error {
    let text: String = quote!(#item).to_string().chars().take(80).collect();
    Error::new(
        path,
        format!("progenitor made something that has no file of its own: {text}"),
    )
}

fn used_types(items: &[Item], names: &BTreeSet<String>, own: &str) -> BTreeSet<String> {
    struct Used<'a> {
        names: &'a BTreeSet<String>,
        found: BTreeSet<String>,
    }
    impl Visit<'_> for Used<'_> {
        fn visit_path(&mut self, path: &syn::Path) {
            if let Some(ident) = path.segments.first().map(|first| first.ident.to_string())
                && self.names.contains(&ident)
            {
                self.found.insert(ident);
            }
            visit::visit_path(self, path);
        }
    }
    let mut used = Used {
        names,
        found: BTreeSet::new(),
    };
    items.iter().for_each(|item| used.visit_item(item));
    used.found.remove(own);
    used.found
}
