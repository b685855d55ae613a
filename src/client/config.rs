//! The settings of a client as a JSON object.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::client::ClientBuilder;
use crate::client::options::parse_header;
use crate::client::pacing::Pacing;
use crate::client::raw_response::without_values;
use crate::error::{Error, Result};
use crate::suggest;

impl ClientBuilder {
    /// Reads the settings of a JSON object over what is set so far.
    ///
    /// # Errors
    ///
    /// `Config` for text that is not a JSON object, an unknown key, or a value of the wrong type.
    pub fn json(mut self, config: &str) -> Result<Self> {
        let settings: Map<String, Value> = serde_json::from_str(config).map_err(|error| {
            Error::config(format!(
                "the configuration is not a JSON object: {}",
                without_values(&error)
            ))
        })?;
        for (key, value) in &settings {
            let setting = Setting { key, value };
            match key.as_str() {
                "api_key" => self.api_key = setting.text()?,
                "base_url" => self.base_url = setting.text()?,
                "branch" => self.branch = setting.text()?,
                "user_token" => self.user_token = setting.text()?,
                "proxy" => self.proxy = setting.text()?,
                "ca_file" => self.ca_file = setting.text()?.map(PathBuf::from),
                "user_agent" => self.user_agent = setting.text()?,
                "timeout_ms" => self.timeout = setting.millis()?,
                "connect_timeout_ms" => self.connect_timeout = setting.millis()?,
                "deadline_ms" => self.deadline = Some(setting.millis()?),
                "idle_timeout_ms" => self.idle_timeout = setting.millis()?,
                "max_retries" => self.max_retries = setting.whole(0, u32::MAX.into())? as u32,
                "max_connections" => self.max_connections = setting.whole(1, 65_535)? as usize,
                "max_response_bytes" => self.max_response_bytes = setting.whole(1, u64::MAX)?,
                "allow_http" => self.allow_http = setting.boolean()?,
                "pacing" => self.pacing = Pacing::from_json(value)?,
                "headers" => self.headers.extend(setting.headers()?),
                _ => return Err(unknown_key(key)),
            }
        }
        Ok(self)
    }
}

const KEYS: [&str; 17] = [
    "api_key",
    "base_url",
    "branch",
    "user_token",
    "timeout_ms",
    "connect_timeout_ms",
    "deadline_ms",
    "max_retries",
    "pacing",
    "max_connections",
    "idle_timeout_ms",
    "max_response_bytes",
    "proxy",
    "ca_file",
    "headers",
    "user_agent",
    "allow_http",
];

fn unknown_key(key: &str) -> Error {
    let nearest = suggest::nearest(key, KEYS);
    Error::config(format!("there is no setting {key:?}{nearest}"))
}

/// One key of the configuration; the messages never repeat a value, which may be secret.
struct Setting<'a> {
    key: &'a str,
    value: &'a Value,
}

impl Setting<'_> {
    fn wrong(&self, expected: &str) -> Error {
        let is = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "another number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Error::config(format!("{} must be {expected}, not {is}", self.key))
    }

    /// Null means the same as leaving the key out.
    fn text(&self) -> Result<Option<String>> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(self.wrong("text")),
        }
    }

    fn whole(&self, least: u64, most: u64) -> Result<u64> {
        let number = self
            .value
            .as_u64()
            .filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| {
            let upper = if most == u64::MAX {
                String::new()
            } else {
                format!(" to {most}")
            };
            self.wrong(&format!("a whole number from {least}{upper}"))
        })
    }

    fn millis(&self) -> Result<Duration> {
        self.whole(1, u32::MAX.into()).map(Duration::from_millis)
    }

    fn boolean(&self) -> Result<bool> {
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong("true or false"))
    }

    fn headers(&self) -> Result<Vec<(String, String)>> {
        let object = self
            .value
            .as_object()
            .ok_or_else(|| self.wrong("an object of text"))?;
        object
            .iter()
            .map(|(name, value)| match value.as_str() {
                Some(text) => {
                    parse_header(name, text).map_err(Error::config)?;
                    Ok((name.clone(), text.to_owned()))
                }
                None => Err(Error::config(format!("headers.{name} must be text"))),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;

    fn refused(json: &str) -> String {
        ClientBuilder::default()
            .json(json)
            .and_then(Client::from_builder)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn refuses_what_cannot_work_with_a_word_on_what_would() {
        assert!(refused(r#"{"api_kye": "x"}"#).contains("did you mean \"api_key\""));
        assert!(
            refused(r#"{"timeout_ms": -1}"#).contains("timeout_ms must be a whole number from 1")
        );
        assert!(refused(r#"{"timeout_ms": 0}"#).contains("whole number"));
        assert!(refused(r#"{"api_key": 1}"#).contains("api_key must be text"));
        assert!(refused("[]").contains("not a JSON object"));
        assert!(refused(r#"{"api_key":"sk_1","headers":{"a":"b\r\nc: d"}}"#).contains("0x0d"));
        assert!(refused(r#"{"api_key":"sk_1\n2"}"#).contains("api_key"));
    }

    #[test]
    fn the_header_lists_every_setting() {
        let header = include_str!("../../include/knock.h");
        for key in KEYS {
            assert!(header.contains(&format!("- `{key}`: ")), "{key}");
        }
    }
}
