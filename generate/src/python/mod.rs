//! Generated parts of the Python package: resources with a method per operation, classes for
//! results, typed dictionaries for requests, and the version that the loader asks for.

mod annotation;
mod enums;
mod groups;
mod method;
mod method_doc;
mod models;
mod module;
mod names;
mod params;
mod resources;
mod version;

use module::Module;

/// The root of the package in the repository.
const PACKAGE: &str = "bindings/python/src/knock_client";

/// Every generated file: its path from the root of the repository and its text.
pub fn files() -> Vec<(String, String)> {
    let modules = [
        models::modules(),
        params::modules(),
        vec![enums::module()],
        resources::modules(),
        vec![version::module()],
    ];
    let modules = modules.into_iter().flatten();
    modules
        .map(|module: Module| (format!("{PACKAGE}/{}", module.file()), module.render()))
        .collect()
}
