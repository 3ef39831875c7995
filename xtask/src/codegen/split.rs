//! One generated file a concept: the client, and each type in a file of its own name.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use quote::{format_ident, quote};
use syn::visit::{self, Visit};
use syn::{File, Item, parse_quote};

/// Files by their path below the generated folder, as Rust.
pub type RustFiles = BTreeMap<String, File>;

/// Splits progenitor's refined file, and adds the items of types generated beside it.
pub fn split(file: File, beside: Vec<(String, Vec<Item>)>) -> RustFiles {
    let mut client = Vec::new();
    let mut types: BTreeMap<String, Vec<Item>> = beside.into_iter().collect();
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                for item in module.content.into_iter().flat_map(|(_, items)| items) {
                    types.entry(type_name(&item)).or_default().push(item);
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
    files
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
fn type_name(item: &Item) -> String {
    match item {
        Item::Struct(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Impl(item) => {
            let self_type = &item.self_ty;
            quote!(#self_type).to_string()
        }
        other => quote!(#other).to_string(),
    }
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
