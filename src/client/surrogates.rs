//! Halves of surrogate pairs in JSON text, such as a service cuts an emoji into.

/// Stands for what cannot be read, as long as what it replaces.
const REPLACEMENT: &[u8; 6] = br"\ufffd";

/// Replaces each `\ud800` to `\udfff` that is not half of a pair, and says whether there was one.
pub(crate) fn replace_half_pairs(json: &mut [u8]) -> bool {
    let mut found = false;
    let mut at = 0;
    while let Some(ahead) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += ahead;
        let low = 0xdc00..0xe000;
        match escaped(&json[at..]) {
            None => at += 2,
            Some(0xd800..0xdc00)
                if escaped(&json[at + 6..]).is_some_and(|it| low.contains(&it)) =>
            {
                at += 12;
            }
            Some(0xd800..0xe000) => {
                json[at..at + 6].copy_from_slice(REPLACEMENT);
                found = true;
                at += 6;
            }
            Some(_) => at += 6,
        }
        if at >= json.len() {
            break;
        }
    }
    found
}

/// The code unit of the escape that a text begins with.
fn escaped(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(br"\u")?.get(..4)?;
    let hexadecimal = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| hexadecimal)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_halves_and_leaves_the_rest() {
        for (before, after) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\uD83D\uD83D\uDE00""#, r#""\ufffd\uD83D\uDE00""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83dx""#, r#""\\\ufffdx""#),
            (r#""\ud83d\n\u00e9""#, r#""\ufffd\n\u00e9""#),
            (r#""\ud83"#, r#""\ud83"#),
            (r"\ud83d", r"\ufffd"),
            (r"\", r"\"),
            ("", ""),
        ] {
            let mut json = before.as_bytes().to_vec();
            assert_eq!(replace_half_pairs(&mut json), before != after, "{before}");
            assert_eq!(String::from_utf8(json).unwrap(), after);
        }
    }
}
