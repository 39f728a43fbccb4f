//! What models answer in OpenAI's protocols: at the account, at one of its deployments, at a project. What is needed at a project
//! covers the account's own deployments.

use access::{InferenceJson, data_action, operations};
use rbac::Permission;

use super::through::{ThroughConnections, through_connections};

pub(super) const CHAT: &[Permission] = data_action!("OpenAI/deployments/chat/completions/action");
const COMPLETIONS: &[Permission] = data_action!("OpenAI/deployments/completions/action");
const EMBEDDINGS: &[Permission] = data_action!("OpenAI/deployments/embeddings/action");
pub(super) const AGENTS_WRITE: &[Permission] = data_action!("AIServices/agents/write");

operations! {
    /// The body's `model` names the deployment.
    AccountChat: Post "/accounts/{account}/openai/v1/chat/completions", Inference, CHAT, InferenceJson;
    /// The body's `model` is ignored.
    DeploymentChat: Post "/accounts/{account}/openai/deployments/{deployment}/chat/completions", Inference, CHAT, InferenceJson;
    /// At a project.
    [through_connections] ProjectChat: Post "/accounts/{account}/api/projects/{project}/openai/v1/chat/completions", Project, AGENTS_WRITE, InferenceJson;
    /// One prompt, one text.
    AccountCompletions: Post "/accounts/{account}/openai/v1/completions", Inference, COMPLETIONS, InferenceJson;
    /// The same of one deployment.
    DeploymentCompletions: Post "/accounts/{account}/openai/deployments/{deployment}/completions", Inference, COMPLETIONS, InferenceJson;
    /// The same at a project.
    [through_connections] ProjectCompletions: Post "/accounts/{account}/api/projects/{project}/openai/v1/completions", Project, AGENTS_WRITE, InferenceJson;
    /// Vectors of texts.
    AccountEmbeddings: Post "/accounts/{account}/openai/v1/embeddings", Inference, EMBEDDINGS, InferenceJson;
    /// The same of one deployment.
    DeploymentEmbeddings: Post "/accounts/{account}/openai/deployments/{deployment}/embeddings", Inference, EMBEDDINGS, InferenceJson;
    /// The same at a project.
    [through_connections] ProjectEmbeddings: Post "/accounts/{account}/api/projects/{project}/openai/v1/embeddings", Project, AGENTS_WRITE, InferenceJson;
}

impl ThroughConnections for ProjectChat {}
impl ThroughConnections for ProjectCompletions {}
impl ThroughConnections for ProjectEmbeddings {}
