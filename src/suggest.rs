//! "Did you mean" for mistyped names.

/// `; did you mean "…"?` for the nearest of the known names, or nothing where none is near.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, name)| format!("; did you mean {name:?}?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_the_nearest_and_stays_silent_when_none_is_near() {
        assert_eq!(
            nearest("api_kye", ["api_key", "base_url"]),
            "; did you mean \"api_key\"?"
        );
        assert_eq!(nearest("zzz", ["api_key", "base_url"]), "");
    }
}
