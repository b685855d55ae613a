//! `resources`: a class for each resource, with a method for each operation.

use super::groups::Groups;
use super::method;
use super::module::{Module, TYPING};
use super::names;
use crate::resources::{ALIASES, Resource, resources};

const CALLS: &str = "knock_client._calls";

/// A resource's place in the package and the names of its classes.
struct Place {
    /// The name, such as `users.feeds`.
    name: &'static str,
    /// The class, such as `Feeds`.
    class: String,
    /// The module, such as `resources.users.feeds`.
    module: String,
}

pub fn modules() -> Vec<Module> {
    let all = resources();
    let places: Vec<Place> = all.iter().map(|resource| place(resource.name)).collect();
    let mut modules: Vec<Module> = all
        .iter()
        .zip(&places)
        .map(|(resource, here)| self::module(resource, here, &children(here, &places)))
        .collect();
    modules.push(root(&places));
    modules
}

fn place(name: &'static str) -> Place {
    let last = name.rsplit('.').next().unwrap_or(name);
    Place {
        name,
        class: names::class(last),
        module: format!("resources.{name}"),
    }
}

fn children<'a>(parent: &Place, places: &'a [Place]) -> Vec<&'a Place> {
    let below =
        |place: &&Place| place.name.rsplit_once('.').map(|(above, _)| above) == Some(parent.name);
    places.iter().filter(below).collect()
}

fn module(resource: &Resource, here: &Place, children: &[&Place]) -> Module {
    // What has resources below it is a package.
    let package = if children.is_empty() { "" } else { ".__init__" };
    let doc = format!("`client.{}`.", here.name);
    let mut module = Module::new(&format!("{}{package}", here.module), doc);
    module.import(CALLS, "Resource");
    module.import(TYPING, "hinted");
    module.import("knock_client._raw", "raw");
    let (requests, results) = (Groups::of_requests(), Groups::of_results());
    let class = &here.class;
    let mut text = format!(
        "\n\nclass {class}(Resource):\n    \"\"\"The methods of `client.{}`.\"\"\"\n",
        here.name
    );
    text.push_str(&accessors(children, "", &mut module));
    text.push_str(&format!(
        "\n    @property\n    def with_raw_response(self) -> {class}WithRawResponse:\n        \
         \"\"\"The same methods, which return a `RawResponse` with status, headers and request id.\"\"\"\n        \
         return {class}WithRawResponse({class}(self._calls.raw()))\n"
    ));
    let mut wrapped = String::new();
    for operation in &resource.operations {
        let method = method::write(operation, &requests, &results, &mut module);
        text.push_str(&method.text);
        wrapped.push_str(&format!(
            "        self.{0} = raw(resource.{0})\n",
            method.name
        ));
        for (_, alias) in ALIASES.iter().filter(|(of, _)| *of == operation.name) {
            text.push_str(&format!(
                "\n    {alias} = {0}\n    \"\"\"`{0}` by the name that everyone uses.\"\"\"\n",
                method.name
            ));
            wrapped.push_str(&format!("        self.{alias} = raw(resource.{alias})\n"));
        }
    }
    text.push_str(&format!(
        "\n\n@hinted\nclass {class}WithRawResponse:\n    \"\"\"The methods of `{class}`, which return a `RawResponse`.\"\"\"\n\n    \
         def __init__(self, resource: {class}) -> None:\n        self._resource = resource\n{wrapped}"
    ));
    text.push_str(&accessors(children, "WithRawResponse", &mut module));
    module.body = text;
    module
}

/// Properties for the resources below one. Their modules are loaded when they are used.
fn accessors(children: &[&Place], suffix: &str, module: &mut Module) -> String {
    let mut text = String::new();
    for child in children {
        let name = child.name.rsplit('.').next().unwrap_or(child.name);
        let class = format!("{}{suffix}", child.class);
        let path = format!("knock_client.{}", child.module);
        module.import("functools", "cached_property");
        module.import_for_types(&path, &class);
        let made = match suffix {
            "" => format!("{class}(self._calls)"),
            _ => format!("{class}(self._resource.{name})"),
        };
        text.push_str(&format!(
            "\n    @cached_property\n    def {name}(self) -> {class}:\n        \
             \"\"\"`client.{}`.\"\"\"\n        {}\n\n        return {made}\n",
            child.name,
            module.local_import(&path, &class),
        ));
    }
    text
}

/// Members of the client itself.
fn root(places: &[Place]) -> Module {
    let mut module = Module::new("resources.__init__", "The resources of a client.");
    module.import(CALLS, "Resource");
    module.import(TYPING, "hinted");
    let top: Vec<&Place> = places
        .iter()
        .filter(|place| !place.name.contains('.'))
        .collect();
    let mut text = String::from(
        "\n\nclass Resources(Resource):\n    \"\"\"The resources of a client.\"\"\"\n",
    );
    text.push_str(&accessors(&top, "", &mut module));
    text.push_str(
        "\n\n@hinted\nclass ResourcesWithRawResponse:\n    \
         \"\"\"The resources of a client, whose methods return a `RawResponse`.\"\"\"\n\n    \
         def __init__(self, resource: Resources) -> None:\n        self._resource = Resources(resource._calls.raw())\n",
    );
    text.push_str(&accessors(&top, "WithRawResponse", &mut module));
    module.body = text;
    module
}
