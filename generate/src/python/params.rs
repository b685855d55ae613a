//! `params`: a typed dictionary for each object in a request.

use knock::model::schema::{Kind, Schema};

use super::annotation;
use super::groups::Groups;
use super::module::{Module, TYPING, WIDTH, docstring, filled};

pub fn modules() -> Vec<Module> {
    let (requests, results) = (Groups::of_requests(), Groups::of_results());
    let mut modules = Vec::new();
    let mut exports = Vec::new();
    for (group, types) in requests.modules() {
        let mut module = Module::new(&format!("params.{group}"), super::models::parts_of(&types));
        for schema in types {
            write(schema, &requests, &results, &mut module);
            exports.push((schema.name, group.to_owned()));
        }
        modules.push(module);
    }
    modules.push(index(
        "params",
        "The types of what requests are made of.",
        exports,
    ));
    modules
}

fn write(schema: &Schema, requests: &Groups, results: &Groups, module: &mut Module) {
    match schema.kind {
        Kind::Model { fields, .. } => {
            module.import("typing", "TypedDict");
            module.import(TYPING, "hinted");
            let mut text = format!(
                "\n\n@hinted\nclass {}(TypedDict, total=False):\n",
                schema.name
            );
            text.push_str(&docstring(&filled(schema.doc, WIDTH - 4), 4));
            text.push('\n');
            for field in fields {
                let mut ty = annotation::of_request(field.ty, requests, results, module);
                if field.is_required() {
                    module.import_for_types("typing_extensions", "Required");
                    ty = format!("Required[{ty}]");
                }
                text.push_str(&format!("    {}: {ty}\n", field.wire));
                text.push_str(&docstring(&filled(field.doc, WIDTH - 10), 4));
            }
            module.body.push_str(&text);
        }
        Kind::Union { branches, .. } => {
            let branches = branches
                .iter()
                .map(|branch| annotation::of_request(branch.ty, requests, results, module));
            let union = branches.collect::<Vec<_>>().join(" | ");
            // Quoted, for the dictionaries are there for type checkers alone.
            let line = format!("{}: TypeAlias = \"{union}\"", schema.name);
            module.import_for_types("typing", "TypeAlias");
            module.body.push_str(&format!("\n\n{line}\n"));
            module
                .body
                .push_str(&docstring(&filled(schema.doc, WIDTH), 0));
        }
        Kind::Enum { .. } => {}
    }
}

/// A package's own module, which imports each name from its module as it is asked for.
pub fn index(package: &str, doc: &str, mut exports: Vec<(&str, String)>) -> Module {
    exports.sort();
    let mut module = Module::new(&format!("{package}.__init__"), doc);
    module.import("importlib", "import_module");
    module.import_for_types("typing", "Any");
    for (name, group) in &exports {
        module.import_for_types(&format!("knock_client.{package}.{group}"), name);
    }
    let pairs = exports
        .iter()
        .map(|(name, group)| format!("    {name:?}: {group:?},\n"));
    let names = exports.iter().map(|(name, _)| format!("    {name:?},\n"));
    module.body = format!(
        "\n_MODULES = {{\n{}}}\n\n__all__ = [\n{}]\n\n\n\
         def __getattr__(name: str) -> Any:\n    \
             if name not in _MODULES:\n        \
                 raise AttributeError(f\"module {{__name__!r}} has no attribute {{name!r}}\")\n    \
             value = getattr(import_module(f\"{{__name__}}.{{_MODULES[name]}}\"), name)\n    \
             globals()[name] = value\n    \
             return value\n",
        pairs.collect::<String>(),
        names.collect::<String>(),
    );
    module
}
