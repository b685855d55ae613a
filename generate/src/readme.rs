//! The table of operations in the README.

use std::fs;

use knock::Operation;

use crate::resources::resources;
use crate::text;

const PATH: &str = "README.md";
const START: &str = "<!-- operations: generated -->\n";
const END: &str = "<!-- /operations -->";

/// The README with its table made anew.
pub fn text() -> String {
    let readme = fs::read_to_string(crate::root().join(PATH)).expect("the README can be read");
    let (head, rest) = readme
        .split_once(START)
        .expect("the README has the table's start");
    let (_, tail) = rest
        .split_once(END)
        .expect("the README has the table's end");
    format!("{head}{START}{}{END}{tail}", table())
}

fn table() -> String {
    let mut table = String::from("| name | HTTP | what it does |\n|---|---|---|\n");
    for operation in resources().iter().flat_map(|resource| &resource.operations) {
        let deprecated = if operation.deprecated {
            " *(deprecated)*"
        } else {
            ""
        };
        table.push_str(&format!(
            "| `{}` | {} `{}` | {}{deprecated} |\n",
            operation.name,
            operation.method,
            operation.path,
            summary(operation),
        ));
    }
    table
}

/// The first paragraph of an operation's documentation.
fn summary(operation: &Operation) -> String {
    let name = |operation: &Operation| format!("`{}`", operation.name);
    let lines = text::of_operation(operation, &name, usize::MAX);
    lines.into_iter().next().unwrap_or_default()
}
