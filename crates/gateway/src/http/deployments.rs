//! The models of a project, as `azure-ai-projects` reads them: the deployments of its account, and what its gateway connections
//! list. What a gateway says only when it is asked is not here.

use std::sync::Arc;

use access::{Authorized, HandlerResult, NoBody, Operation, Reply, Routes, data_action, operations, page};
use arm::Resource;
use http::StatusCode;
use rbac::Permission;
use resources::connections::{GatewayConnection, GatewayModel, GatewayModels};
use resources::deployments::{capabilities, capacity_of, model_of, sku_of};
use resources::model_catalog::Catalog;
use serde_json::{Value, json};

use crate::catalog::DEPLOYMENT;
use crate::failure::deployment_not_found;
use crate::project::{ProjectApi, connections, project_at};

const READ: &[Permission] = data_action!("AIServices/deployments/read");
/// The only type of deployment there is.
const TYPE: &str = "ModelDeployment";

operations! {
    /// All of them: `?modelPublisher=`, `?modelName=` and `?deploymentType=` choose.
    List: Get "/accounts/{account}/api/projects/{project}/deployments", Project, READ, NoBody;
    /// One of them; an account's deployment comes before a gateway's model of the same name.
    Get: Get "/accounts/{account}/api/projects/{project}/deployments/{deployment}", Project, READ, NoBody;
}

pub(super) fn mount(routes: Routes<ProjectApi>) -> Routes<ProjectApi> {
    routes.on(List, list).on(Get, get)
}

async fn list(api: Arc<ProjectApi>, request: Authorized<List>) -> HandlerResult {
    let is_asked = |one: &Value, parameter: &str, field: &str| {
        let wanted = request.query.get(parameter).filter(|text| !text.is_empty());
        wanted.is_none_or(|wanted| {
            one.get(field).and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(wanted))
        })
    };
    let wanted = all(&api, &request)?.into_iter().filter(|(_, one)| {
        is_asked(one, "modelPublisher", "modelPublisher")
            && is_asked(one, "modelName", "modelName")
            && is_asked(one, "deploymentType", "type")
    });
    page(&request, wanted, |one| one)
}

async fn get(api: Arc<ProjectApi>, request: Authorized<Get>) -> HandlerResult {
    let wanted = request.params.get("deployment").unwrap_or_default();
    let is_it =
        |one: &Value| one.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(wanted));
    match all(&api, &request)?.into_iter().find(|(_, one)| is_it(one)) {
        Some((_, one)) => Ok(Reply::json(StatusCode::OK, &one)),
        None => Err(deployment_not_found()),
    }
}

/// Everything that can be named as a model, each with the key that orders it: the account's own first.
fn all<O: Operation>(api: &ProjectApi, request: &Authorized<O>) -> Result<Vec<(String, Value)>, access::Failure> {
    let account = project_at(&request.world, &request.target)?.account;
    let own = request.world.resources.children_of_type(&account.id, DEPLOYMENT);
    let mut found: Vec<(String, Value)> = own
        .filter_map(|deployment| Some((format!("0/{}", deployment.id.name()), deployed(&api.models, deployment)?)))
        .collect();
    for connection in connections(&request.world, &request.target) {
        if let Some(GatewayConnection { models: GatewayModels::Static(models), .. }) = GatewayConnection::of(connection)
        {
            let name = connection.id.name();
            found.extend(models.iter().map(|model| (format!("1/{name}/{}", model.name), behind(name, model))));
        }
    }
    Ok(found)
}

/// A deployment of the account.
fn deployed(models: &Catalog, deployment: &Resource) -> Option<Value> {
    let wanted = model_of(deployment)?;
    let model = models.find(wanted.name, Some(wanted.version));
    let publisher = model.map_or("", |model| model.publisher.as_deref().unwrap_or(&model.format));
    Some(json!({
        "type": TYPE,
        "name": deployment.id.name(),
        "modelName": wanted.name,
        "modelVersion": wanted.version,
        "modelPublisher": publisher,
        "capabilities": model.map_or_else(|| json!({}), |model| capabilities(model.capability)),
        "sku": {
            "name": sku_of(deployment), "capacity": capacity_of(deployment), "family": "", "size": "", "tier": "",
        },
    }))
}

/// A model that a gateway connection lists: `connectionName/name` is what it is asked by.
fn behind(connection: &str, model: &GatewayModel) -> Value {
    json!({
        "type": TYPE,
        "name": model.name,
        "modelName": model.model,
        "modelVersion": model.version,
        "modelPublisher": model.format.as_str(),
        "capabilities": {},
        "connectionName": connection,
    })
}
