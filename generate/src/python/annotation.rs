//! Types as annotations, and what makes a result of a JSON value.

use knock::model::schema::{Branch, Discriminator, Kind, Schema, Type};

use super::enums;
use super::groups::Groups;
use super::module::{Module, WIDTH};

const MODELS: &str = "knock_client._models";
pub const VALUES: &str = "knock_client._values";

/// The annotation of a value in a response.
pub fn of_result(ty: Type, groups: &Groups, module: &mut Module) -> String {
    match ty {
        Type::String => "str".into(),
        Type::Boolean => "bool".into(),
        Type::Integer => "int".into(),
        Type::Json => any(module),
        Type::JsonObject => format!("dict[str, {}]", any(module)),
        Type::List(inner) => format!("list[{}]", of_result(*inner, groups, module)),
        Type::Map(inner) => format!("dict[str, {}]", of_result(*inner, groups, module)),
        Type::Optional(inner) => format!("{} | None", of_result(*inner, groups, module)),
        Type::Union(branches) => {
            let branches = branches
                .iter()
                .map(|branch| of_result(*branch, groups, module));
            branches.collect::<Vec<_>>().join(" | ")
        }
        Type::Named(schema) => {
            let schema = schema();
            let name = schema.name;
            if matches!(schema.kind, Kind::Enum { .. }) {
                module.import_for_types(enums::PATH, name);
                return format!("{name} | str");
            }
            if let Some(path) = result_path(schema, groups) {
                module.import_for_types(&path, name);
            }
            name.into()
        }
    }
}

/// The annotation of a value in a request. A result may be sent where an object of its kind may.
pub fn of_request(ty: Type, requests: &Groups, results: &Groups, module: &mut Module) -> String {
    match ty {
        Type::String => {
            module.import_for_types(VALUES, "Text");
            "Text".into()
        }
        Type::Boolean => "bool".into(),
        Type::Integer => "int".into(),
        Type::Json => any(module),
        Type::JsonObject => mapping(&any(module), module),
        Type::List(inner) => {
            let inner = of_request(*inner, requests, results, module);
            module.import_for_types("collections.abc", "Sequence");
            format!("Sequence[{inner}]")
        }
        Type::Map(inner) => mapping(&of_request(*inner, requests, results, module), module),
        Type::Optional(inner) => {
            format!("{} | None", of_request(*inner, requests, results, module))
        }
        Type::Union(branches) => {
            let branch = |branch: &Type| of_request(*branch, requests, results, module);
            branches.iter().map(branch).collect::<Vec<_>>().join(" | ")
        }
        Type::Named(schema) => named_request(schema(), requests, results, module),
    }
}

fn named_request(
    schema: &Schema,
    requests: &Groups,
    results: &Groups,
    module: &mut Module,
) -> String {
    let name = schema.name;
    if matches!(schema.kind, Kind::Enum { .. }) {
        return of_enum(name, module);
    }
    if let Some(group) = requests.module(schema) {
        module.import_for_types(&format!("knock_client.params.{group}"), name);
    }
    let mut annotation = name.to_owned();
    if has_custom_properties(schema) {
        annotation = format!("{annotation} | {}", mapping(&any(module), module));
    }
    if matches!(schema.kind, Kind::Model { .. }) && results.module(schema).is_some() {
        module.import_for_types(MODELS, "Model");
        annotation = format!("{annotation} | Model");
    }
    annotation
}

/// The annotation of an enum's value in a request.
pub fn of_enum(name: &str, module: &mut Module) -> String {
    module.import_for_types(enums::PATH, name);
    module.import_for_types("enum", "Enum");
    format!("{name} | Enum")
}

fn any(module: &mut Module) -> String {
    module.import_for_types("typing", "Any");
    "Any".into()
}

fn mapping(values: &str, module: &mut Module) -> String {
    module.import_for_types("collections.abc", "Mapping");
    format!("Mapping[str, {values}]")
}

/// Constructor of a result of this type; none where the JSON is the result.
pub fn wrap(ty: Type, groups: &Groups, module: &mut Module) -> Option<String> {
    let (outer, inner) = match ty {
        Type::Optional(inner) => return wrap(*inner, groups, module),
        Type::List(inner) => ("list_of", *inner),
        Type::Map(inner) => ("map_of", *inner),
        Type::Union(branches) => {
            return fields(models(branches.iter().copied()), groups, module);
        }
        Type::Named(schema) => return wrap_named(schema(), groups, module),
        Type::String | Type::Boolean | Type::Integer | Type::Json | Type::JsonObject => {
            return None;
        }
    };
    let inner = wrap(inner, groups, module)?;
    module.import(MODELS, outer);
    Some(format!("{outer}({inner})"))
}

fn wrap_named(schema: &'static Schema, groups: &Groups, module: &mut Module) -> Option<String> {
    let (branches, discriminator) = match schema.kind {
        Kind::Model { .. } => return fields(vec![schema], groups, module),
        Kind::Enum { .. } => return None,
        Kind::Union {
            branches,
            discriminator,
        } => (branches, discriminator),
    };
    let by_fields = fields(
        models(branches.iter().map(|branch| branch.ty)),
        groups,
        module,
    )?;
    let (function, key) = match discriminator {
        Discriminator::Content => return Some(by_fields),
        Discriminator::Key(key) => ("tagged", key),
        Discriminator::Beside(key) => ("tagged_beside", key),
    };
    module.import(MODELS, function);
    let pairs: String = branches
        .iter()
        .flat_map(tagged_models)
        .map(|(tag, model)| format!("                {tag:?}: {model},\n"))
        .collect();
    Some(format!(
        "{function}(\n            {key:?},\n            {{\n{pairs}            }},\n            {by_fields},\n        )"
    ))
}

/// The tags of a branch, each with the model that it stands for.
fn tagged_models(branch: &Branch) -> impl Iterator<Item = (&'static str, &'static str)> {
    let model = branch.ty.schema().map(|schema| schema.name);
    let tags = branch.tags.iter();
    tags.filter_map(move |tag| Some((*tag, model?)))
}

/// The types among the branches of a union that have a schema.
fn models(branches: impl IntoIterator<Item = Type>) -> Vec<&'static Schema> {
    branches.into_iter().filter_map(Type::schema).collect()
}

fn fields(models: Vec<&'static Schema>, groups: &Groups, module: &mut Module) -> Option<String> {
    for model in &models {
        if let Some(path) = result_path(model, groups) {
            module.import(&path, model.name);
        }
    }
    let names: Vec<&str> = models.iter().map(|model| model.name).collect();
    match names.as_slice() {
        [] => None,
        [model] => Some(format!("{model}._wrap")),
        models => {
            module.import(MODELS, "one_of");
            let line = format!("one_of({})", models.join(", "));
            let lines = format!(
                "one_of(\n                {},\n            )",
                models.join(",\n                ")
            );
            Some(if line.len() <= WIDTH - 12 {
                line
            } else {
                lines
            })
        }
    }
}

/// The module that a result's class is in.
pub fn result_path(schema: &Schema, groups: &Groups) -> Option<String> {
    let group = groups.module(schema)?;
    Some(format!("knock_client.types.{group}"))
}

/// Whether the keys that a model does not know are a user's custom properties.
pub fn has_custom_properties(schema: &Schema) -> bool {
    matches!(schema.kind, Kind::Model { rest, .. } if rest != "extra")
}
