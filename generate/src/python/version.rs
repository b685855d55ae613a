//! `_version.py`: which library the package belongs to.

use super::module::Module;

pub fn module() -> Module {
    let mut module = Module::new(
        "_version",
        "The version of this package, and the ABI of the library that it is for.",
    );
    module.body = format!(
        "\n__version__ = {:?}\nABI_VERSION = {}\n",
        knock::VERSION,
        abi()
    );
    module
}

/// The version that the header has.
fn abi() -> String {
    let header = crate::root().join("include/knock.h");
    let text = std::fs::read_to_string(header).unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("#define KNOCK_ABI_VERSION "));
    line.expect("include/knock.h defines KNOCK_ABI_VERSION")
        .trim()
        .to_owned()
}
