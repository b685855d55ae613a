//! Holds the structure of the library: which parts of `src/` may use which, and what the operations
//! share.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each part of the library with the parts that it may use, all further down, so that there is no
/// circle.
const MAY_USE: [(&str, &[&str]); 19] = [
    (
        "json",
        &[
            "bulk",
            "api",
            "client",
            "transport",
            "request",
            "types",
            "operation",
            "model",
            "error",
            "interrupt",
            "log",
            "suggest",
            "sync",
        ],
    ),
    (
        "bulk",
        &[
            "api",
            "client",
            "request",
            "types",
            "operation",
            "error",
            "interrupt",
        ],
    ),
    ("params", &["api"]),
    ("user_token", &["error", "uuid"]),
    ("webhook", &["types", "error"]),
    (
        "api",
        &[
            "client",
            "request",
            "types",
            "operation",
            "model",
            "error",
            "suggest",
        ],
    ),
    (
        "client",
        &[
            "transport",
            "request",
            "types",
            "operation",
            "error",
            "interrupt",
            "log",
            "suggest",
            "sync",
        ],
    ),
    ("transport", &["operation", "error", "interrupt", "sync"]),
    ("request", &["operation", "error"]),
    ("types", &["model"]),
    ("operation", &["model"]),
    ("model", &[]),
    ("uuid", &["error"]),
    ("error", &[]),
    ("interrupt", &["sync"]),
    ("log", &["sync"]),
    ("suggest", &[]),
    ("sync", &[]),
    // Declares the parts and exports what is public.
    ("lib", &[]),
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!sources.is_empty());
    sources
}

/// The folder or file of `src/` that a source belongs to.
fn part(path: &Path) -> &str {
    let part = path.iter().nth(1).unwrap().to_str().unwrap();
    part.trim_end_matches(".rs")
}

/// Names after each `crate::` in the code of a source; its comments and unit tests apart.
fn uses(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let (group, listed) = match rest.strip_prefix('{') {
            Some(list) => (list.split_once("};").map_or(list, |(list, _)| list), true),
            None => (rest, false),
        };
        let items = group.split(',').take(if listed { usize::MAX } else { 1 });
        names.extend(items.map(|item| first_name(item.trim_start())));
    }
    names.remove("");
    names
}

fn first_name(path: &str) -> String {
    let part = path.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    part.take(1).collect()
}

/// The part that each name comes from which the root of the library exports.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for line in lib
        .split(';')
        .filter_map(|line| line.trim().rsplit_once("pub use "))
    {
        let (part, names) = line.1.split_once("::").unwrap();
        for name in names.split([',', '{', '}', ':']).map(str::trim) {
            exports.insert(name.to_owned(), part.to_owned());
        }
    }
    exports
}

#[test]
fn parts_use_only_parts_below_them() {
    let rank = |name: &str| MAY_USE.iter().position(|(part, _)| *part == name);
    for (part, allowed) in MAY_USE {
        for used in allowed {
            assert!(rank(used) > rank(part), "{part} may use {used}: a circle");
        }
    }
    let lib = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let exports = exports(&lib);
    assert_eq!(exports["Client"], "client");
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let sources = sources("src");
    for (path, text) in &sources {
        let part = part(path);
        let row = MAY_USE.iter().find(|(known, _)| *known == part);
        let (part, allowed) = row.unwrap_or_else(|| panic!("{part} is missing in MAY_USE"));
        for name in uses(text) {
            let is_part = MAY_USE.iter().any(|(known, _)| *known == name);
            let origin = exports.get(&name).filter(|_| !is_part).unwrap_or(&name);
            let Some((target, _)) = MAY_USE.iter().find(|(known, _)| known == origin) else {
                panic!(
                    "{}: crate::{name} is no part of the library",
                    path.display()
                );
            };
            if target != part {
                assert!(
                    allowed.contains(target),
                    "{}: {part} uses {target}",
                    path.display()
                );
                used.entry(part).or_default().insert(target);
            }
        }
    }
    for (part, allowed) in MAY_USE {
        let used = used.remove(part).unwrap_or_default();
        let allowed = allowed.iter().copied().collect();
        assert_eq!(used, allowed, "{part} does not use all that MAY_USE allows");
    }
}

#[test]
fn every_query_is_exported_by_a_name_like_those_of_the_sdks() {
    let params = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/params.rs")).unwrap();
    let names = uses_of_query().collect::<Vec<_>>();
    assert!(names.contains(&"UserListParams".to_owned()), "{names:?}");
    for name in names {
        assert!(name.ends_with("Params"), "{name}");
        assert!(params.contains(&name), "{name} is missing in src/params.rs");
    }
}

/// The names of the structs that `query!` declares.
fn uses_of_query() -> impl Iterator<Item = String> {
    let declared = |(_, text): (PathBuf, String)| {
        let parts = text.split("\nquery! {").skip(1);
        let name = |part: &str| first_name(part.split("pub struct ").nth(1).unwrap_or_default());
        parts.map(name).collect::<Vec<_>>()
    };
    sources("src/api").into_iter().flat_map(declared)
}
