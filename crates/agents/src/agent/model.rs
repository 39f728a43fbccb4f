//! Whether a project has the model that an agent is to ask: a deployment of its account, or a model behind a connection.

use std::sync::Arc;

use arm::{Resource, Scope};
use dialect::openai::OpenAiError;
use resources::connections::{
    ACCOUNT_CONNECTIONS, GatewayConnection, GatewayModels, PROJECT_CONNECTIONS, all_seen, default_gateway, seen_from,
};
use resources::quoted;
use store::World;

use crate::failure::{hint, wrong};

/// The type of deployments.
const DEPLOYMENTS: &str = "Microsoft.CognitiveServices/accounts/deployments";
/// The field.
const MODEL: &str = "definition.model";

/// Refuses a name that means nothing now, with the nearest that does. What a gateway says of itself is not asked for here.
pub(super) fn check(name: &str, project: &Scope, world: &World) -> Result<(), OpenAiError> {
    match name.split_once('/') {
        Some((connection, model)) => behind_connection(connection, model, project, world),
        None => bare(name, project, world),
    }
}

fn behind_connection(connection: &str, model: &str, project: &Scope, world: &World) -> Result<(), OpenAiError> {
    let found = seen_from(|id| world.resources.get(id).map(Arc::as_ref), project, connection);
    let Some(gateway) = found.and_then(GatewayConnection::of) else {
        let seen = seen(project, world);
        let gateways = seen.iter().filter(|one| GatewayConnection::of(one).is_some()).map(|one| one.id.name());
        let why = if found.is_some() { "leads to no models" } else { "is not there for this project" };
        let (connection, hint) = (quoted(connection), hint(connection, gateways));
        return Err(wrong(MODEL, format!("`{MODEL}`: the connection `{connection}` {why}{hint}")));
    };
    if model.is_empty() {
        return Err(wrong(MODEL, format!("`{MODEL}`: behind `{}/` a model is named", quoted(connection))));
    }
    let GatewayModels::Static(models) = gateway.models else { return Ok(()) };
    if models.iter().any(|known| known.name.eq_ignore_ascii_case(model)) {
        return Ok(());
    }
    let hint = hint(model, models.iter().map(|known| known.name.as_str()));
    let (connection, model) = (quoted(connection), quoted(model));
    Err(wrong(MODEL, format!("`{MODEL}`: the connection `{connection}` lists no model `{model}`{hint}")))
}

fn bare(name: &str, project: &Scope, world: &World) -> Result<(), OpenAiError> {
    let Some(account) = project.parent() else { return Ok(()) };
    let mut known: Vec<String> = Vec::new();
    for deployment in world.resources.children_of_type(&account, DEPLOYMENTS) {
        if deployment.id.name().eq_ignore_ascii_case(name) {
            return Ok(());
        }
        known.push(deployment.id.name().to_owned());
    }
    let seen = seen(project, world);
    if let Some(gateway) = default_gateway(&seen).and_then(GatewayConnection::of) {
        match gateway.models {
            GatewayModels::Discovered(_) => return Ok(()),
            GatewayModels::Static(models) if models.iter().any(|known| known.name.eq_ignore_ascii_case(name)) => {
                return Ok(());
            }
            GatewayModels::Static(models) => known.extend(models.into_iter().map(|model| model.name)),
        }
    }
    let hint = hint(name, known.iter().map(String::as_str));
    let name = quoted(name);
    Err(wrong(
        MODEL,
        format!("`{MODEL}`: `{name}` is neither a deployment of the account nor a model behind its gateway{hint}"),
    ))
}

fn seen<'a>(project: &Scope, world: &'a World) -> Vec<&'a Resource> {
    let of = |place: &Scope, kind: &str| world.resources.children_of_type(place, kind).map(Arc::as_ref);
    match project.parent() {
        Some(account) => all_seen(of(project, PROJECT_CONNECTIONS), of(&account, ACCOUNT_CONNECTIONS)),
        None => Vec::new(),
    }
}
