//! Which module a type is in: that of the request or response which it is a part of.

use std::collections::{BTreeMap, BTreeSet};

use knock::model::schema::{Describe, Kind, Schema, Type};
use knock::operations;
use knock::types::WebhookEvent;

use super::names::snake;

/// Types that are found from requests or from responses, each with its module.
pub struct Groups {
    modules: BTreeMap<&'static str, (&'static Schema, String)>,
}

/// The module of types that several requests or responses have a part in.
const SHARED: &str = "shared";

impl Groups {
    /// The types of responses and webhooks.
    pub fn of_results() -> Self {
        let responses = operations().filter_map(|operation| operation.response);
        Self::from_roots(responses.chain([WebhookEvent::TYPE]))
    }

    /// The types of requests.
    pub fn of_requests() -> Self {
        let bodies = operations().filter_map(|operation| operation.body);
        let parameters = operations().flat_map(|operation| operation.query);
        let parameters = parameters.map(|parameter| parameter.ty);
        Self::from_roots(bodies.map(|body| body.ty).chain(parameters))
    }

    fn from_roots(roots: impl Iterator<Item = Type>) -> Self {
        let roots: BTreeMap<&'static str, &'static Schema> = roots
            .flat_map(named)
            .map(|root| (root.name, root))
            .collect();
        let mut owners: BTreeMap<&'static str, (&'static Schema, BTreeSet<&'static str>)> =
            BTreeMap::new();
        for (root, schema) in &roots {
            let mut waiting = vec![*schema];
            let mut seen = BTreeSet::new();
            while let Some(schema) = waiting.pop() {
                let name = schema.name;
                if !seen.insert(name) || (name != *root && roots.contains_key(name)) {
                    continue;
                }
                let (_, owners) = owners.entry(name).or_insert((schema, BTreeSet::new()));
                owners.insert(root);
                waiting.extend(parts(schema));
            }
        }
        let module = |owners: &BTreeSet<&str>| match owners.iter().next() {
            Some(owner) if owners.len() == 1 => snake(owner),
            _ => SHARED.to_owned(),
        };
        let modules = owners.into_iter();
        let modules = modules.map(|(name, (schema, owners))| (name, (schema, module(&owners))));
        Self {
            modules: modules.collect(),
        }
    }

    /// The module of a type, if it is one of these.
    pub fn module(&self, schema: &Schema) -> Option<&str> {
        let (_, module) = self.modules.get(schema.name)?;
        Some(module)
    }

    /// Every module with its types, parts before the whole.
    pub fn modules(&self) -> BTreeMap<&str, Vec<&'static Schema>> {
        let mut modules: BTreeMap<&str, Vec<&'static Schema>> = BTreeMap::new();
        let mut done = BTreeSet::new();
        for (schema, _) in self.modules.values() {
            self.visit(schema, &mut done, &mut modules);
        }
        modules
    }

    fn visit<'a>(
        &'a self,
        schema: &'static Schema,
        done: &mut BTreeSet<&'static str>,
        modules: &mut BTreeMap<&'a str, Vec<&'static Schema>>,
    ) {
        if !done.insert(schema.name) {
            return;
        }
        for part in parts(schema) {
            self.visit(part, done, modules);
        }
        if let Some(module) = self.module(schema) {
            modules.entry(module).or_default().push(schema);
        }
    }
}

/// The models and unions that a type is directly made of; enums are in a module of their own.
fn parts(schema: &'static Schema) -> Vec<&'static Schema> {
    schema.parts().into_iter().flat_map(named).collect()
}

/// The models and unions in a type.
fn named(ty: Type) -> Vec<&'static Schema> {
    let mut schemas = ty.schemas();
    schemas.retain(|schema| !matches!(schema.kind, Kind::Enum { .. }));
    schemas
}
