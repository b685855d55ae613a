//! The documentation of the operations, for other languages than Rust.

use knock::{Operation, operations};

use crate::resources::split;

/// The documentation of an operation with its links to other operations, which are Rust's,
/// replaced by what `name` calls those, and lines filled up to `width`.
pub fn of_operation(
    operation: &Operation,
    name: &dyn Fn(&Operation) -> String,
    width: usize,
) -> Vec<String> {
    let text: Vec<&str> = operation.doc.lines().map(str::trim).collect();
    let text = without_links(&text.join("\n"), operation, name);
    let paragraphs = text.trim().split("\n\n");
    let filled = paragraphs.map(|paragraph| fill(paragraph, width));
    filled.collect::<Vec<_>>().join(&[String::new()][..])
}

/// Breaks text into lines of at most `width` characters.
pub fn fill(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Replaces ``[`text`](Path::method)`` by the name of the operation it leads to, or by its text.
fn without_links(text: &str, from: &Operation, name: &dyn Fn(&Operation) -> String) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, (shown, target), after)) = next_link(rest) {
        plain.push_str(before);
        let target = linked(target, from).map(name);
        plain.push_str(&target.unwrap_or_else(|| shown.replace('`', "")));
        rest = after;
    }
    plain + rest
}

/// The text before a link, its text and target, and the text after it.
fn next_link(text: &str) -> Option<(&str, (&str, &str), &str)> {
    let middle = text.find("](")?;
    let start = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    let link = (&text[start + 1..middle], &text[middle + 2..end]);
    Some((&text[..start], link, &text[end + 1..]))
}

/// The operation that a Rust path such as `super::Users::update` leads to.
fn linked(path: &str, from: &Operation) -> Option<&'static Operation> {
    let (owner, method) = path.rsplit_once("::")?;
    let owner = owner.rsplit("::").next()?;
    operations().find(|operation| {
        let (resource, name) = split(operation);
        let last = resource.rsplit('.').next().unwrap_or(resource);
        let same = match owner {
            "Self" => resource == split(from).0,
            _ => last.replace('_', "") == owner.to_lowercase(),
        };
        same && name == method
    })
}
