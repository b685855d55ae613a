//! Which module a type is in: that of the request or answer which it is a part of.

use std::collections::{BTreeMap, BTreeSet};

use knock::model::schema::{self, Describe, Kind, Type};
use knock::operations;
use knock::types::PreferenceSetWorkflows;

use super::names::snake;

/// Types that are found from requests or from answers, each with its module.
pub struct Groups {
    modules: BTreeMap<&'static str, String>,
}

/// The module of types that several requests or answers have a part in.
const SHARED: &str = "shared";

impl Groups {
    /// The types of answers.
    pub fn of_results() -> Self {
        Self::from_roots(operations().map(|o| response(o.response).0).flat_map(named))
    }

    /// The types of requests.
    pub fn of_requests() -> Self {
        let bodies = operations().filter_map(|operation| operation.body);
        let references = named(Type::Named("RecipientReference"));
        Self::from_roots(bodies.map(body).flat_map(named).chain(references))
    }

    fn from_roots(roots: impl Iterator<Item = &'static str>) -> Self {
        let roots: BTreeSet<_> = roots.collect();
        let mut owners: BTreeMap<&'static str, BTreeSet<&'static str>> = BTreeMap::new();
        for root in &roots {
            let mut waiting = vec![*root];
            let mut seen = BTreeSet::new();
            while let Some(name) = waiting.pop() {
                if !seen.insert(name) || (name != *root && roots.contains(name)) {
                    continue;
                }
                owners.entry(name).or_default().insert(root);
                waiting.extend(parts(name));
            }
        }
        let module = |owners: &BTreeSet<&str>| match owners.iter().next() {
            Some(owner) if owners.len() == 1 => snake(owner),
            _ => SHARED.to_owned(),
        };
        let modules = owners.iter().map(|(name, owners)| (*name, module(owners)));
        Self {
            modules: modules.collect(),
        }
    }

    /// The module of a type, if it is one of these.
    pub fn module(&self, name: &str) -> Option<&str> {
        self.modules.get(name).map(String::as_str)
    }

    /// Every module with its types, parts before the whole.
    pub fn modules(&self) -> BTreeMap<&str, Vec<&'static str>> {
        let mut modules: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        let mut done = BTreeSet::new();
        for name in self.modules.keys() {
            self.visit(name, &mut done, &mut modules);
        }
        modules
    }

    fn visit<'a>(
        &'a self,
        name: &'static str,
        done: &mut BTreeSet<&'static str>,
        modules: &mut BTreeMap<&'a str, Vec<&'static str>>,
    ) {
        if !done.insert(name) {
            return;
        }
        for part in parts(name) {
            self.visit(part, done, modules);
        }
        if let Some(module) = self.modules.get(name) {
            modules.entry(module).or_default().push(name);
        }
    }
}

/// The type of a body. A map of settings has no name in the schema.
pub fn body(name: &'static str) -> Type {
    match name {
        "PreferenceSetWorkflows" => PreferenceSetWorkflows::TYPE,
        name => Type::Named(name),
    }
}

/// The type of an answer, and whether it has a list of them.
pub fn response(name: &'static str) -> (Type, bool) {
    match name
        .strip_prefix("Vec<")
        .and_then(|name| name.strip_suffix('>'))
    {
        Some(element) => (Type::Named(element), true),
        None => (Type::Named(name), false),
    }
}

/// The models and unions that a type is directly made of; enums are in a module of their own.
fn parts(name: &str) -> Vec<&'static str> {
    let schema = schema::find(name);
    let types: Vec<Type> = match schema.map(|schema| schema.kind) {
        Some(Kind::Model { fields, .. }) => fields.iter().map(|field| field.ty).collect(),
        Some(Kind::Union { branches }) => branches.iter().map(|branch| branch.ty).collect(),
        Some(Kind::Enum { .. }) | None => Vec::new(),
    };
    types.into_iter().flat_map(named).collect()
}

/// The models and unions in a type.
fn named(ty: Type) -> Vec<&'static str> {
    match ty {
        Type::Named(name) => match schema::find(name).map(|schema| schema.kind) {
            Some(Kind::Model { .. } | Kind::Union { .. }) => vec![name],
            Some(Kind::Enum { .. }) | None => Vec::new(),
        },
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => named(*inner),
        Type::Union(branches) => branches.iter().copied().flat_map(named).collect(),
        Type::String | Type::Boolean | Type::Integer | Type::Json | Type::JsonObject => Vec::new(),
    }
}
