//! The descriptions of the API.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::{env, fs};

use serde_json::{Map, Value, json};

/// One description.
pub struct Spec {
    pub name: String,
    root: Value,
}

/// An operation of a description.
pub struct Operation<'a> {
    pub id: &'a str,
    /// The method, in upper case.
    pub method: String,
    /// The path template.
    pub path: &'a str,
    pub definition: &'a Value,
}

/// Every description, or nothing where the tests are to be skipped.
pub fn specs() -> &'static [Spec] {
    static SPECS: OnceLock<Vec<Spec>> = OnceLock::new();
    SPECS.get_or_init(|| match env::var_os("KNOCK_SPEC_DIR") {
        Some(folder) => load(PathBuf::from(folder)),
        None => {
            let required = env::var_os("CI").is_some()
                || env::var_os("KNOCK_SPEC_REQUIRED").is_some_and(|set| set == "1");
            assert!(
                !required,
                "set KNOCK_SPEC_DIR to the folder of the API's descriptions"
            );
            println!("skipped");
            Vec::new()
        }
    })
}

fn load(folder: PathBuf) -> Vec<Spec> {
    let mut specs = Vec::new();
    for entry in
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".strict.yml") {
            let text = fs::read_to_string(&path).unwrap();
            specs.push(Spec {
                name,
                root: yaml_serde::from_str(&text).unwrap(),
            });
        }
    }
    assert!(!specs.is_empty(), "no *.strict.yml in {}", folder.display());
    specs
}

/// The parts of the API that the library does not have yet.
const TO_COME: [&str; 13] = [
    "/v1/audiences",
    "/v1/channels",
    "/v1/integrations",
    "/v1/messages",
    "/v1/notify",
    "/v1/objects",
    "/v1/openapi",
    "/v1/providers/ms-teams",
    "/v1/providers/slack",
    "/v1/schedules",
    "/v1/tenants",
    "/v1/workflow_recipient_runs",
    "/v1/workflows",
];

impl Spec {
    /// The operations of every part of the API that the library has.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.root["paths"].as_object().unwrap().iter();
        paths
            .filter(|(path, _)| !TO_COME.iter().any(|part| path.starts_with(part)))
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().unwrap().iter();
                methods.filter_map(move |(method, definition)| {
                    Some(Operation {
                        id: definition.get("operationId")?.as_str()?,
                        method: method.to_uppercase(),
                        path,
                        definition,
                    })
                })
            })
    }

    /// The schema itself, where it is only referred to.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.resolve(self.root.pointer(&reference[1..]).unwrap()),
            None => schema,
        }
    }

    /// A validator for a schema of this description.
    pub fn validator(&self, schema: &Value) -> jsonschema::Validator {
        let root = json!({"components": json_schema(&self.root["components"]), "allOf": [json_schema(schema)]});
        jsonschema::validator_for(&root).unwrap()
    }
}

impl<'a> Operation<'a> {
    /// The schema of the request's body.
    pub fn request(&self) -> Option<&'a Value> {
        self.definition
            .pointer("/requestBody/content/application~1json/schema")
    }

    /// The schema of the body of a successful response.
    pub fn response(&self) -> Option<&'a Value> {
        let responses = self.definition["responses"].as_object().unwrap();
        let (_, success) = responses
            .iter()
            .find(|(status, _)| status.starts_with('2'))
            .unwrap();
        success.pointer("/content/application~1json/schema")
    }

    /// Whether the request's body is required; none where there is no body.
    pub fn requires_body(&self) -> Option<bool> {
        let body = self.definition.get("requestBody")?;
        Some(body["required"] == true)
    }

    /// The parameters of the query.
    pub fn query(&self) -> impl Iterator<Item = QueryParameter<'a>> {
        let parameters = self.definition["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        query.map(|parameter| {
            let name = parameter["name"].as_str().unwrap();
            QueryParameter {
                name: name.strip_suffix("[]").unwrap_or(name),
                schema: &parameter["schema"],
                required: parameter["required"] == true,
            }
        })
    }
}

/// A parameter of the query.
pub struct QueryParameter<'a> {
    /// The name, without the brackets that one description writes behind lists.
    pub name: &'a str,
    pub schema: &'a Value,
    pub required: bool,
}

impl<'a> QueryParameter<'a> {
    /// The values that it may have, or that its elements may have; empty where there are none.
    pub fn values(&self) -> Vec<&'a str> {
        let schema = self.schema.get("items").unwrap_or(self.schema);
        let values = schema["enum"].as_array().into_iter().flatten();
        values.filter_map(Value::as_str).collect()
    }
}

/// JSON Schema out of a schema of OpenAPI 3.0, which has a word of its own for null.
fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let rest: Map<_, _> = object
                .iter()
                .filter(|(key, _)| *key != "nullable" && *key != "example")
                .map(|(key, value)| (key.clone(), json_schema(value)))
                .collect();
            match object.get("nullable") {
                Some(Value::Bool(true)) => json!({"anyOf": [{"type": "null"}, rest]}),
                _ => Value::Object(rest),
            }
        }
        Value::Array(items) => items.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}
