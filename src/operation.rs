//! What an operation of the API is, as data.
//!
//! Each operation is defined once, in the file of its resource under `src/api`. The typed
//! methods, the C functions, the manifest and the bindings all come from that definition.

use std::fmt;

use serde_json::{Value, json};

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The name on the wire, such as `GET`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether HTTP promises that doing it twice is the same as doing it once.
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::Get | Self::Put | Self::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The shape of a query parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// JSON text; an object is accepted and written as text.
    Json,
    /// One of the [`values`](Parameter::values); others are passed on, for the API may grow.
    Enum,
    /// A list of text, on the wire `name[]=a&name[]=b`.
    Strings,
    /// A list of recipient references, each an id or an object with `id` and `collection`.
    References,
}

impl ParameterKind {
    /// The name used in the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Json => "json",
            Self::Enum => "enum",
            Self::Strings => "strings",
            Self::References => "references",
        }
    }
}

/// A query parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name on the wire, without the brackets of an array, such as `inserted_at.gte`.
    pub name: &'static str,
    /// The shape of its value.
    pub kind: ParameterKind,
    /// The known values of an enum or of a list's elements; empty where any text will do.
    pub values: &'static [&'static str],
    /// What it does.
    pub doc: &'static str,
}

/// Where a list operation keeps the items of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pagination {
    /// Under `entries`.
    Entries,
    /// Under `items`.
    Items,
}

impl Pagination {
    /// The key of the items in the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Items => "items",
        }
    }
}

/// The requests a second that Knock publishes for the endpoints of a tier, 1 to 5.
pub const TIER_LIMITS: [u32; 5] = [1, 5, 60, 200, 1000];

/// One operation of the API.
#[derive(Clone, Copy)]
pub struct Operation {
    /// The name, `resource.method`, such as `users.get`.
    pub name: &'static str,
    /// The `operationId` of the API's own description; accepted wherever a name is.
    pub operation_id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, such as `/v1/users/{user_id}`.
    pub path: &'static str,
    /// The query parameters.
    pub query: &'static [Parameter],
    /// The type of the request body, for an operation that takes one; it is required then.
    pub body: Option<&'static str>,
    /// The type of the response; `()` where the answer has no body.
    pub response: &'static str,
    /// The published rate-limit tier, 1 to 5.
    pub tier: u8,
    /// Where the items are, for an operation that answers in pages.
    pub pagination: Option<Pagination>,
    /// Whether doing it twice is the same as doing it once.
    pub repeatable: bool,
    /// Whether Knock advises against its use.
    pub deprecated: bool,
    /// Whether the rate limit counts each user apart, as it does for feeds.
    pub limited_per_user: bool,
    /// The documentation, Markdown.
    pub doc: &'static str,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operation({} {} {})", self.name, self.method, self.path)
    }
}

impl Operation {
    /// What stands for an endpoint that is not listed: no tier, so no pacing, and repeated only
    /// where HTTP promises that it may be.
    pub(crate) fn unlisted(method: Method) -> &'static Self {
        const fn unlisted(method: Method) -> Operation {
            Operation {
                name: "request",
                operation_id: "",
                method,
                path: "",
                query: &[],
                body: None,
                response: "Value",
                tier: 0,
                pagination: None,
                repeatable: method.is_idempotent(),
                deprecated: false,
                limited_per_user: false,
                doc: "",
            }
        }
        match method {
            Method::Get => const { &unlisted(Method::Get) },
            Method::Post => const { &unlisted(Method::Post) },
            Method::Put => const { &unlisted(Method::Put) },
            Method::Patch => const { &unlisted(Method::Patch) },
            Method::Delete => const { &unlisted(Method::Delete) },
        }
    }

    /// The names of the path parameters, in the order of the template.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(placeholder)
    }

    /// The name of the C function, such as `knock_users_get`.
    pub fn c_name(&self) -> String {
        format!("knock_{}", self.name.replace('.', "_"))
    }

    /// The first paragraph of the documentation.
    pub fn summary(&self) -> String {
        let lines = self.doc.lines().map(str::trim);
        lines
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// This operation's row of the manifest.
    pub fn manifest(&self) -> Value {
        let path = self.path_parameters().map(|name| {
            json!({"name": name, "in": "path", "type": "string", "required": true,
                   "doc": crate::api::path::path_parameter_doc(name)})
        });
        let query = self.query.iter().map(|p| {
            json!({"name": p.name, "in": "query", "type": p.kind.as_str(), "required": false,
                   "values": p.values, "doc": unindented(p.doc)})
        });
        json!({
            "name": self.name,
            "operation_id": self.operation_id,
            "function": self.c_name(),
            "method": self.method.as_str(),
            "path": self.path,
            "parameters": path.chain(query).collect::<Vec<_>>(),
            "body": self.body,
            "response": (self.response != "()").then_some(self.response),
            "tier": self.tier,
            "pagination": self.pagination.map(Pagination::key),
            "repeatable": self.repeatable,
            "deprecated": self.deprecated,
            "doc": unindented(self.doc),
        })
    }
}

/// The name inside `{}` when a path segment is a placeholder.
pub(crate) fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Documentation without the space that `///` leaves in front of each line.
fn unindented(doc: &str) -> String {
    let lines: Vec<_> = doc
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    lines.join("\n")
}
