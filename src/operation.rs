//! The operations of the API as data.
//!
//! Each operation is defined once, in the file of its resource under `src/api`. The typed
//! methods, the C functions, the manifest and the bindings all come from that definition.

use std::fmt;

use serde_json::{Value, json};

use crate::model::schema::Type;

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

    /// True for a method that HTTP defines as idempotent.
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
    /// A recipient reference: an id, or an object with `id` and `collection`.
    Reference,
    /// A list of recipient references.
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
            Self::Reference => "reference",
            Self::References => "references",
        }
    }
}

/// A placeholder of a path template.
#[derive(Clone, Copy, Debug)]
pub struct PathParameter {
    /// The name in the template.
    pub name: &'static str,
    /// The documentation.
    pub doc: &'static str,
    /// The type of its value: a string, or an open enum.
    #[doc(hidden)]
    pub ty: Type,
    /// An argument that the sandbox's demo world knows.
    pub example: &'static str,
}

/// A query parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name on the wire, without the brackets of an array, such as `inserted_at.gte`.
    pub name: &'static str,
    /// The shape of its value.
    pub kind: ParameterKind,
    /// The type of its value.
    #[doc(hidden)]
    pub ty: Type,
    /// True if the operation requires it.
    pub required: bool,
    /// The known values of an enum or of a list's elements; empty where any text will do.
    pub values: &'static [&'static str],
    /// The documentation.
    pub doc: &'static str,
}

/// The body that an operation takes.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// The name of its type, such as `IdentifyUserRequest`.
    pub name: &'static str,
    /// Its type.
    #[doc(hidden)]
    pub ty: Type,
    /// The name of the argument in Python, for a body whose keys are data.
    pub argument: &'static str,
    /// True if the operation requires one.
    pub required: bool,
}

impl Body {
    /// The keys that a body must have.
    pub fn required_keys(&self) -> impl Iterator<Item = &'static str> {
        let fields = self.ty.schema().map_or(&[][..], |schema| schema.fields());
        let required = fields.iter().filter(|field| field.is_required());
        required.map(|field| field.wire)
    }
}

/// The shape of a list that comes in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pagination {
    /// The items are under `entries`, the cursors both ways in `page_info`.
    Entries,
    /// The items are under `items`, the cursors both ways in `page_info`.
    Items,
    /// The page names its successor alone.
    Forward {
        /// The key of the items.
        items: &'static str,
        /// The key of the next page's cursor, which is null or empty on the last page.
        next: &'static str,
        /// The query parameter that takes the cursor.
        parameter: &'static str,
    },
}

impl Pagination {
    /// The key of the items in the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Items => "items",
            Self::Forward { items, .. } => items,
        }
    }

    /// The query parameter that takes the cursor of the next page.
    pub const fn forward_parameter(self) -> &'static str {
        match self {
            Self::Entries | Self::Items => "after",
            Self::Forward { parameter, .. } => parameter,
        }
    }
}

/// Another spelling of an operation's endpoint, which does the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The path template.
    pub path: &'static str,
    /// The `operationId`; accepted wherever a name is.
    pub operation_id: &'static str,
}

/// The list of a request that is to be cut into calls where there is more than one takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// The key of the list, in the body or else in the query.
    pub key: &'static str,
    /// The most that one call takes.
    pub at_most: usize,
}

/// An example of a request, as JSON text. The sandbox's demo world has what it names.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The body; empty where there is none.
    pub body: &'static str,
    /// An object with query parameters, and with path parameters whose own example does not fit; empty where there
    /// are none.
    pub parameters: &'static str,
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
    /// Other spellings of the endpoint.
    pub spellings: &'static [Spelling],
    /// The HTTP method.
    pub method: Method,
    /// The path template, such as `/v1/users/{user_id}`.
    pub path: &'static str,
    /// The placeholders of the path, in its order.
    pub arguments: &'static [PathParameter],
    /// The query parameters.
    pub query: &'static [Parameter],
    /// The request body, for an operation that takes one.
    pub body: Option<Body>,
    /// The type of the response; none where the response has no body.
    #[doc(hidden)]
    pub response: Option<Type>,
    /// The published rate-limit tier, 1 to 5.
    pub tier: u8,
    /// The shape of a page, for an operation that returns pages.
    pub pagination: Option<Pagination>,
    /// The list that is limited in length, for an operation that takes many things at once.
    pub records: Option<Records>,
    /// Idempotent: may be repeated after it may have been processed.
    pub repeatable: bool,
    /// The service honors an idempotency key, which makes it safe to repeat.
    pub idempotency_key: bool,
    /// Deprecated by Knock.
    pub deprecated: bool,
    /// The rate limit counts each user apart, as it does for feeds.
    pub limited_per_user: bool,
    /// A public key with a user's token may call it.
    pub public_key: bool,
    /// An example of a request.
    pub example: Example,
    /// The documentation, Markdown.
    pub doc: &'static str,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operation({} {} {})", self.name, self.method, self.path)
    }
}

impl Operation {
    /// The stand-in for an endpoint that is not listed: no tier, so no pacing, and repeated only
    /// where HTTP promises that it may be.
    pub(crate) fn unlisted(method: Method) -> &'static Self {
        const fn unlisted(method: Method) -> Operation {
            Operation {
                name: "request",
                operation_id: "",
                spellings: &[],
                method,
                path: "",
                arguments: &[],
                query: &[],
                body: None,
                response: Some(Type::Json),
                tier: 0,
                pagination: None,
                records: None,
                repeatable: method.is_idempotent(),
                idempotency_key: false,
                deprecated: false,
                limited_per_user: false,
                public_key: false,
                example: Example {
                    body: "",
                    parameters: "",
                },
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

    /// True for the operation's name and for an `operationId` of its endpoint.
    pub fn is_called(&self, name: &str) -> bool {
        let mut spellings = self.spellings.iter();
        self.name == name
            || self.operation_id == name
            || spellings.any(|spelling| spelling.operation_id == name)
    }

    /// The request of the example, as the C functions and bindings take it.
    ///
    /// # Errors
    ///
    /// If the declaration's example is not JSON.
    #[doc(hidden)]
    pub fn example_request(&self) -> serde_json::Result<Value> {
        let arguments = self.arguments.iter();
        let mut request: serde_json::Map<String, Value> = arguments
            .map(|argument| (argument.name.to_owned(), argument.example.into()))
            .collect();
        if !self.example.parameters.is_empty() {
            let parameters: serde_json::Map<String, Value> =
                serde_json::from_str(self.example.parameters)?;
            request.extend(parameters);
        }
        if !self.example.body.is_empty() {
            request.insert("body".into(), serde_json::from_str(self.example.body)?);
        }
        Ok(Value::Object(request))
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
        let path = self.arguments.iter().map(|p| {
            json!({"name": p.name, "in": "path", "type": "string", "required": true, "doc": p.doc})
        });
        let query = self.query.iter().map(|p| {
            json!({"name": p.name, "in": "query", "type": p.kind.as_str(), "required": p.required,
                   "values": p.values, "doc": unindented(p.doc)})
        });
        json!({
            "name": self.name,
            "operation_id": self.operation_id,
            "function": self.c_name(),
            "method": self.method.as_str(),
            "path": self.path,
            "parameters": path.chain(query).collect::<Vec<_>>(),
            "body": self.body.map(|body| body.name),
            "response": self.response.map(|response| response.to_string()),
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
