//! A moment of fuzzing: the corpus, and what becomes of it under the same mutations each time.

#[path = "../fuzz/checks.rs"]
mod checks;
#[path = "../fuzz/responses.rs"]
mod responses;

use std::fs;
use std::path::Path;

/// Pieces that make a mutation likely to reach something new.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-0",
    "1e999",
    "18446744073709551616",
    "\n",
    "..",
    "%2e",
    "user_id",
    "body",
    "request_options",
    "headers",
    "metadata",
    "api_key",
    "base_url",
    "pacing",
    "http://",
    "\u{1f434}",
    "\r\n",
    "\r\n\r\n",
    "HTTP/1.1 200 OK\r\n",
    "content-length: 2\r\n",
    "transfer-encoding: chunked\r\n",
    "connection: close\r\n",
    "0\r\n\r\n",
    "+5\r\n",
    ";a=b",
    "\u{feff}",
    "t=",
    "s=",
    "=",
    "-----BEGIN ",
    "-----END PRIVATE KEY-----",
    "\\n",
];

/// Splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("a file of the corpus").path())
        .collect();
    files.sort();
    let texts: Vec<_> = files
        .iter()
        .map(|file| fs::read(file).expect("a file of the corpus"))
        .collect();
    assert!(!texts.is_empty());
    texts
}

fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut text = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(text.len() + 1);
        let end = (at + random.below(16)).min(text.len());
        match random.below(5) {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy = text[at..end].to_vec();
                text.splice(at..at, copy);
            }
            2 => {
                let word = WORDS[random.below(WORDS.len())];
                text.splice(at..end, word.bytes());
            }
            3 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                text.truncate(at);
                text.extend_from_slice(&other[from..]);
            }
            _ => {
                if let Some(byte) = text.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
    text
}

fn fuzz(name: &str, rounds: usize, check: fn(&[u8])) {
    let corpus = corpus(name);
    corpus.iter().for_each(|text| check(text));
    let mut random = Random(1);
    for _ in 0..rounds {
        check(&mutated(&mut random, &corpus));
    }
}

#[test]
fn any_text_is_a_request_or_refused_as_one() {
    fuzz("request", 4_000, checks::request);
}

#[test]
fn any_text_is_settings_or_refused_as_such() {
    fuzz("config", 500, checks::config);
}

#[test]
fn any_header_is_a_signature_or_refused_as_one() {
    fuzz("signature", 4_000, checks::signature);
}

#[test]
fn any_text_is_a_signing_key_or_refused_without_being_shown() {
    fuzz("signing_key", 1_000, checks::signing_key);
}

#[test]
fn any_response_ends_a_call_and_no_other() {
    fuzz("head", 400, responses::head);
}

#[test]
fn any_chunks_are_read_as_they_are_or_refused() {
    fuzz("chunks", 400, responses::chunks);
}

#[test]
fn any_packed_body_is_unpacked_or_refused() {
    fuzz("gzip", 400, responses::gzip);
}

#[test]
fn any_body_is_json_or_refused_as_such() {
    fuzz("json", 400, responses::json);
}

#[test]
fn whatever_follows_a_response_is_nobodys() {
    fuzz("late", 200, responses::late);
}
