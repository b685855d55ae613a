//! A quick check that text is JSON, for responses that are passed on as they came.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::model::schema::{Kind, Type};

/// Containers nested deeper than this are left to the parser, which has a limit of its own.
const DEEPEST: u32 = 64;
/// A longer number might be out of a parser's range.
const LONGEST_NUMBER: usize = 20;

/// Whether the text is JSON of the plain kind: nothing that parsers disagree about, such as
/// unpaired surrogates, numbers with an exponent, or deep nesting. False says nothing: the text
/// may be JSON all the same, which a parser has to find out.
///
/// It costs a page of 50 feed items half the instructions that serde_json needs to read the page
/// and drop it.
fn is_plain_json(text: &[u8]) -> bool {
    if std::str::from_utf8(text).is_err() {
        return false;
    }
    let mut scanner = Scanner { text, at: 0 };
    scanner.space();
    let plain = scanner.value(0).is_some();
    scanner.space();
    plain && scanner.at == text.len()
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes over one byte, which must be this one.
    fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        rest.starts_with(word).then(|| self.at += word.len())
    }

    fn value(&mut self, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b'{' => self.items(b'}', depth, |scanner| {
                scanner.string()?;
                scanner.space();
                scanner.byte(b':')?;
                scanner.space();
                scanner.value(depth + 1)
            }),
            b'[' => self.items(b']', depth, |scanner| scanner.value(depth + 1)),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// The items of an object or a list, with what encloses them.
    fn items(
        &mut self,
        close: u8,
        depth: u32,
        item: impl Fn(&mut Self) -> Option<()>,
    ) -> Option<()> {
        if depth == DEEPEST {
            return None;
        }
        self.at += 1;
        self.space();
        if self.peek()? == close {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                byte if byte == close => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
            self.space();
        }
    }

    fn string(&mut self) -> Option<()> {
        self.byte(b'"')?;
        loop {
            self.at += ordinary(self.text.get(self.at..)?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => match self.text.get(self.at + 1)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let _ = self.byte(b'-');
        if self.byte(b'0').is_none() {
            self.digits()?;
        }
        if self.byte(b'.').is_some() {
            self.digits()?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        (!exponent && self.at - start <= LONGEST_NUMBER).then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// Number of bytes before the first quote, backslash or control character; eight at a time.
fn ordinary(text: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    const QUOTES: u64 = ONES * b'"' as u64;
    const BACKSLASHES: u64 = ONES * b'\\' as u64;
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Subtracting borrows into the highest bit of each byte that is too small. A borrow may
        // spill over into later bytes, but never into the first one that is found.
        let control = word.wrapping_sub(ONES * 0x20);
        let quote = (word ^ QUOTES).wrapping_sub(ONES);
        let backslash = (word ^ BACKSLASHES).wrapping_sub(ONES);
        let found = (control | quote | backslash) & !word & HIGHS;
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let ordinary = rest.iter().position(special).unwrap_or(rest.len());
    text.len() - rest.len() + ordinary
}

/// Checks that a text is JSON.
pub(super) fn check_json(text: &[u8]) -> serde_json::Result<()> {
    if is_plain_json(text) {
        return Ok(());
    }
    serde_json::from_slice(text).map(|Valid| ())
}

/// Checks that a JSON text is an object or a list where a type is. Everything else of it is left to
/// who reads it: the service may know more than this version.
pub(super) fn check_kind(text: &[u8], expected: Type) -> serde_json::Result<()> {
    let (opening, expected) = match expected {
        Type::JsonObject | Type::Map(_) => (b'{', "an object"),
        Type::Named(schema) => match schema().kind {
            Kind::Model { .. } => (b'{', "an object"),
            Kind::Enum { .. } | Kind::Union { .. } => return Ok(()),
        },
        Type::List(_) => (b'[', "a list"),
        Type::String | Type::Boolean | Type::Integer | Type::Json => return Ok(()),
        Type::Optional(_) | Type::Union(_) => return Ok(()),
    };
    if text.trim_ascii_start().first() == Some(&opening) {
        return Ok(());
    }
    let is = kind(text);
    Err(serde_json::Error::custom(format_args!(
        "{is} instead of {expected}"
    )))
}

/// The kind of a JSON text, in words.
pub(super) fn kind(text: &[u8]) -> &'static str {
    match text.trim_ascii_start().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Any JSON, read and dropped. Unlike serde's `IgnoredAny` it keeps serde_json's limit on
/// nesting, so that no caller is handed text that its own parser could overflow on.
struct Valid;

impl<'de> Deserialize<'de> for Valid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValidVisitor;

        impl<'de> Visitor<'de> for ValidVisitor {
            type Value = Valid;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_str<E>(self, _: &str) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_unit<E>(self) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Valid, A::Error> {
                while seq.next_element::<Valid>()?.is_some() {}
                Ok(Valid)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Valid, A::Error> {
                while map.next_entry::<Valid, Valid>()?.is_some() {}
                Ok(Valid)
            }
        }

        deserializer.deserialize_any(ValidVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_plain_json() {
        for text in [
            "null",
            " true ",
            "false",
            "0",
            "-1.50",
            "\"\"",
            "[]",
            "{}",
            r#"{"a":[1,2.5,-3,{"b":"c\n\"d\"\\"}], "é…𝄞 and a longer text" : null}"#,
            "[\t1 ,\r\n2 ]",
        ] {
            assert!(is_plain_json(text.as_bytes()), "{text}");
            assert!(
                serde_json::from_str::<serde_json::Value>(text).is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn never_takes_what_a_parser_refuses() {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "1",
            "01",
            "-",
            ".5",
            "1.",
            "1e9",
            "tru",
            "null",
            "\"",
            "\\",
            "\u{1}",
            "\"\\x\"",
            "\"\\ud800\"",
            " ",
            "é",
        ];
        let mut plain = 0;
        let n = pieces.len();
        for index in 0..n.pow(4) {
            let piece = |place: u32| pieces[index / n.pow(place) % n];
            let text: String = (0..4).map(piece).collect();
            if is_plain_json(text.as_bytes()) {
                plain += 1;
                let read = serde_json::from_str::<serde_json::Value>(&text);
                assert!(read.is_ok(), "{text}");
            }
        }
        assert!(plain > 100, "{plain}");
    }

    #[test]
    fn leaves_what_is_unusual_to_the_parser() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let long = "1".repeat(400);
        for text in ["1e400", "\"\\ud83d\\ude00\"", deep.as_str(), long.as_str()] {
            assert!(!is_plain_json(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn finds_the_end_of_a_string_wherever_it_is() {
        for length in 0..40 {
            let ahead = "é".repeat(length);
            for special in ["\"", "\\", "\u{0}", "\u{1f}"] {
                let text = format!("{ahead}{special}{ahead}\"");
                assert_eq!(ordinary(text.as_bytes()), ahead.len());
            }
            assert_eq!(ordinary(ahead.as_bytes()), ahead.len());
        }
    }
}
