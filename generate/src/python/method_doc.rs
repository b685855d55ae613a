//! The docstring of a method.

use knock::{Operation, TIER_LIMITS};

use super::method::{Argument, Body};
use super::module::{WIDTH, filled};
use super::names;
use crate::text::{self, fill};

/// The paragraphs of a method's docstring.
pub fn of_method(
    operation: &Operation,
    query: &[Argument],
    body: &Body,
    custom: bool,
) -> Vec<String> {
    let mut doc: Vec<String> =
        vec![text::of_operation(operation, &python_name, WIDTH - 8).join("\n")];
    let limit = usize::from(operation.tier)
        .checked_sub(1)
        .and_then(|tier| TIER_LIMITS.get(tier));
    let call = format!(
        "Calls `{} {}`, which Knock limits to {} requests a second.",
        operation.method,
        operation.path,
        limit.copied().unwrap_or_default()
    );
    doc.extend(filled(&call, WIDTH - 8));
    if operation.deprecated {
        doc.push("Knock advises against this call.".into());
    }
    let path = operation.arguments.iter();
    let mut arguments: Vec<(String, String)> = path
        .map(|argument| (names::variable(argument.name), argument.doc.to_owned()))
        .collect();
    match body {
        Body::Whole(argument) => arguments.push((argument.name.clone(), argument.doc.clone())),
        Body::Fields(fields) => arguments.extend(fields.iter().map(described)),
        Body::None => {}
    }
    arguments.extend(query.iter().map(described));
    if custom {
        let taken = "Custom properties whose names are taken by an argument of this method.";
        arguments.push(("properties".into(), taken.into()));
        arguments.push((
            "**custom".into(),
            "Custom properties, any JSON. Also what concerns this call alone, see `CallOptions`."
                .into(),
        ));
    } else {
        arguments.push((
            "**options".into(),
            "What concerns this call alone, see `CallOptions`.".into(),
        ));
    }
    doc.push(section("Args", &arguments));
    let errors = [
        (
            "InvalidArgumentError",
            "An argument cannot be sent; nothing was.",
        ),
        (
            "APIError",
            "The server refused, or no response could be had; see its subclasses.",
        ),
    ];
    doc.push(section(
        "Raises",
        &errors.map(|(name, doc)| (name.to_owned(), doc.to_owned())),
    ));
    doc
}

fn described(argument: &Argument) -> (String, String) {
    (argument.name.clone(), argument.doc.clone())
}

fn section(title: &str, entries: &[(String, String)]) -> String {
    let lines = entries.iter().map(|(name, doc)| {
        let doc = fill(&format!("{name}: {doc}"), WIDTH - 12);
        format!("\n  {}", doc.join("\n    "))
    });
    format!("{title}:{}", lines.collect::<String>())
}

fn python_name(operation: &Operation) -> String {
    format!("`client.{}`", operation.name)
}
