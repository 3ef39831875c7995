//! Every link of every Markdown file leads somewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use xtask::workspace;

/// What a Markdown file links to, and the anchors of its headings.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: Vec<String>,
}

impl Page {
    fn of(text: &str) -> Self {
        let mut page = Self::default();
        let mut heading: Option<String> = None;
        for event in Parser::new_ext(text, Options::all()) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    page.anchors
                        .extend(heading.take().map(|text| anchor(&text)));
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }
}

/// A heading's anchor, as the common hosts of repositories make it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The Markdown files that are kept under version control, or are about to be; but for those in
/// sources, whose links rustdoc follows.
fn pages() -> BTreeMap<PathBuf, Page> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.md",
        ])
        .current_dir(workspace::root())
        .output()
        .unwrap();
    assert!(output.status.success());
    let paths = String::from_utf8(output.stdout).unwrap();
    let page = |path: &str| {
        let text = fs::read_to_string(workspace::root().join(path)).unwrap();
        (PathBuf::from(path), Page::of(&text))
    };
    let on_their_own = paths.lines().filter(|path| !path.contains("/src/"));
    on_their_own.map(page).collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => _ = plain.pop(),
            Component::CurDir => {}
            part => plain.push(part),
        }
        plain
    })
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    assert!(pages.contains_key(Path::new("README.md")));
    let mut broken = Vec::new();
    for (path, page) in &pages {
        for link in &page.links {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = path.parent().unwrap_or(Path::new(""));
            let target = match file {
                "" => path.clone(),
                file => plain(&folder.join(file)),
            };
            let exists = workspace::root().join(&target).exists();
            let has_anchor = anchor.is_empty()
                || pages
                    .get(&target)
                    .is_some_and(|page| page.anchors.iter().any(|known| known == anchor));
            if !(exists && has_anchor) {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_heading_has_its_anchor() {
    assert_eq!(anchor("How to add an operation"), "how-to-add-an-operation");
    assert_eq!(anchor("What's `new`?"), "whats-new");
}
