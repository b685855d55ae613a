//! A small language for the shapes of JSON, and the check of a value against one.

use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

use crate::errors::FieldError;

/// What a JSON value must look like. Objects are open: keys that no field names are let through.
#[derive(Debug)]
pub(crate) enum Shape {
    Any,
    Text,
    /// Text that is not empty.
    Id,
    Flag,
    Integer,
    DateTime,
    Uuid,
    OneOf(&'static [&'static str]),
    OrNull(&'static Shape),
    List(&'static Shape),
    /// An object whose every value has one shape.
    Map(&'static Shape),
    /// An object keyed by UUIDs.
    UuidMap(&'static Shape),
    Object(&'static [Field]),
    /// An object with these keys and no others.
    Closed(&'static [Field]),
    /// An object without keys.
    Empty,
    /// Any one of several.
    Either(&'static [Shape]),
}

#[derive(Debug)]
pub(crate) struct Field {
    name: &'static str,
    shape: Shape,
    required: bool,
}

pub(crate) const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        required: true,
    }
}

pub(crate) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        required: false,
    }
}

/// Everything that is wrong with the value, each with its path.
pub(crate) fn check(shape: &Shape, value: &Value) -> Vec<FieldError> {
    let mut checker = Checker {
        path: String::new(),
        errors: Vec::new(),
    };
    checker.check(shape, value);
    checker.errors
}

struct Checker {
    path: String,
    errors: Vec<FieldError>,
}

impl Checker {
    fn check(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Any, _) | (Shape::OrNull(_), Value::Null) => {}
            (Shape::OrNull(inner), value) => self.check(inner, value),
            (Shape::Text, Value::String(_)) | (Shape::Flag, Value::Bool(_)) => {}
            (Shape::Integer, Value::Number(n)) if n.is_i64() || n.is_u64() => {}
            (Shape::Id, Value::String(text)) if !text.is_empty() => {}
            (Shape::DateTime, Value::String(text))
                if DateTime::parse_from_rfc3339(text).is_ok() => {}
            (Shape::Uuid, Value::String(text)) if Uuid::try_parse(text).is_ok() => {}
            (Shape::OneOf(allowed), Value::String(text)) if allowed.contains(&text.as_str()) => {}
            (Shape::List(item), Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    self.within(&format!("[{index}]"), |c| c.check(item, value));
                }
            }
            (Shape::Map(inner), Value::Object(map)) => {
                for (key, value) in map {
                    self.at_key(key, |c| c.check(inner, value));
                }
            }
            (Shape::UuidMap(inner), Value::Object(map)) => {
                for (key, value) in map {
                    self.at_key(key, |c| match Uuid::try_parse(key) {
                        Ok(_) => c.check(inner, value),
                        Err(_) => c.report("invalid", "must be keyed by a UUID"),
                    });
                }
            }
            (Shape::Object(fields), Value::Object(map)) => {
                for field in *fields {
                    match map.get(field.name) {
                        Some(value) => self.at_key(field.name, |c| c.check(&field.shape, value)),
                        None if field.required => {
                            self.at_key(field.name, |c| c.report("required", "is required"))
                        }
                        None => {}
                    }
                }
            }
            (Shape::Closed(fields), value @ Value::Object(map)) => {
                self.check(&Shape::Object(fields), value);
                for key in map
                    .keys()
                    .filter(|key| fields.iter().all(|f| f.name != key.as_str()))
                {
                    let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                    self.at_key(key, |c| {
                        c.report("unknown", &format!("is none of {}", known.join(", ")))
                    });
                }
            }
            (Shape::Empty, Value::Object(map)) if map.is_empty() => {}
            (Shape::Either(shapes), value) => self.check_either(shapes, value),
            (shape, _) => self.report("invalid", &format!("must be {}", expected(shape))),
        }
    }

    /// Reports what the nearest of the alternatives complains about.
    fn check_either(&mut self, shapes: &[Shape], value: &Value) {
        let attempts = shapes
            .iter()
            .filter(|shape| same_kind(shape, value))
            .map(|shape| {
                let mut checker = Checker {
                    path: self.path.clone(),
                    errors: Vec::new(),
                };
                checker.check(shape, value);
                checker.errors
            });
        let missing =
            |errors: &Vec<FieldError>| errors.iter().filter(|e| e.kind == "required").count();
        match attempts.min_by_key(|errors| (missing(errors), errors.len())) {
            Some(errors) => self.errors.extend(errors),
            None => {
                let all: Vec<String> = shapes.iter().map(expected).collect();
                self.report("invalid", &format!("must be {}", all.join(" or ")));
            }
        }
    }

    fn at_key(&mut self, key: &str, then: impl FnOnce(&mut Self)) {
        match self.path.is_empty() {
            true => self.within(key, then),
            false => self.within(&format!(".{key}"), then),
        }
    }

    fn within(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(step);
        then(self);
        self.path.truncate(length);
    }

    fn report(&mut self, kind: &'static str, message: &str) {
        let field = match self.path.is_empty() {
            true => "body",
            false => &self.path,
        };
        self.errors.push(FieldError::new(field, kind, message));
    }
}

fn same_kind(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Any => true,
        Shape::Text | Shape::Id | Shape::DateTime | Shape::Uuid | Shape::OneOf(_) => {
            value.is_string()
        }
        Shape::Flag => value.is_boolean(),
        Shape::Integer => value.is_number(),
        Shape::OrNull(inner) => value.is_null() || same_kind(inner, value),
        Shape::List(_) => value.is_array(),
        Shape::Map(_) | Shape::UuidMap(_) | Shape::Object(_) | Shape::Closed(_) | Shape::Empty => {
            value.is_object()
        }
        Shape::Either(shapes) => shapes.iter().any(|shape| same_kind(shape, value)),
    }
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any value".into(),
        Shape::Text => "a string".into(),
        Shape::Id => "a string that is not empty".into(),
        Shape::Flag => "true or false".into(),
        Shape::Integer => "an integer".into(),
        Shape::DateTime => "an ISO 8601 date and time".into(),
        Shape::Uuid => "a UUID".into(),
        Shape::OneOf(allowed) => format!("one of {}", allowed.join(", ")),
        Shape::OrNull(inner) => format!("{} or null", expected(inner)),
        Shape::List(_) => "a list".into(),
        Shape::Map(_) | Shape::UuidMap(_) | Shape::Object(_) | Shape::Closed(_) => {
            "an object".into()
        }
        Shape::Empty => "empty".into(),
        Shape::Either(shapes) => shapes.iter().map(expected).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const USER: Shape = Shape::Object(&[
        required("id", Shape::Id),
        optional("email", Shape::OrNull(&Shape::Text)),
        optional(
            "tags",
            Shape::List(&Shape::Either(&[Shape::Text, Shape::Flag])),
        ),
    ]);

    fn fields(shape: &Shape, value: Value) -> Vec<String> {
        check(shape, &value).into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn paths_lead_to_what_is_wrong() {
        const USERS: Shape = Shape::Object(&[required("users", Shape::List(&USER))]);
        let wrong = json!({"users": [{"id": "a"}, {"email": 1}, {"id": "", "tags": ["x", 1]}]});
        let found = fields(&USERS, wrong);
        assert_eq!(
            found,
            [
                "users[1].id",
                "users[1].email",
                "users[2].id",
                "users[2].tags[1]"
            ]
        );
        assert_eq!(fields(&USERS, json!([])), ["body"]);
    }

    #[test]
    fn unknown_keys_and_nulls_where_allowed_pass() {
        assert!(fields(&USER, json!({"id": "a", "email": null, "plan": {"x": 1}})).is_empty());
    }
}
