//! The connections of a project, as `azure-ai-projects` reads them. They are made and changed in the control plane.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, NoBody, Operation, Reply, Routes, data_action, operations, page};
use arm::{Resource, Scope};
use http::StatusCode;
use rbac::{Permission, RowKind};
use resources::connections::is_default;
use serde_json::{Map, Value, json};
use store::{CredentialKind, CredentialOwner, StoreError, World};

use crate::project::{ProjectApi, connection, connections, project_at};

const READ: &[Permission] = data_action!("AIServices/connections/read");
const READ_WITH_SECRETS: &[Permission] =
    data_action!("AIServices/connections/read", "AIServices/connections/listSecrets/action");

operations! {
    /// All that the project sees: `?connectionType=` and `?defaultConnection=true` choose.
    List: Get "/accounts/{account}/api/projects/{project}/connections", Project, READ, NoBody;
    /// One of them.
    Get: Get "/accounts/{account}/api/projects/{project}/connections/{connection}", Project, READ, NoBody;
    /// One of them with its secrets.
    GetWithCredentials: Post "/accounts/{account}/api/projects/{project}/connections/{connection}/getConnectionWithCredentials",
        Project, READ_WITH_SECRETS, NoBody, &[RowKind::Credential];
}

pub(super) fn mount(routes: Routes<ProjectApi>) -> Routes<ProjectApi> {
    routes.on(List, list).on(Get, get).on(GetWithCredentials, get_with_credentials)
}

async fn list(_: Arc<ProjectApi>, request: Authorized<List>) -> HandlerResult {
    project_at(&request.world, &request.target)?;
    let wanted_type = request.query.get("connectionType").filter(|text| !text.is_empty());
    let wanted_default = request.query.get("defaultConnection").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let wanted = connections(&request.world, &request.target).into_iter().filter(|connection| {
        let category = text(connection, "category");
        let is_type =
            |wanted: &str| [category, shown_category(category)].iter().any(|own| own.eq_ignore_ascii_case(wanted));
        wanted_type.is_none_or(is_type) && (!wanted_default || is_default(connection))
    });
    page(&request, wanted.map(|connection| (connection.id.name().to_ascii_lowercase(), connection)), shown)
}

async fn get(_: Arc<ProjectApi>, request: Authorized<Get>) -> HandlerResult {
    let found = named(&request)?;
    Ok(Reply::json(StatusCode::OK, &shown(found)))
}

/// The secrets of a connection that the account shares are opened too: to share is to let the account's projects use it.
async fn get_with_credentials(api: Arc<ProjectApi>, request: Authorized<GetWithCredentials>) -> HandlerResult {
    let found = named(&request)?;
    let mut body = shown(found);
    if let Some(credentials) = body.get_mut("credentials").and_then(Value::as_object_mut) {
        open(&api, &request.world, found, credentials).map_err(|error| unopened(&error))?;
    }
    request.record.note(|record| record.connection = Some(found.id.to_string()));
    api.store.record(&request.permit).await.map_err(|error| unopened(&error))?;
    Ok(Reply::json(StatusCode::OK, &body).with_header("cache-control", "no-store"))
}

/// The connection that the path names.
fn named<O: Operation>(request: &Authorized<O>) -> Result<&Resource, Failure> {
    project_at(&request.world, &request.target)?;
    let name = request.params.get("connection").unwrap_or_default();
    connection(&request.world, &request.target, name).ok_or_else(|| unknown(&request.world, &request.target, name))
}

fn unknown(world: &World, project: &Scope, name: &str) -> Failure {
    let seen = connections(world, project);
    let near = arm::nearest(name, seen.iter().map(|connection| connection.id.name()));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let message = format!("the project has no connection `{name}`, and its account shares none of that name{hint}");
    Failure::data_plane(StatusCode::NOT_FOUND, "NotFound", message)
}

/// `{name, id, type, target, isDefault, credentials: {type, …}, metadata}`, without a secret.
fn shown(connection: &Resource) -> Value {
    let mut credentials = Map::new();
    credentials.insert("type".to_owned(), json!(shown_auth_type(text(connection, "authType"))));
    let stored = connection.properties.get("credentials").and_then(Value::as_object);
    let visible = stored.into_iter().flatten().filter(|(_, value)| value.is_string());
    credentials.extend(visible.map(|(name, value)| (name.clone(), value.clone())));
    json!({
        "name": connection.id.name(),
        "id": connection.id.as_str(),
        "type": shown_category(text(connection, "category")),
        "target": text(connection, "target"),
        "isDefault": is_default(connection),
        "credentials": credentials,
        "metadata": connection.properties.get("metadata").cloned().unwrap_or_else(|| json!({})),
    })
}

/// Adds the secrets: named ones beside the others, as clients look for them.
fn open(
    api: &ProjectApi,
    world: &World,
    connection: &Resource,
    credentials: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let permit = api.stand_in.for_connection_secrets();
    for info in world.credentials.of(&CredentialOwner::Connection(connection.id.clone())) {
        let CredentialKind::ConnectionSecret(member) = &info.kind else { continue };
        let name = match member.split_once('/') {
            Some((_, name)) => name,
            None if member == "sas" => "SAS",
            None => member,
        };
        let secret = api.store.reveal(&permit, &info.reference())?;
        credentials.insert(name.to_owned(), json!(secret.expose()));
    }
    Ok(())
}

fn unopened(error: &StoreError) -> Failure {
    let message = "The credentials cannot be opened or recorded now. Try again later.";
    let failure = Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message);
    Failure { reason: error.to_string(), ..failure }
}

/// The category in the data plane's own writing.
fn shown_category(category: &str) -> &str {
    match category {
        "CosmosDb" => "CosmosDB",
        "RemoteTool" => "RemoteTool_Preview",
        other => other,
    }
}

/// The way to prove oneself in the data plane's own writing.
fn shown_auth_type(auth_type: &str) -> &str {
    match auth_type {
        "AgenticIdentityToken" => "AgenticIdentityToken_Preview",
        other => other,
    }
}

fn text<'a>(connection: &'a Resource, name: &str) -> &'a str {
    connection.properties.get(name).and_then(Value::as_str).unwrap_or_default()
}
