//! A method for an operation.

use knock::model::schema::{Kind, Member, Type};
use knock::{Operation, Parameter, ParameterKind};

use super::annotation::{self, VALUES};
use super::groups::Groups;
use super::method_doc;
use super::module::{Module, WIDTH, docstring};
use super::names;
use crate::resources::split;

/// A method: its name, and its text from the blank line in front of it.
pub struct Method {
    pub name: &'static str,
    pub text: String,
}

/// An argument after the path parameters.
pub(super) struct Argument {
    pub name: String,
    /// The key in the request or its body.
    key: &'static str,
    annotation: String,
    required: bool,
    pub doc: String,
}

/// Options of a call that are written out where `**` stands for custom properties.
const OPTIONS: [(&str, &str); 8] = [
    ("timeout", "Seconds"),
    ("deadline", "float | None"),
    ("max_retries", "int"),
    ("idempotency_key", "str | None"),
    ("user_token", "str"),
    ("extra_headers", "Mapping[str, str] | None"),
    ("extra_query", "Mapping[str, Any] | None"),
    ("extra_body", "Mapping[str, Any] | None"),
];

pub fn write(
    operation: &Operation,
    requests: &Groups,
    results: &Groups,
    module: &mut Module,
) -> Method {
    let (_, name) = split(operation);
    let path: Vec<&str> = operation.path_parameters().collect();
    let query: Vec<Argument> = operation
        .query
        .iter()
        .map(|p| of_parameter(p, requests, results, module))
        .collect();
    let body = of_body(operation, &path, requests, results, module);
    let custom = operation
        .body
        .and_then(|body| body.ty.schema())
        .is_some_and(annotation::has_custom_properties);
    let (returns, result) = returned(operation, results, module);

    let mut signature = String::from("        self,\n");
    for parameter in &path {
        module.import_for_types(VALUES, "Text");
        signature.push_str(&format!("        {}: Text,\n", names::variable(parameter)));
    }
    if let Body::Whole(argument) = &body {
        signature.push_str(&format!(
            "        {}: {},\n",
            argument.name, argument.annotation
        ));
    }
    let fields = match &body {
        Body::Fields(fields) => fields.as_slice(),
        Body::Whole(_) | Body::None => &[],
    };
    let mut keywords = String::new();
    for argument in query.iter().chain(fields) {
        keywords.push_str(&keyword(argument, module));
    }
    if custom {
        keywords.push_str("        properties: Mapping[str, Any] | None = None,\n");
        for (option, ty) in OPTIONS {
            keywords.push_str(&format!(
                "        {option}: {ty} | NotGiven = {},\n",
                not_given(module)
            ));
        }
        module.import_for_types("collections.abc", "Mapping");
        module.import_for_types("typing", "Any");
        module.import_for_types("knock_client._timeout", "Seconds");
    }
    if !keywords.is_empty() {
        signature.push_str("        *,\n");
        signature.push_str(&keywords);
    }
    match custom {
        true => signature.push_str("        **custom: Any,\n"),
        false => {
            module.import_for_types("typing_extensions", "Unpack");
            module.import_for_types("knock_client._call_options", "CallOptions");
            signature.push_str("        **options: Unpack[CallOptions],\n");
        }
    }

    let doc = method_doc::of_method(operation, &query, &body, custom);
    let mut text = format!("\n    def {name}(\n{signature}    ) -> {returns}:\n");
    text.push_str(&docstring(&doc, 8));
    text.push_str(&code(
        operation, &path, &query, &body, custom, &result, module,
    ));
    Method { name, text }
}

/// Arguments of a method for the body.
pub(super) enum Body {
    None,
    /// The fields of the body are arguments.
    Fields(Vec<Argument>),
    /// The body is one argument: its keys are data.
    Whole(Argument),
}

fn of_body(
    operation: &Operation,
    path: &[&str],
    requests: &Groups,
    results: &Groups,
    module: &mut Module,
) -> Body {
    let Some(body) = operation.body else {
        return Body::None;
    };
    let fields = match body.ty.schema().map(|schema| schema.kind) {
        Some(Kind::Model { fields, .. }) => fields,
        _ => {
            return Body::Whole(Argument {
                name: body.argument.into(),
                key: "body",
                annotation: annotation::of_request(body.ty, requests, results, module),
                required: body.required,
                doc: format!("The {}, by key.", body.argument),
            });
        }
    };
    // A field that the path says already, such as the id of a preference set, is left out.
    let fields = fields.iter().filter(|field| !path.contains(&field.wire));
    let fields = fields.map(|field| of_field(field, requests, results, module));
    Body::Fields(fields.collect())
}

fn of_field(field: &Member, requests: &Groups, results: &Groups, module: &mut Module) -> Argument {
    Argument {
        name: names::of_field(field),
        key: field.wire,
        annotation: annotation::of_request(field.ty, requests, results, module),
        required: field.is_required(),
        doc: field.doc.to_owned(),
    }
}

fn of_parameter(
    parameter: &Parameter,
    requests: &Groups,
    results: &Groups,
    module: &mut Module,
) -> Argument {
    let annotation = match parameter.kind {
        ParameterKind::Json => {
            module.import_for_types("collections.abc", "Mapping");
            module.import_for_types("typing", "Any");
            "str | Mapping[str, Any]".into()
        }
        _ => annotation::of_request(parameter.ty, requests, results, module),
    };
    Argument {
        name: names::variable(parameter.name),
        key: parameter.name,
        annotation: match parameter.required {
            true => annotation,
            false => format!("{annotation} | None"),
        },
        required: parameter.required,
        doc: parameter.doc.to_owned(),
    }
}

fn keyword(argument: &Argument, module: &mut Module) -> String {
    let Argument {
        name, annotation, ..
    } = argument;
    if argument.required {
        return format!("        {name}: {annotation},\n");
    }
    format!(
        "        {name}: {annotation} | NotGiven = {},\n",
        not_given(module)
    )
}

fn not_given(module: &mut Module) -> &'static str {
    module.import_for_types(VALUES, "NotGiven");
    module.import(VALUES, "NOT_GIVEN");
    "NOT_GIVEN"
}

/// The annotation of what a method returns, and what makes it of a response.
fn returned(operation: &Operation, results: &Groups, module: &mut Module) -> (String, String) {
    let Some(ty) = operation.response else {
        module.import("knock_client._calls", "nothing");
        return ("None".into(), "nothing".into());
    };
    let (element, list) = match ty {
        Type::List(element) => (*element, true),
        ty => (ty, false),
    };
    let annotation = annotation::of_result(element, results, module);
    let model = element
        .schema()
        .filter(|schema| matches!(schema.kind, Kind::Model { .. }));
    let path = model.and_then(|model| annotation::result_path(model, results));
    let made = match path {
        Some(path) => {
            module.import(&path, &annotation);
            annotation.clone()
        }
        None => annotation::wrap(element, results, module).unwrap_or_else(|| {
            module.import("knock_client._calls", "as_it_came");
            "as_it_came".into()
        }),
    };
    if list {
        // In a class with a method `list`, that name is not the type.
        module.import_for_types("typing", "List");
        module.import("knock_client._calls", "each");
        return (format!("List[{annotation}]"), format!("each({made})"));
    }
    (annotation, made)
}

fn code(
    operation: &Operation,
    path: &[&str],
    query: &[Argument],
    body: &Body,
    custom: bool,
    result: &str,
    module: &mut Module,
) -> String {
    let mut entries: Vec<String> = path
        .iter()
        .map(|name| format!("\"{name}\": {}", names::variable(name)))
        .collect();
    entries.extend(query.iter().map(entry));
    let mut text = String::new();
    match body {
        Body::None => {}
        Body::Whole(argument) => entries.push(format!("\"body\": {}", argument.name)),
        Body::Fields(fields) => {
            let optional = fields.iter().any(|field| !field.required);
            let fields: Vec<String> = fields.iter().map(entry).collect();
            let mut body = dictionary(&fields, 8, optional, module);
            if custom {
                body = format!(
                    "{{\n            **{},\n            **custom,\n            **(properties or {{}}),\n        }}",
                    dictionary(&fields, 12, optional, module)
                );
            }
            text.push_str(&format!("        body = {body}\n"));
            entries.push("\"body\": body".into());
        }
    }
    if custom {
        let options: Vec<String> = OPTIONS
            .iter()
            .map(|(name, _)| format!("\"{name}\": {name}"))
            .collect();
        text.push_str(&format!(
            "        options = {}\n",
            dictionary(&options, 8, true, module)
        ));
    }
    let optional = query.iter().any(|argument| !argument.required);
    let request = dictionary(&entries, 8, optional, module);
    // A page is also known to pagers, by the name of the operation.
    let (method, function) = match operation.pagination {
        Some(_) => ("page", operation.name.to_owned()),
        None => ("call", operation.c_name()),
    };
    let line = format!(
        "        return self._calls.{method}(\"{function}\", {result}, {request}, options)\n"
    );
    if !request.contains('\n') && line.len() <= WIDTH + 1 {
        return text + &line;
    }
    let mut call = format!(
        "        return self._calls.{method}(\"{function}\", {result}, request, options)\n"
    );
    if call.len() > WIDTH + 1 {
        call = format!(
            "        return self._calls.{method}(\n            \"{function}\", {result}, request, options\n        )\n"
        );
    }
    format!("{text}        request = {request}\n{call}")
}

fn entry(argument: &Argument) -> String {
    format!("\"{}\": {}", argument.key, argument.name)
}

/// A dictionary, on one line where it is short; without what was not given, where that may be.
fn dictionary(entries: &[String], indent: usize, optional: bool, module: &mut Module) -> String {
    if optional {
        module.import(VALUES, "given");
    }
    let space = " ".repeat(indent);
    let line = entries.join(", ");
    match (optional, entries.len() <= 3) {
        (true, true) => format!("given({{{line}}})"),
        (false, true) => format!("{{{line}}}"),
        (true, false) => {
            let lines: String = entries
                .iter()
                .map(|entry| format!("{space}        {entry},\n"))
                .collect();
            format!("given(\n{space}    {{\n{lines}{space}    }}\n{space})")
        }
        (false, false) => {
            let lines: String = entries
                .iter()
                .map(|entry| format!("{space}    {entry},\n"))
                .collect();
            format!("{{\n{lines}{space}}}")
        }
    }
}
