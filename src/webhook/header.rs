//! The signature header of a webhook: `t=<time>,s=<signature>`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::webhook::Refusal;

/// Timestamps below this are seconds, others milliseconds.
const FIRST_MILLISECOND: u64 = 100_000_000_000;

/// A signature header, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// The timestamp as it was signed.
    pub timestamp: &'a str,
    /// The timestamp in milliseconds since 1970.
    pub sent_at_ms: u64,
    /// The signatures; several while a secret is being replaced.
    pub signatures: Vec<Vec<u8>>,
}

impl<'a> Header<'a> {
    /// Reads the header. Parts may come in any order, and unknown ones are passed over.
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        let mut timestamp = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('=') {
                Some(("t", _)) if timestamp.is_some() => {
                    return Err(Refusal::Malformed("it has more than one timestamp (t)"));
                }
                Some(("t", value)) => timestamp = Some(value),
                Some(("s", value)) => {
                    let signature = STANDARD.decode(value);
                    signatures.push(
                        signature
                            .map_err(|_| Refusal::Malformed("its signature (s) is not base64"))?,
                    );
                }
                _ => {}
            }
        }
        let timestamp = timestamp.ok_or(Refusal::Malformed("it has no timestamp (t)"))?;
        if signatures.is_empty() {
            return Err(Refusal::Malformed("it has no signature (s)"));
        }
        Ok(Self {
            timestamp,
            sent_at_ms: milliseconds(timestamp)?,
            signatures,
        })
    }
}

fn milliseconds(timestamp: &str) -> Result<u64, Refusal> {
    let number = Some(timestamp)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse::<u64>().ok())
        .ok_or(Refusal::Malformed(
            "its timestamp (t) is not a whole number",
        ))?;
    if number < FIRST_MILLISECOND {
        Ok(number * 1000)
    } else {
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_any_order_and_unknown_ones_are_passed_over() {
        let header = Header::parse("v=2, s=AQI= ,t=1735689600000").unwrap();
        assert_eq!(header.timestamp, "1735689600000");
        assert_eq!(header.sent_at_ms, 1_735_689_600_000);
        assert_eq!(header.signatures, [vec![1, 2]]);
    }

    #[test]
    fn seconds_are_told_by_their_size() {
        assert_eq!(milliseconds("1735689600"), Ok(1_735_689_600_000));
        assert_eq!(milliseconds("99999999999"), Ok(99_999_999_999_000));
        assert_eq!(milliseconds("100000000000"), Ok(100_000_000_000));
    }

    #[test]
    fn a_header_of_another_form_is_refused() {
        for text in [
            "",
            "t=1735689600000",
            "s=AQI=",
            "t=1735689600000,s=%%",
            "t=1,t=1,s=AQI=",
            "t=-1,s=AQI=",
            "t=+1,s=AQI=",
            "t=,s=AQI=",
            "t=99999999999999999999,s=AQI=",
        ] {
            assert!(
                matches!(Header::parse(text), Err(Refusal::Malformed(_))),
                "{text}"
            );
        }
    }
}
