//! A small blocking HTTP client for the tests.
#![allow(dead_code)] // Every test file uses a part of it.

pub mod demo;

use knock_sandbox::Sandbox;
use serde_json::Value;

/// A response in full.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body of a response that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        match self.text.is_empty() {
            true => Value::Null,
            false => self.json(),
        }
    }

    /// The `field`s that a 422 complains about.
    #[track_caller]
    pub fn invalid_fields(&self) -> Vec<String> {
        let body = self.expect(422);
        assert_eq!(body["code"], "invalid_params");
        let errors = body["errors"].as_array().expect("errors is a list");
        errors
            .iter()
            .map(|e| e["field"].as_str().expect("field is text").to_owned())
            .collect()
    }
}

/// Calls a sandbox with one set of headers.
pub struct Client {
    agent: ureq::Agent,
    url: String,
    headers: Vec<(String, String)>,
}

impl Client {
    /// Holds a secret key of the demo world.
    pub fn demo() -> (Sandbox, Self) {
        let sandbox = Sandbox::builder()
            .seed("demo")
            .start()
            .expect("the demo world");
        let client = Self::new(&sandbox);
        (sandbox, client)
    }

    /// Holds a secret key.
    pub fn new(sandbox: &Sandbox) -> Self {
        Self::bare(sandbox).with("authorization", "Bearer sk_test")
    }

    /// Holds no key.
    pub fn bare(sandbox: &Sandbox) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .build()
            .into();
        Self {
            agent,
            url: sandbox.url(),
            headers: Vec::new(),
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn try_call(
        &self,
        method: &str,
        target: &str,
        body: Option<&str>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = match body {
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_owned())
                    .expect("a request");
                let request = self
                    .agent
                    .configure_request(request)
                    .allow_non_standard_methods(true)
                    .build();
                self.agent.run(request)?
            }
            None => self.agent.run(request.body(()).expect("a request"))?,
        };
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.body_mut().read_to_string()?,
        })
    }

    #[track_caller]
    pub fn call(&self, method: &str, target: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string);
        self.try_call(method, target, body.as_deref())
            .unwrap_or_else(|e| panic!("{method} {target}: {e}"))
    }

    #[track_caller]
    pub fn get(&self, target: &str) -> Answer {
        self.call("GET", target, None)
    }

    #[track_caller]
    pub fn put(&self, target: &str, body: Value) -> Answer {
        self.call("PUT", target, Some(&body))
    }

    #[track_caller]
    pub fn post(&self, target: &str, body: Value) -> Answer {
        self.call("POST", target, Some(&body))
    }

    #[track_caller]
    pub fn delete(&self, target: &str) -> Answer {
        self.call("DELETE", target, None)
    }
}
