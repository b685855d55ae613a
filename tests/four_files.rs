//! Holds that each operation has its four files: a declaration, its types, a handler in the sandbox, and a test of its
//! behavior there. The message names the one that is missing.

use std::fs;
use std::path::Path;

use knock::{Operation, operations};

/// The sources below a folder, as one text.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
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

#[test]
fn every_operation_has_its_four_files() {
    let declarations = sources("src/api");
    let models = sources("src/types");
    let handlers = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/sandbox/src/routes/handlers.rs"
    ));
    let handlers = handlers.unwrap();
    let tests = sources("sandbox/tests");
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
