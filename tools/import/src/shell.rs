//! Command lines that can be pasted into a shell.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;

/// The command that goes on where this one ended.
pub(crate) fn resume_command(words: &[OsString], state: &Path) -> String {
    let (program, rest) = words
        .split_first()
        .map_or((None, words), |(p, r)| (Some(p), r));
    let mut command = program.map_or_else(
        || "knock-import".into(),
        |program| quoted(&program.to_string_lossy()),
    );
    let has_state = rest
        .iter()
        .any(|word| word == "--resume" || word.to_string_lossy().starts_with("--resume="));
    if !has_state {
        command += " --resume ";
        command += &quoted(&state.to_string_lossy());
    }
    for word in rest {
        command.push(' ');
        command += &quoted(&word.to_string_lossy());
    }
    command
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => {
            let word: Cow<str> = word.replace('\'', r"'\''").into();
            format!("'{word}'")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them() {
        let command = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            resume_command(&words, Path::new("a b.json"))
        };
        assert_eq!(
            command(&["knock-import", "--map", "E-mail address=email", "it's.csv"]),
            r"knock-import --resume 'a b.json' --map 'E-mail address=email' 'it'\''s.csv'"
        );
        for given in [
            &["knock-import", "--resume", "s", "u.csv"],
            &["knock-import", "--resume=s", "-", "u.csv"],
        ] {
            assert_eq!(command(given), given.join(" "));
        }
    }
}
