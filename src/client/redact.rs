//! Redaction: keys and tokens that a server echoes are replaced wherever they would be seen.

use ureq::http::{HeaderMap, HeaderValue};

use crate::error::Error;

/// Stands where a secret was.
const REDACTED: &str = "[secret]";
/// Most layers of escapes that are decoded: JSON text inside JSON text has two.
const MOST_LAYERS: usize = 8;

/// The secrets of one call.
pub(super) struct Redactor<'a> {
    /// Those that go with every call of the client.
    pub client: &'a [String],
    /// The headers of this call alone.
    pub headers: &'a [(ureq::http::HeaderName, HeaderValue)],
}

/// The secret in a header's value, as a server reads it.
pub(super) fn secret(value: &HeaderValue) -> Option<&str> {
    let text = value.is_sensitive().then(|| value.to_str().ok())??.trim();
    let secret = match text.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest,
        _ => text,
    };
    // A server may read it without the quotes that a caller left around it.
    let secret = secret.trim_matches([' ', '"', '\'']);
    Some(secret).filter(|secret| !secret.is_empty())
}

impl Redactor<'_> {
    pub fn error(&self, error: Error) -> Error {
        error.map_texts(|text| redacted(text, self.secrets()))
    }

    pub fn line(&self, line: String) -> String {
        redacted(&line, self.secrets()).unwrap_or(line)
    }

    /// Redacts the one header that errors tell; a server may echo anything in it.
    pub fn request_id(&self, headers: &mut HeaderMap) {
        if let Some(id) = headers.get_mut("x-request-id") {
            let shows = |text: &str| redacted(text, self.secrets()).is_some();
            if id.to_str().is_ok_and(shows) {
                *id = HeaderValue::from_static(REDACTED);
            }
        }
    }

    fn secrets(&self) -> impl Iterator<Item = &str> + Clone {
        let own = self.headers.iter().filter_map(|(_, value)| secret(value));
        self.client.iter().map(String::as_str).chain(own)
    }
}

/// A text without the secrets in it, also those that are written with JSON's escapes; none where
/// it has no secret.
fn redacted<'a>(text: &str, secrets: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if !text.contains('\\') && !secrets.clone().any(|secret| text.contains(secret)) {
        return None;
    }
    let mut view = Unescaped::of(text);
    let mut found = view.find(secrets.clone());
    for _ in 0..MOST_LAYERS {
        if !view.unescape() {
            break;
        }
        found.extend(view.find(secrets.clone()));
    }
    found.sort_unstable();
    let mut redacted = String::with_capacity(text.len());
    let mut end = 0;
    for (from, to) in found {
        // What overlaps goes with the one before it.
        if from >= end {
            redacted.push_str(&text[end..from]);
            redacted.push_str(REDACTED);
        }
        end = end.max(to);
    }
    (end > 0).then(|| redacted + &text[end..])
}

/// A text with its escapes decoded, and where each byte stands in the text.
struct Unescaped {
    bytes: Vec<u8>,
    /// The offset of each byte in the text, and last the text's end.
    starts: Vec<usize>,
}

impl Unescaped {
    fn of(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            starts: (0..=text.len()).collect(),
        }
    }

    /// Decodes one layer of the escapes that may stand for printable ASCII. False where there is
    /// none.
    fn unescape(&mut self) -> bool {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut starts = Vec::with_capacity(self.starts.len());
        let mut at = 0;
        while let Some(&byte) = self.bytes.get(at) {
            let (byte, length) = escape(&self.bytes[at..]).unwrap_or((byte, 1));
            bytes.push(byte);
            starts.push(self.starts[at]);
            at += length;
        }
        starts.push(self.starts[at]);
        let decoded = bytes.len() < self.bytes.len();
        *self = Self { bytes, starts };
        decoded
    }

    /// The parts of the text that stand for a secret.
    fn find<'a>(&self, secrets: impl Iterator<Item = &'a str>) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for secret in secrets {
            let windows = self.bytes.windows(secret.len()).enumerate();
            let here = windows.filter(|(_, window)| *window == secret.as_bytes());
            found.extend(here.map(|(at, _)| (self.starts[at], self.starts[at + secret.len()])));
        }
        found
    }
}

/// The byte that an escape at the start of a text stands for, and the escape's length.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match *text {
        [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => Some((byte, 2)),
        [b'\\', b'u', b'0', b'0', high @ b'0'..=b'7', low, ..] => {
            let low = char::from(low).to_digit(16)? as u8;
            Some(((high - b'0') << 4 | low, 6))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(text: &str) -> String {
        let secrets = ["12", "sk/123"].into_iter();
        redacted(text, secrets).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn a_secret_is_found_under_every_escape() {
        for secret in [
            "sk/123",
            r"sk\/123",
            r"\u0073k/\u0031\u00323",
            r"sk\u002F1\u00323",
            r"s\u006b\\/123",
            r"s\\u006b\\\/123",
            r"s\\\\u006b/123",
            r"s\u005cu006b/123",
        ] {
            let text =
                format!(r#"{{"\u00e9": 1.50, "{secret}": ["\n{secret}!"], "{secret}{secret}"#);
            let clean = r#"{"\u00e9": 1.50, "[secret]": ["\n[secret]!"], "[secret][secret]"#;
            assert_eq!(redact(&text), clean, "{secret}");
        }
    }

    #[test]
    fn the_rest_stays_as_it_came() {
        for text in [
            "",
            "sk/23",
            r#"{"n": 1.50, "u": "\u00e9\n\ud83d\ude00 ü", "path": "a\/b\\"}"#,
            r"\",
            r"\u00",
            r"\u00+1",
        ] {
            assert_eq!(redact(text), text);
        }
        assert_eq!(redact("1234"), "[secret]34");
    }
}
