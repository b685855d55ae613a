//! Names in Python.

use knock::model::schema::Member;

/// Words that cannot be names, of those that occur in APIs.
const KEYWORDS: [&str; 12] = [
    "and", "as", "class", "from", "global", "import", "in", "is", "not", "or", "pass", "with",
];

/// The attribute or keyword of a field: its key in JSON where that can be a public name, else
/// the name in Rust.
pub fn of_field(field: &Member) -> String {
    let key = field.wire;
    let name = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !key.starts_with('_');
    variable(if name { key } else { field.name })
}

/// A name for a variable.
pub fn variable(name: &str) -> String {
    let name = name.trim_start_matches("r#").replace('.', "_");
    if KEYWORDS.contains(&name.as_str()) {
        name + "_"
    } else {
        name
    }
}

/// `PreferenceSet` as `preference_set`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// `preference_center` as `PreferenceCenter`.
pub fn class(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}
