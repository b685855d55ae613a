//! `types`: a class for each object in a response.

use knock::model::schema::{Kind, Member, Schema, Type};
use knock::{Pagination, operations};

use super::annotation;
use super::groups::Groups;
use super::module::{Module, TYPING, WIDTH, docstring, filled};
use super::names;

pub fn modules() -> Vec<Module> {
    let groups = Groups::of_results();
    let mut modules = Vec::new();
    let mut exports = Vec::new();
    for (group, types) in groups.modules() {
        let path = format!("types.{group}");
        let mut module = Module::new(&path, parts_of(&types));
        for schema in &types {
            write(schema, &groups, &mut module);
            exports.push((schema.name, group.to_owned()));
        }
        modules.push(module);
    }
    for schema in knock::schemas() {
        if matches!(schema.kind, Kind::Enum { .. }) {
            exports.push((schema.name, "enums".to_owned()));
        }
    }
    modules.push(super::params::index(
        "types",
        "The types of results, and the known values of texts.",
        exports,
    ));
    modules
}

fn write(schema: &'static Schema, groups: &Groups, module: &mut Module) {
    match schema.kind {
        Kind::Model { fields, rest } => write_model(schema, fields, rest, groups, module),
        Kind::Union { branches, .. } => {
            // An alias is made as the module loads, so what it names must be there by then.
            let branches = branches.iter().map(|branch| {
                if let Some(schema) = branch.ty.schema()
                    && let Some(path) = annotation::result_path(schema, groups)
                {
                    module.import(&path, schema.name);
                }
                annotation::of_result(branch.ty, groups, module)
            });
            let union = branches.collect::<Vec<_>>().join(" | ");
            let mut line = format!("{}: TypeAlias = {union}", schema.name);
            if line.len() > WIDTH {
                let union = union.replace(" | ", "\n    | ");
                line = format!("{}: TypeAlias = (\n    {union}\n)", schema.name);
            }
            module.import_for_types("typing", "TypeAlias");
            module.body.push_str(&format!("\n\n{line}\n"));
            module
                .body
                .push_str(&docstring(&filled(schema.doc, WIDTH), 0));
        }
        Kind::Enum { .. } => {}
    }
}

fn write_model(
    schema: &Schema,
    fields: &[Member],
    rest: &str,
    groups: &Groups,
    module: &mut Module,
) {
    let list = page_of(schema.name, fields);
    let base = match list {
        Some((_, element)) => {
            module.import("knock_client._pages", "Page");
            let element = annotation::of_result(element, groups, module);
            format!("Page[{element}]")
        }
        None => {
            module.import("knock_client._models", "Model");
            "Model".into()
        }
    };
    let required: Vec<String> = fields
        .iter()
        .filter(|field| field.is_required())
        .map(|field| format!("{:?},", field.wire))
        .collect();
    let required = match required.is_empty() {
        true => String::new(),
        false => format!(", required=({})", tuple(&required)),
    };
    let mut text = format!("\n\nclass {}({base}{required}):\n", schema.name);
    if text.trim_start().len() > WIDTH {
        text = format!(
            "\n\nclass {}(\n    {base},\n    {},\n):\n",
            schema.name,
            &required[2..]
        );
    }
    text.push_str(&docstring(&filled(schema.doc, WIDTH - 4), 4));
    text.push('\n');
    let (mut keys, mut wraps) = (String::new(), String::new());
    for field in fields {
        let name = names::of_field(field);
        let mut ty = annotation::of_result(field.ty, groups, module);
        if list.is_some_and(|(key, _)| key == field.wire) {
            ty = ty.trim_end_matches(" | None").into();
        }
        text.push_str(&format!("    {name}: {ty}\n"));
        text.push_str(&docstring(&filled(field.doc, WIDTH - 10), 4));
        if name != field.wire {
            keys.push_str(&format!("        {name:?}: {:?},\n", field.wire));
        }
        if let Some(wrap) = annotation::wrap(field.ty, groups, module) {
            wraps.push_str(&format!("        {name:?}: {wrap},\n"));
        }
    }
    if rest != "extra" {
        module.import_for_types("typing", "Any");
        text.push_str(&format!(
            "    {rest}: dict[str, Any]\n    \"\"\"The fields that are none of these: a user's custom properties.\"\"\"\n"
        ));
    }
    if !keys.is_empty() {
        text.push_str(&format!("\n    _keys = {{\n{keys}    }}\n"));
    }
    if !wraps.is_empty() {
        text.push_str(&format!("\n    _wraps = {{\n{wraps}    }}\n"));
    }
    if let Some((key, _)) = list {
        text.push_str(&format!("\n    _list = {key:?}\n"));
    }
    if rest != "extra" {
        module.import(TYPING, "TYPE_CHECKING");
        text.push_str(&format!("\n    _rest = {rest:?}\n"));
        text.push_str(
            "\n    if TYPE_CHECKING:\n        # A custom property may have any name.\n        \
             def __getattr__(self, name: str) -> Any: ...\n",
        );
    }
    module.body.push_str(&text);
}

/// Contents of a module. The whole comes last in it.
pub fn parts_of(types: &[&Schema]) -> String {
    let whole = types.last().map_or("", |schema| schema.name);
    match types.len() {
        1 => format!("`{whole}`."),
        _ => format!("`{whole}`, and what it is made of."),
    }
}

/// One element of a tuple keeps its comma, several have none at the end.
fn tuple(elements: &[String]) -> String {
    let text = elements.join(" ");
    match elements.len() {
        1 => text,
        _ => text.trim_end_matches(',').into(),
    }
}

/// The key of the items and their type, where the model is a page.
fn page_of(name: &str, fields: &[Member]) -> Option<(&'static str, Type)> {
    let operation = operations().find(|operation| {
        let response = operation.response.and_then(Type::schema);
        operation.pagination.is_some() && response.is_some_and(|schema| schema.name == name)
    })?;
    let key = operation.pagination.map(Pagination::key)?;
    let field = fields.iter().find(|field| field.wire == key)?;
    match field.ty {
        Type::List(element) | Type::Optional(&Type::List(element)) => Some((key, *element)),
        _ => None,
    }
}
