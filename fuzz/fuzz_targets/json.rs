#![no_main]

#[path = "../responses.rs"]
mod responses;

libfuzzer_sys::fuzz_target!(|input: &[u8]| responses::json(input));
