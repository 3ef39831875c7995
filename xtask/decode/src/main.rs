//! Decodes recorded responses, one JSON body per line, with the generated types, and counts decode
//! issues and failures.
//!
//! This is a separate package because it depends on the generated client, which `xtask` generates and
//! therefore must not depend on. It is started by `cargo xtask decode`.

#[path = "../../src/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use rhombus_clips_api::types::GetClipWithProgressResponse;
use serde_json::Value;

use terminal::sanitize_line;

/// The document from which the types are generated.
const FRAGMENT: &str = include_str!("../../../openapi/clips.json");

/// Maximum length of a chain of references, which terminates cyclic ones. Chosen: far longer than any
/// chain in the fragment; not tuned.
const MAX_REF_HOPS: usize = 32;

/// JSON pointer to the response schema in the fragment.
const RESPONSE_SCHEMA: &str =
    "/paths/~1api~1event~1getClipWithProgress/post/responses/200/content/application~1json/schema";

/// Maximum number of failures that are listed individually. Chosen: fits one screen; not tuned.
const MAX_LISTED_FAILURES: usize = 20;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [path] = arguments.as_slice() else {
        eprintln!(
            "error: expected one argument; pass a file of recorded responses, or - for standard input"
        );
        return ExitCode::from(2);
    };
    let tally = match read(path) {
        Ok(tally) => tally,
        Err(error) => {
            eprintln!("error: {}: {error}", Path::new(path).display());
            return ExitCode::from(2);
        }
    };
    match terminal::print(&tally.to_string()) {
        Err(error) => {
            eprintln!("error: <stdout>: not writable: {error}");
            ExitCode::from(2)
        }
        Ok(()) if tally.failed == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
    }
}

fn read(path: &OsStr) -> io::Result<Tally> {
    let input: Box<dyn Read> = if path == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    let mut number = 0;
    while input.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        if !line.trim_ascii().is_empty() {
            tally.count(number, &line);
        }
        line.clear();
    }
    Ok(tally)
}

/// Counts of responses and their decode issues.
///
/// Memory is bounded by the number of distinct issues, not by the number of responses: recordings may
/// be arbitrarily long.
#[derive(Debug, Default)]
struct Tally {
    schema_paths: SchemaPaths,
    clean: u64,
    with_issues: u64,
    failed: u64,
    issues: BTreeMap<(String, String), u64>,
    /// Issues of responses that have more than are listed.
    unlisted: usize,
    failures: Vec<(u64, String)>,
}

impl Tally {
    /// Decodes and counts the response on a line.
    fn count(&mut self, line: u64, body: &[u8]) {
        match rhombus_clips_api::decode::<GetClipWithProgressResponse>(body) {
            Ok(response) if response.decode_issues.is_empty() => self.clean += 1,
            Ok(response) => {
                self.with_issues += 1;
                for issue in &response.decode_issues {
                    let path = self.schema_paths.generalize(&issue.pointer);
                    let key = (path, issue.reason.clone());
                    *self.issues.entry(key).or_default() += 1;
                }
                self.unlisted += response.decode_issues.omitted();
            }
            Err(error) => {
                self.failed += 1;
                if self.failures.len() < MAX_LISTED_FAILURES {
                    self.failures.push((line, error.to_string()));
                }
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "responses{:>9}",
            self.clean + self.with_issues + self.failed
        )?;
        writeln!(f, "clean    {:>9}", self.clean)?;
        writeln!(f, "with issues {:>6}", self.with_issues)?;
        let mut issues: Vec<_> = self.issues.iter().collect();
        issues.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for ((path, reason), count) in issues {
            let issue = format!("{path}: {reason}");
            writeln!(f, "         {count:>9}  {}", sanitize_line(&issue))?;
        }
        if self.unlisted > 0 {
            writeln!(
                f,
                "         {:>9}  not listed by their response",
                self.unlisted
            )?;
        }
        writeln!(f, "failed   {:>9}", self.failed)?;
        for (line, reason) in &self.failures {
            writeln!(f, "           line {line}: {}", sanitize_line(reason))?;
        }
        let more = self.failed - self.failures.len() as u64;
        if more > 0 {
            writeln!(f, "           and {more} more")?;
        }
        Ok(())
    }
}

/// Generalizes JSON pointers into responses by means of the OpenAPI fragment.
///
/// Decode issues are reported with concrete pointers, which contain array indices and map keys such
/// as device UUIDs. Issues can be counted by property only after these are replaced by `*`, and only
/// the schema tells a map's key from a property's name.
#[derive(Debug)]
struct SchemaPaths {
    document: Value,
}

impl Default for SchemaPaths {
    fn default() -> Self {
        // Without a valid document, pointers are returned unchanged.
        let document = serde_json::from_str(FRAGMENT).unwrap_or_default();
        Self { document }
    }
}

impl SchemaPaths {
    /// Replaces array indices and map keys in a pointer with `*`.
    fn generalize(&self, pointer: &str) -> String {
        let mut schema = self.document.pointer(RESPONSE_SCHEMA);
        let segments = pointer.split('/').skip(1);
        let generalized = segments.map(|segment| {
            let parent = schema.take().and_then(|schema| self.resolve(schema));
            let property =
                parent.and_then(|parent| parent.pointer(&format!("/properties/{segment}")));
            let element = parent.and_then(|parent| {
                let map_value = || parent.get("additionalProperties");
                parent.get("items").or_else(map_value)
            });
            schema = property.or(element);
            match (property, element) {
                (None, Some(_)) => "/*".to_owned(),
                _ => format!("/{segment}"),
            }
        });
        generalized.collect()
    }

    /// Follows references and single-item `allOf` wrappers.
    fn resolve<'d>(&'d self, mut schema: &'d Value) -> Option<&'d Value> {
        for _ in 0..MAX_REF_HOPS {
            let part = schema.pointer("/allOf/0").unwrap_or(schema);
            let Some(reference) = part.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            schema = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }
}
