//! Numbers in JSON text that Rust's types would change: integers beyond 64 bits, long decimals and those too close
//! to zero, which become the nearest floating-point number.

/// Numbers of fewer digits are never changed, unless their exponent takes them below what a float holds.
const SHORTEST: usize = 16;
/// Bytes that are looked through without a branch for each, so that the processor compares several at a time.
const BLOCK: usize = 64;

/// The offset of the first number that a `u64`, `i64` or `f64` cannot hold.
pub(crate) fn find_inexact(json: &[u8]) -> Option<usize> {
    // Few bodies have so many digits in a row, and a look at every sixteenth byte tells.
    let suspicious = has_long_run(json) || has_small_exponent(json);
    suspicious.then(|| inexact_number(json)).flatten()
}

/// Whether there is an exponent of three digits below zero.
fn has_small_exponent(json: &[u8]) -> bool {
    let begins = |(letter, sign): (&u8, &u8)| matches!(letter, b'e' | b'E') & (*sign == b'-');
    let next = json.get(1..).unwrap_or_default();
    let blocks = json.chunks(BLOCK).zip(next.chunks(BLOCK));
    blocks.enumerate().any(|(block, (letters, signs))| {
        let pairs = || letters.iter().zip(signs);
        pairs().fold(false, |found, pair| found | begins(pair))
            && pairs().enumerate().any(|(at, pair)| {
                let digits = json[block * BLOCK + at + 2..].iter().take(3);
                begins(pair) && digits.filter(|byte| byte.is_ascii_digit()).count() == 3
            })
    })
}

fn has_long_run(json: &[u8]) -> bool {
    (0..json.len()).step_by(SHORTEST).any(|at| {
        let before = json[..at].iter().rev().take_while(|byte| is_digit(byte));
        is_digit(&json[at])
            && before.count() + json[at..].iter().take_while(|byte| is_digit(byte)).count()
                >= SHORTEST
    })
}

const fn is_digit(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'.')
}

fn inexact_number(json: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < json.len() {
        match json[at] {
            b'"' => at += string_length(&json[at..]),
            b'-' | b'0'..=b'9' => {
                let number = json[at..].iter().take_while(|byte| in_number(byte));
                let end = at + number.count();
                let number = std::str::from_utf8(&json[at..end]).unwrap_or_default();
                if !is_exact(number) {
                    return Some(at);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    None
}

const fn in_number(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')
}

/// The length of the string that a text begins with, its quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn is_exact(number: &str) -> bool {
    if number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok() {
        return true;
    }
    // What is no number is the parser's to refuse.
    number.parse::<f64>().map_or(true, |float| {
        decimal(number) == decimal(&format!("{float:e}"))
    })
}

/// The digits of a number without the zeros around them, and the power of ten that they are multiplied by.
fn decimal(number: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let negative = whole.starts_with('-');
    let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some((negative, String::new(), 0));
    }
    let exponent = exponent.parse::<i64>().ok()?;
    let shift = i64::try_from(zeros).ok()? - i64::try_from(fraction.len()).ok()?;
    Some((
        negative,
        significant.to_owned(),
        exponent.checked_add(shift)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_keep_their_value_are_exact() {
        for number in [
            "0",
            "-0",
            "18446744073709551615",
            "-9223372036854775808",
            "100000000000000000000",
            "0.1",
            "0.30000000000000004",
            "1.50",
            "1.7976931348623157e308",
            "12345678901234.5e-3",
            "1.5e-300",
            "0e-400",
        ] {
            assert!(is_exact(number), "{number}");
        }
    }

    #[test]
    fn numbers_that_would_change_are_found_where_they_stand() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "0.1234567890123456789",
            "3.14159265358979323846",
            "1234567890123456789e3",
            "1e-400",
            "1.2345678e-320",
        ] {
            for start in 0..40 {
                let json = format!(r#"{}{{"a": {number}}}"#, " ".repeat(start));
                assert_eq!(find_inexact(json.as_bytes()), Some(start + 6), "{json}");
            }
        }
    }

    #[test]
    fn an_exponent_is_found_across_blocks() {
        for start in 0..2 * BLOCK {
            let json = format!("{}1e-400", " ".repeat(start));
            assert_eq!(find_inexact(json.as_bytes()), Some(start), "{start}");
            assert!(!has_small_exponent(&json.as_bytes()[..json.len() - 1]));
        }
    }

    #[test]
    fn digits_in_text_are_no_numbers() {
        let json =
            r#"{"18446744073709551616": "0.12345678901234567890 \" 18446744073709551616", "b": 1}"#;
        assert_eq!(find_inexact(json.as_bytes()), None);
    }
}
