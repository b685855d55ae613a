//! Writes what follows from the operations, so that each is defined once: the C functions, the
//! header and the methods of the bindings. `cargo run -p knock-generate` writes the files, which
//! are committed; a test compares them.

mod c;
mod conformance;
mod cpp;
mod python;
mod readme;
mod resources;
mod sandbox;
mod text;

use std::iter;
use std::path::{Path, PathBuf};

/// A generated file of a fixed name: its path in the repository and what makes its text.
pub struct Output {
    /// The path, from the root of the repository.
    pub path: &'static str,
    /// Makes the text of the file.
    pub text: fn() -> String,
}

/// The generated files of fixed names.
pub const OUTPUTS: &[Output] = &[
    Output {
        path: "include/knock.h",
        text: c::header::text,
    },
    Output {
        path: "include/knock.symbols",
        text: c::tests::symbols,
    },
    Output {
        path: "tests/c/operations.h",
        text: c::tests::c_operations,
    },
    Output {
        path: "tests/c/examples.c",
        text: c::tests::c_examples,
    },
    Output {
        path: "tests/cpp/operations.hpp",
        text: c::tests::cpp_operations,
    },
    Output {
        path: "sandbox/src/routes/table.rs",
        text: sandbox::table,
    },
    Output {
        path: "tests/conformance/types.rs",
        text: conformance::types,
    },
    Output {
        path: "bindings/c/cmake/knock-config-version.cmake",
        text: c::cmake::version,
    },
    Output {
        path: "README.md",
        text: readme::text,
    },
];

/// Every generated file with its text, made as it is asked for: each may be made from those
/// before it.
pub fn files() -> impl Iterator<Item = (String, String)> {
    let outputs = OUTPUTS.iter();
    let outputs = outputs.map(|output| (output.path.to_owned(), (output.text)()));
    // The header is made from the C functions, so it comes after them.
    iter::once_with(c::functions::files)
        .flatten()
        .chain(outputs)
        .chain(iter::once_with(cpp::files).flatten())
        .chain(iter::once_with(python::files).flatten())
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
