//! `types/enums.py`: the known values of strings.

use knock::model::schema::{EnumValue, Kind};

use super::module::{Module, WIDTH, docstring, filled};
use crate::text::fill;

pub const PATH: &str = "knock_client.types.enums";

pub fn module() -> Module {
    let mut module = Module::new(
        "types.enums",
        "The values that are known of texts; the service may have more.",
    );
    module.import("typing", "Literal");
    module.import_for_types("typing", "TypeAlias");
    let mut all: Vec<_> = knock::schemas()
        .into_iter()
        .filter_map(|schema| match schema.kind {
            Kind::Enum { values } => Some((schema, values)),
            _ => None,
        })
        .collect();
    all.sort_by_key(|(schema, _)| schema.name);
    for (schema, values) in all {
        let mut doc = filled(schema.doc, WIDTH);
        doc.push(values.iter().map(value_doc).collect::<Vec<_>>().join("\n"));
        module.body.push_str(&format!(
            "\n\n{}: TypeAlias = {}\n",
            schema.name,
            literal(schema.name, values)
        ));
        module.body.push_str(&docstring(&doc, 0));
    }
    module
}

fn value_doc(value: &EnumValue) -> String {
    let text = format!("- `{}`: {}", value.wire, value.doc.trim());
    fill(&text, WIDTH - 2).join("\n  ")
}

fn literal(name: &str, values: &[EnumValue]) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|value| format!("{:?}", value.wire))
        .collect();
    let line = format!("Literal[{}]", values.join(", "));
    if name.len() + ": TypeAlias = ".len() + line.len() <= WIDTH {
        return line;
    }
    format!("Literal[\n    {},\n]", values.join(",\n    "))
}
