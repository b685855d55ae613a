//! API keys and user tokens as the journal shows them: their kind and last four characters.

use std::borrow::Cow;

use hyper::header::{AUTHORIZATION, HeaderMap, PROXY_AUTHORIZATION};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::auth::USER_TOKEN;

/// Prefixes of keys, longer ones first.
const KINDS: [&str; 6] = ["sk_test_", "sk_live_", "pk_test_", "pk_live_", "sk_", "pk_"];
/// Prefix of a signed user token, as of every JWT.
const JWT: &str = "eyJ";
/// A secret shows its last four characters if that leaves at least eight hidden.
const SHOWN: usize = 4;
const HIDDEN: usize = 8;
/// The shortest secret that is looked for in texts: a shorter one is none, and stands in too many words.
const SHORTEST: usize = 6;
/// The shortest key that is one wherever it stands, after its kind.
const SHORTEST_KEY: usize = 16;

/// Everything but what a path and a query have unencoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+');

/// Hides the secrets of one request, in whatever part of it they stand.
pub(crate) struct Redactor {
    /// Credentials of the request, longest first.
    secrets: Vec<String>,
}

impl Redactor {
    pub fn new(headers: &HeaderMap) -> Self {
        let mut secrets = Vec::new();
        for name in [
            AUTHORIZATION.as_str(),
            PROXY_AUTHORIZATION.as_str(),
            USER_TOKEN,
        ] {
            for value in headers.get_all(name) {
                let value = String::from_utf8_lossy(value.as_bytes());
                let (_, secret) = credential(&value);
                if secret.len() >= SHORTEST {
                    secrets.push(secret.to_owned());
                }
            }
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    pub fn header(&self, name: &str, value: &str) -> String {
        let is_secret = [
            AUTHORIZATION.as_str(),
            PROXY_AUTHORIZATION.as_str(),
            USER_TOKEN,
        ];
        if !is_secret.contains(&name) {
            return self.text(value).into_owned();
        }
        let (scheme, secret) = credential(value);
        format!("{scheme}{}", masked(secret))
    }

    /// Text without the secrets of the request and without anything else that looks like one.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        for secret in &self.secrets {
            if shown.contains(secret) {
                shown = Cow::Owned(shown.replace(secret, &masked(secret)));
            }
        }
        match without_lookalikes(&shown) {
            Some(hidden) => Cow::Owned(hidden),
            None => shown,
        }
    }

    /// A path or a query, in which percent-encoding may disguise a secret.
    pub fn encoded(&self, text: &str) -> String {
        let shown = self.text(text);
        let decoded = percent_decode_str(&shown).decode_utf8_lossy();
        match self.text(&decoded) {
            hidden if hidden == decoded => shown.into_owned(),
            hidden => utf8_percent_encode(&hidden, ENCODED).to_string(),
        }
    }

    /// A body as text and as JSON, if it is JSON.
    pub fn body(&self, body: &[u8]) -> (String, Option<Value>) {
        let text = String::from_utf8_lossy(body);
        let mut json = serde_json::from_slice(body).ok();
        if let Some(json) = &mut json {
            self.json(json);
        }
        let shown = self.text(&text);
        // JSON's escapes may disguise a secret, too.
        let is_same =
            |json: &Value| serde_json::from_str::<Value>(&shown).is_ok_and(|v| v == *json);
        match &json {
            Some(json) if text.contains('\\') && !is_same(json) => {
                (json.to_string(), Some(json.clone()))
            }
            _ => (shown.into_owned(), json),
        }
    }

    fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(hidden) = self.text(text) {
                    *text = hidden;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|field| self.json(field));
                let is_plain = |key: &String| matches!(self.text(key), Cow::Borrowed(_));
                if !fields.keys().all(is_plain) {
                    let renamed = std::mem::take(fields).into_iter();
                    *fields = renamed
                        .map(|(key, field)| (self.text(&key).into_owned(), field))
                        .collect();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The scheme of an authorization with the space after it, and the secret.
fn credential(value: &str) -> (&str, &str) {
    let start = value.find(' ').map_or(0, |space| space + 1);
    let (scheme, secret) = value.split_at(start);
    (scheme, secret.trim())
}

fn masked(secret: &str) -> String {
    let kind = KINDS
        .into_iter()
        .chain([JWT])
        .find(|kind| secret.starts_with(kind));
    let kind = kind.unwrap_or_default();
    let rest: Vec<char> = secret[kind.len()..].chars().collect();
    let end: String = match rest.len() >= HIDDEN + SHOWN {
        true => rest[rest.len() - SHOWN..].iter().collect(),
        false => String::new(),
    };
    format!("{kind}…{end}")
}

/// Text in which every key and token is masked; nothing if there is none.
fn without_lookalikes(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = ["sk_", "pk_", JWT]
        .iter()
        .filter_map(|start| text[at..].find(start))
        .min()
    {
        let start = at + found;
        let is_word_start = !text[..start].ends_with(is_key_character);
        let length = secret_length(&text[start..]).filter(|_| is_word_start);
        if let Some(length) = length {
            shown.push_str(&text[copied..start]);
            shown.push_str(&masked(&text[start..start + length]));
            copied = start + length;
        }
        at = start + length.unwrap_or(1);
    }
    (copied > 0).then(|| shown + &text[copied..])
}

/// Length of the key or token that a text starts with; none if it starts with none.
fn secret_length(text: &str) -> Option<usize> {
    let word = |text: &str| text.find(|c| !is_key_character(c)).unwrap_or(text.len());
    if !text.starts_with(JWT) {
        let length = word(text);
        let kind = KINDS.iter().find(|kind| text.starts_with(*kind))?;
        return (length >= kind.len() + SHORTEST_KEY).then_some(length);
    }
    let head = word(text);
    let claims = text[head..].strip_prefix('.').map(word)?;
    let rest = &text[head + 1 + claims..];
    let signature = rest.strip_prefix('.').map(word)?;
    Some(head + 1 + claims + 1 + signature)
}

fn is_key_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_its_kind_and_its_end() {
        assert_eq!(masked("sk_test_0123456789abcdef"), "sk_test_…cdef");
        assert_eq!(masked("pk_0123456789abcdef"), "pk_…cdef");
        assert_eq!(masked("eyJhbGciOi.eyJzdWIi.c2lnbmF0"), "eyJ…bmF0");
        assert_eq!(masked("sk_short"), "sk_…");
        assert_eq!(masked("a-session-token"), "…oken");
    }

    #[test]
    fn lookalikes_are_found_where_a_word_starts() {
        let hidden = |text| without_lookalikes(text);
        assert_eq!(
            hidden("a sk_0123456789abcdef, b").as_deref(),
            Some("a sk_…cdef, b")
        );
        assert_eq!(
            hidden("t=eyJhbGciOi.eyJzdWIi.c2lnbmF0&u").as_deref(),
            Some("t=eyJ…bmF0&u")
        );
        for harmless in ["desk_0123456789abcdef", "sk_short", "eyJustAWord", "é sk_"] {
            assert_eq!(hidden(harmless), None, "{harmless}");
        }
    }
}
