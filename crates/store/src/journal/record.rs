//! What is recorded of a request: all that deciding again needs, and what it used.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A word, mostly one of a fixed set, such as a plane or an outcome.
pub(super) type Word = Cow<'static, str>;

/// Where nothing failed there is no step to name.
pub(super) fn is_unsaid(word: &Word) -> bool {
    word.is_empty()
}

/// What conditions read of a request: values by the attribute's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConditionInputs {
    /// `@Request[…]`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub request: BTreeMap<String, Vec<String>>,
    /// `@Resource[…]`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resource: BTreeMap<String, Vec<String>>,
}

/// One request, allowed or refused. Never a secret, never the contents of a prompt or an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record {
    /// When the request came, in UTC.
    pub time: Timestamp,
    /// The decision's id, which a refusal tells the caller.
    pub decision_id: Uuid,
    /// The request's id, which every reply tells.
    pub request_id: Uuid,
    /// `arm`, `graph`, `inference`, `project` or `protocol`.
    pub plane: Word,
    /// The HTTP method.
    pub method: Word,
    /// The template of the route, not the path.
    pub route: Word,
    /// The scope that was decided on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Arc<str>>,
    /// The caller's object id; none for keys and strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<Uuid>,
    /// `User`, `Group`, `ServicePrincipal` or `Key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_type: Option<Word>,
    /// The caller's sign-in name or application id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_label: Option<Arc<str>>,
    /// `token`, `key1`, `key2` or `none`.
    pub credential: Word,
    /// The action or data action that was needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Word>,
    /// Whether it is a data action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_data_action: Option<bool>,
    /// What was asked, where that is not the action at the target itself: `anyToken` (a token is enough), `visible` (a
    /// list, of which something may be shown) or `key` (what a resource key opens).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Word>,
    /// `allowed`, `refused` or `unauthenticated`.
    pub outcome: Word,
    /// What failed or served: `authentication`, `authorization`, `admission`, `handler` or `upstream` (a provider outside).
    #[serde(skip_serializing_if = "is_unsaid")]
    pub step: Word,
    /// Why, when it was not allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The assignment that granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Arc<str>>,
    /// The role that granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Uuid>,
    /// The role's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_name: Option<Arc<str>>,
    /// Whether a group of the caller's was granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via_group: Option<bool>,
    /// The deny assignment that blocked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny_assignment: Option<String>,
    /// What a condition read; only where one had a say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition_inputs: Option<ConditionInputs>,
    /// The HTTP status of the reply.
    pub status: u16,
    /// The version of the world that was decided on.
    pub snapshot_version: u64,
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The project's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The deployment's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Arc<str>>,
    /// The model's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Arc<str>>,
    /// The provider outside that was asked, by its name in the operator's catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Arc<str>>,
    /// The agent that acted, `name:version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The run that this was a step of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// For whom, by object id, where who was let through acts for somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Uuid>,
    /// The connection that was used, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The object id of who may read that connection: the agent, or the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_identity: Option<Uuid>,
    /// What the other end was shown: the connection's `authType`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_kind: Option<Word>,
    /// The host that was asked through the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_host: Option<String>,
    /// Tokens read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u64>,
    /// Tokens written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    /// Of the tokens read, those from the provider's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input_tokens: Option<u64>,
    /// Of the tokens read, those written to the provider's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_tokens: Option<u64>,
    /// Of the tokens written, those thought and not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Whether the counts were estimated here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_estimated: Option<bool>,
    /// From the request to the first byte of the reply's body, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_us: Option<u64>,
    /// From the request to the end of its work, in microseconds.
    pub duration_us: u64,
    /// Why the model stopped, or `cancelled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish: Option<Word>,
    /// How many like it this record stands for, when only some are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled_of: Option<u64>,
}
