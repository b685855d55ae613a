//! Holds the structure of the library: which parts of `src/` may use which, and what the operations
//! share.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use knock::{Operation, operations};

/// Each part of the library with the parts that it may use, all further down, so that there is no
/// circle.
const MAY_USE: [(&str, &[&str]); 21] = [
    (
        "json",
        &[
            "bulk",
            "user_token",
            "webhook",
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
            "parse",
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
    ("webhook", &["types", "error", "exact", "parse"]),
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
            "exact",
            "interrupt",
            "log",
            "parse",
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
    ("exact", &[]),
    ("parse", &[]),
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

fn has_word(text: &str, word: &str) -> bool {
    let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(in_word) && !after.is_some_and(in_word)
    })
}

/// The names of the types that an operation takes and returns.
fn types(operation: &Operation) -> Vec<&'static str> {
    let body = operation.body.map(|body| body.ty);
    let types = body.into_iter().chain(operation.response);
    types
        .filter_map(|ty| ty.schema())
        .map(|schema| schema.name)
        .collect()
}

/// Whether a path in a test's source is one of this template. What the test fills in may be several segments.
fn fits(template: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let filled_in = path.last().is_some_and(|last| last.starts_with('{'));
    let same_length = template.len() == path.len();
    (same_length || (filled_in && template.len() > path.len()))
        && template.iter().zip(&path).all(|(expected, given)| {
            expected.starts_with('{') || expected == given || given.starts_with('{')
        })
}

/// A declaration, its types, a handler in the sandbox, and a test of its behavior there.
#[test]
fn every_operation_has_its_four_files() {
    let joined = |folder| {
        let sources = sources(folder).into_iter();
        sources.map(|(_, text)| text).collect::<String>()
    };
    let declarations = joined("src/api");
    let models = joined("src/types");
    let handlers = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/sandbox/src/routes/handlers.rs"
    ));
    let handlers = handlers.unwrap();
    let tests = joined("sandbox/tests");
    let paths: Vec<_> = tests
        .split('"')
        .filter(|text| text.starts_with("/v1/"))
        .collect();
    for operation in operations() {
        let name = operation.name;
        let quoted = format!("\"{}\"", operation.operation_id);
        assert!(
            declarations.contains(&quoted),
            "{name} is not declared in src/api"
        );
        for model in types(operation) {
            assert!(
                has_word(&models, model),
                "{model}, which {name} takes or returns, is not in src/types"
            );
        }
        let (_, method) = name.rsplit_once('.').unwrap();
        // A handler of the operation's own name may stand in a file that is listed whole.
        let module = name.rsplit('.').nth(1).unwrap();
        let routes = format!(
            "{}/sandbox/src/routes/{module}.rs",
            env!("CARGO_MANIFEST_DIR")
        );
        let routes = fs::read_to_string(routes).unwrap_or_default();
        assert!(
            has_word(&handlers, method) || routes.contains(&format!("fn {method}(")),
            "{name} has no handler in sandbox/src/routes"
        );
        assert!(
            paths.iter().any(|path| fits(operation.path, path)),
            "{name} has no test in sandbox/tests: none asks for {}",
            operation.path
        );
    }
}

#[test]
fn a_path_fits_its_template_alone() {
    assert!(fits("/v1/users/{user_id}", "/v1/users/jane?a=b"));
    assert!(fits("/v1/users/{user_id}/merge", "/v1/users/{user}/merge"));
    assert!(fits(
        "/v1/users/{user_id}/feeds/{id}/settings",
        "/v1/users/jane/feeds/{rest}"
    ));
    assert!(!fits("/v1/users/{user_id}/merge", "/v1/users/jane"));
    assert!(!fits(
        "/v1/users/{user_id}/merge",
        "/v1/users/jane/messages"
    ));
}
