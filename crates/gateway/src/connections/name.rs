//! What the `model` of a request at a project means, where it is no deployment of the account.

use std::sync::Arc;

use access::Failure;
use arm::{Resource, Scope};
use resources::connections::{GatewayCategory, GatewayConnection, default_gateway};
use serde_json::Value;
use store::World;

use super::refusal;
use crate::project::{connection, connections};

/// A model behind a connection, by the names that were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    by: By<'a>,
    /// What the gateway calls the model.
    pub(crate) model: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By<'a> {
    /// `connection/model`
    Name(&'a str),
    /// The project's default, for a name that stands alone.
    Default(Scope),
}

/// The connection that `model` leads to; `None` where it names a deployment, or nothing.
pub(crate) fn wanted<'a>(world: &World, project: &Scope, model: &'a str) -> Option<Wanted<'a>> {
    if let Some((connection, model)) = model.split_once('/') {
        return Some(Wanted { by: By::Name(connection), model });
    }
    let deployment = project.parent()?.child("deployments", model);
    if model.is_empty() || world.resources.get(&deployment).is_some() {
        return None;
    }
    let default = default_gateway(&connections(world, project))?;
    Some(Wanted { by: By::Default(default.id.clone()), model })
}

impl Wanted<'_> {
    /// The connection, as it is stored and as it is read.
    pub(super) fn find(&self, world: &World, project: &Scope) -> Result<(Arc<Resource>, GatewayConnection), Failure> {
        let id = match &self.by {
            By::Name(name) => by_name(world, project, name)?,
            By::Default(id) => id.clone(),
        };
        let found = world.resources.get(&id).ok_or_else(|| refusal::unreadable(id.name()))?;
        match GatewayConnection::of(found) {
            Some(written) => Ok((Arc::clone(found), written)),
            None => Err(no_gateway(found)),
        }
    }
}

fn by_name(world: &World, project: &Scope, name: &str) -> Result<Scope, Failure> {
    if let Some(found) = connection(world, project, name) {
        return Ok(found.id.clone());
    }
    let of_account = project.parent().map(|account| account.child("connections", name));
    if of_account.is_some_and(|id| world.resources.get(&id).is_some()) {
        return Err(refusal::not_shared(project.name(), name));
    }
    let seen = connections(world, project);
    Err(refusal::no_connection(project.name(), name, seen.iter().map(|connection| connection.id.name())))
}

fn no_gateway(found: &Resource) -> Failure {
    let category = found.properties.get("category").and_then(Value::as_str).unwrap_or_default();
    match GatewayCategory::of(category) {
        Some(_) => refusal::unreadable(found.id.name()),
        None => refusal::not_a_gateway(found.id.name(), category),
    }
}
