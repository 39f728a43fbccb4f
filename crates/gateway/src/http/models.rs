//! The models: the deployments of the account, all of them or one.

use std::sync::Arc;

use access::{Authorized, HandlerResult, NoBody, Operation, Reply, data_action, operations};
use dialect::openai::{model, models_list};
use http::StatusCode;
use rbac::Permission;

use super::dated;
use crate::Serving;
use crate::catalog::{Place, deployments};
use crate::failure::deployment_not_found;

const MODELS: &[Permission] = data_action!("OpenAI/models/read");
const AGENTS_READ: &[Permission] = data_action!("AIServices/agents/read");

operations! {
    /// `GET …/openai/v1/models` at an account.
    AccountModels: Get "/accounts/{account}/openai/v1/models", Inference, MODELS, NoBody;
    /// `GET …/openai/models?api-version=` at an account.
    DatedModels: Get "/accounts/{account}/openai/models", Inference, MODELS, NoBody;
    /// `GET …/api/projects/{project}/openai/v1/models`: the deployments of the project's account.
    ProjectModels: Get "/accounts/{account}/api/projects/{project}/openai/v1/models", Project, AGENTS_READ, NoBody;
    /// `GET …/openai/v1/models/{model}` at an account.
    AccountModel: Get "/accounts/{account}/openai/v1/models/{model}", Inference, MODELS, NoBody;
    /// `GET …/openai/models/{model}?api-version=` at an account.
    DatedModel: Get "/accounts/{account}/openai/models/{model}", Inference, MODELS, NoBody;
    /// `GET …/api/projects/{project}/openai/v1/models/{model}`.
    ProjectModel: Get "/accounts/{account}/api/projects/{project}/openai/v1/models/{model}", Project, AGENTS_READ, NoBody;
}

pub(crate) async fn account_models(serving: Arc<Serving>, request: Authorized<AccountModels>) -> HandlerResult {
    list(&serving, &request)
}

pub(crate) async fn dated_models(serving: Arc<Serving>, request: Authorized<DatedModels>) -> HandlerResult {
    dated(&request.query)?;
    list(&serving, &request)
}

pub(crate) async fn project_models(serving: Arc<Serving>, request: Authorized<ProjectModels>) -> HandlerResult {
    list(&serving, &request)
}

pub(crate) async fn account_model(serving: Arc<Serving>, request: Authorized<AccountModel>) -> HandlerResult {
    one(&serving, &request)
}

pub(crate) async fn dated_model(serving: Arc<Serving>, request: Authorized<DatedModel>) -> HandlerResult {
    dated(&request.query)?;
    one(&serving, &request)
}

pub(crate) async fn project_model(serving: Arc<Serving>, request: Authorized<ProjectModel>) -> HandlerResult {
    one(&serving, &request)
}

fn list<O: Operation>(serving: &Serving, request: &Authorized<O>) -> HandlerResult {
    let place = Place::of(&request.target, &request.world)?;
    let entries = deployments(&serving.gateway.models, &request.world, &place.account.id);
    Ok(Reply::json(StatusCode::OK, &models_list(&entries)))
}

fn one<O: Operation>(serving: &Serving, request: &Authorized<O>) -> HandlerResult {
    let place = Place::of(&request.target, &request.world)?;
    let named = request.params.get("model").unwrap_or_default();
    let entries = deployments(&serving.gateway.models, &request.world, &place.account.id);
    let found = entries.iter().find(|entry| entry.id.eq_ignore_ascii_case(named)).ok_or_else(deployment_not_found)?;
    Ok(Reply::json(StatusCode::OK, &model(found)))
}
