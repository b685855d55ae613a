//! One call of an operation, as its handler sees it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::answer::Answer;
use crate::config::Config;
use crate::errors::{ApiError, FieldError};
use crate::faults::BulkOutcome;
use crate::query::Query;
use crate::state::World;
use crate::state::json::Object;
use crate::validate::{Shape, check};

pub(crate) type Outcome = Result<Answer, ApiError>;

/// The parameters in the path, decoded, in the order of the template.
#[derive(Debug, Default)]
pub(crate) struct PathParams<'a>(pub Vec<(&'static str, Cow<'a, str>)>);

impl PathParams<'_> {
    /// A parameter of the matched template; empty if the template has none of that name.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| *n == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn user_id(&self) -> &str {
        self.get("user_id")
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| *n == name)
    }
}

/// What a handler works with.
pub(crate) struct Call<'a> {
    pub world: &'a mut World,
    pub config: &'a Config,
    pub params: PathParams<'a>,
    pub raw_query: &'a str,
    pub body: &'a [u8],
    pub bulk: Option<BulkOutcome>,
    pub now: DateTime<Utc>,
}

impl Call<'_> {
    pub fn user_id(&self) -> &str {
        self.params.user_id()
    }

    pub fn query(&self) -> Result<Query, ApiError> {
        Query::parse(self.raw_query)
    }

    /// The body, which must have this shape.
    pub fn json(&self, shape: &Shape) -> Result<Value, ApiError> {
        let body = match self.body {
            [] => Value::Object(Object::new()),
            bytes => serde_json::from_slice(bytes).map_err(|error| {
                ApiError::bad_request(format!("the body is not valid JSON: {error}"))
            })?,
        };
        let errors = check(shape, &body);
        match errors.is_empty() {
            true => Ok(body),
            false => Err(ApiError::invalid(errors)),
        }
    }

    /// The body, which must be an object of this shape.
    pub fn object(&self, shape: &Shape) -> Result<Object, ApiError> {
        match self.json(shape)? {
            Value::Object(object) => Ok(object),
            _ => Err(ApiError::invalid_field("body", "must be an object")),
        }
    }

    /// The channel that the path names, which must be one of the environment's.
    pub fn channel(&self, param: &'static str) -> Result<Uuid, ApiError> {
        let channel = Uuid::try_parse(self.params.get(param))
            .map_err(|_| ApiError::invalid_field(param, "must be the UUID of a channel"))?;
        self.known_channel(&channel)
            .then_some(channel)
            .ok_or_else(|| ApiError::missing("The channel"))
    }

    fn known_channel(&self, channel: &Uuid) -> bool {
        self.config
            .channels
            .as_ref()
            .is_none_or(|known| known.contains(channel))
    }

    /// Refuses channel data given with a user for channels that the environment lacks.
    pub fn check_channels_of(&self, user: &Object, path: &str) -> Result<(), ApiError> {
        let Some(Value::Object(channels)) = user.get("channel_data") else {
            return Ok(());
        };
        let unknown =
            |key: &&String| Uuid::try_parse(key).is_ok_and(|channel| !self.known_channel(&channel));
        match channels.keys().find(unknown) {
            Some(key) => Err(ApiError::invalid(vec![FieldError::new(
                format!("{path}.{key}"),
                "channel_invalid",
                "is no channel of this environment",
            )])),
            None => Ok(()),
        }
    }
}
