//! Chat completions: at the account, at one of its deployments, at a project.

use std::borrow::Cow;
use std::sync::Arc;

use access::{Authorized, HandlerResult, InferenceJson, Needs, Operation, Plane, Route, Verb};
use rbac::{Permission, Permit, Reads};

use super::dated;
use crate::Gateway;
use crate::infer::{Call, infer};

const CHAT: &[Permission] = &[Permission::DataAction(Cow::Borrowed(
    "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action",
))];
const AGENTS_WRITE: &[Permission] =
    &[Permission::DataAction(Cow::Borrowed("Microsoft.CognitiveServices/accounts/AIServices/agents/write"))];

/// `POST …/openai/v1/chat/completions` at an account; the body's `model` names the deployment.
pub(crate) struct AccountChat;

impl Operation for AccountChat {
    const ROUTE: Route = Route::path(Verb::Post, "/accounts/{account}/openai/v1/chat/completions", Plane::Inference);
    const NEEDS: Needs = Needs::All(CHAT);
    type Mode = Reads;
    type Body = InferenceJson;
}

/// `POST …/openai/deployments/{deployment}/chat/completions?api-version=`; the body's `model` is ignored.
pub(crate) struct DeploymentChat;

impl Operation for DeploymentChat {
    const ROUTE: Route = Route::path(
        Verb::Post,
        "/accounts/{account}/openai/deployments/{deployment}/chat/completions",
        Plane::Inference,
    );
    const NEEDS: Needs = Needs::All(CHAT);
    type Mode = Reads;
    type Body = InferenceJson;
}

/// `POST …/api/projects/{project}/openai/v1/chat/completions`; what it needs at the project covers the account's own deployments.
pub(crate) struct ProjectChat;

impl Operation for ProjectChat {
    const ROUTE: Route = Route::path(
        Verb::Post,
        "/accounts/{account}/api/projects/{project}/openai/v1/chat/completions",
        Plane::Project,
    );
    const NEEDS: Needs = Needs::All(AGENTS_WRITE);
    type Mode = Reads;
    type Body = InferenceJson;
}

pub(crate) async fn account_chat(gateway: Arc<Gateway>, request: Authorized<AccountChat>) -> HandlerResult {
    let (permit, call) = call(request, None);
    infer(&gateway, &permit, call).await
}

pub(crate) async fn deployment_chat(gateway: Arc<Gateway>, request: Authorized<DeploymentChat>) -> HandlerResult {
    dated(&request.query)?;
    let deployment = request.params.get("deployment").map(str::to_owned);
    let (permit, call) = call(request, deployment);
    infer(&gateway, &permit, call).await
}

pub(crate) async fn project_chat(gateway: Arc<Gateway>, request: Authorized<ProjectChat>) -> HandlerResult {
    let (permit, call) = call(request, None);
    infer(&gateway, &permit, call).await
}

/// The proof, and what it lets through.
fn call<O>(request: Authorized<O>, deployment: Option<String>) -> (Permit<Reads>, Call)
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    let Authorized { permit, world, body, record, now, request, headers, .. } = request;
    let InferenceJson { bytes, value } = body;
    (permit, Call { deployment, bytes, body: value, headers, world, record, id: request.id, now })
}
