//! The models: the deployments of the account, all of them or one.

use std::borrow::Cow;
use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Plane, Reply, Route, Verb};
use dialect::openai::{model, models_list};
use http::StatusCode;
use rbac::{Permission, Reads};

use super::dated;
use crate::Serving;
use crate::catalog::{Place, deployments};
use crate::failure::deployment_not_found;

const MODELS: &[Permission] =
    &[Permission::DataAction(Cow::Borrowed("Microsoft.CognitiveServices/accounts/OpenAI/models/read"))];
const AGENTS_READ: &[Permission] =
    &[Permission::DataAction(Cow::Borrowed("Microsoft.CognitiveServices/accounts/AIServices/agents/read"))];

/// `GET …/openai/v1/models` at an account.
pub(crate) struct AccountModels;

impl Operation for AccountModels {
    const ROUTE: Route = Route::path(Verb::Get, "/accounts/{account}/openai/v1/models", Plane::Inference);
    const NEEDS: Needs = Needs::All(MODELS);
    type Mode = Reads;
    type Body = NoBody;
}

/// `GET …/openai/models?api-version=` at an account.
pub(crate) struct DatedModels;

impl Operation for DatedModels {
    const ROUTE: Route = Route::path(Verb::Get, "/accounts/{account}/openai/models", Plane::Inference);
    const NEEDS: Needs = Needs::All(MODELS);
    type Mode = Reads;
    type Body = NoBody;
}

/// `GET …/api/projects/{project}/openai/v1/models`: the deployments of the project's account.
pub(crate) struct ProjectModels;

impl Operation for ProjectModels {
    const ROUTE: Route =
        Route::path(Verb::Get, "/accounts/{account}/api/projects/{project}/openai/v1/models", Plane::Project);
    const NEEDS: Needs = Needs::All(AGENTS_READ);
    type Mode = Reads;
    type Body = NoBody;
}

/// `GET …/openai/v1/models/{model}` at an account.
pub(crate) struct AccountModel;

impl Operation for AccountModel {
    const ROUTE: Route = Route::path(Verb::Get, "/accounts/{account}/openai/v1/models/{model}", Plane::Inference);
    const NEEDS: Needs = Needs::All(MODELS);
    type Mode = Reads;
    type Body = NoBody;
}

/// `GET …/openai/models/{model}?api-version=` at an account.
pub(crate) struct DatedModel;

impl Operation for DatedModel {
    const ROUTE: Route = Route::path(Verb::Get, "/accounts/{account}/openai/models/{model}", Plane::Inference);
    const NEEDS: Needs = Needs::All(MODELS);
    type Mode = Reads;
    type Body = NoBody;
}

/// `GET …/api/projects/{project}/openai/v1/models/{model}`.
pub(crate) struct ProjectModel;

impl Operation for ProjectModel {
    const ROUTE: Route =
        Route::path(Verb::Get, "/accounts/{account}/api/projects/{project}/openai/v1/models/{model}", Plane::Project);
    const NEEDS: Needs = Needs::All(AGENTS_READ);
    type Mode = Reads;
    type Body = NoBody;
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
