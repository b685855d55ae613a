//! The C functions, their header, and what tests and CMake know of them.

pub mod cmake;
pub mod functions;
pub mod header;
pub mod tests;

use knock::Operation;

/// Text as a literal of C.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The request of an operation's example, as text.
pub fn example(operation: &Operation) -> String {
    match operation.example_request() {
        Ok(request) => request.to_string(),
        Err(error) => format!("the example of {} is not JSON: {error}", operation.name),
    }
}
