//! A call that this server makes itself, what came of it, and how both are shown.

use egress::EgressError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the model is told of a call that was under way when the server stopped.
const INTERRUPTED: &str =
    "The server stopped while this call was under way. It may or may not have been carried out; it was not made again.";

/// What carries a call out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CallKind {
    /// A tool of an MCP server.
    Mcp,
    /// An operation of an HTTP API.
    OpenApi,
}

/// A call that this server makes itself. It holds no secret and no definition: both are looked up when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerCall {
    pub(super) kind: CallKind,
    /// Of its output item.
    pub(super) id: Uuid,
    /// The model's own id of it.
    pub(super) call_id: String,
    /// The function that the model called.
    pub(super) function: String,
    /// The server's label, or the API's name.
    pub(super) server: String,
    /// The tool's name at the server, or the operation's id.
    pub(super) name: String,
    /// JSON, as the model wrote it.
    pub(super) arguments: String,
    /// The request for approval that was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) approval_request_id: Option<String>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolOutcome {
    /// What the model is told, also of a failure.
    pub(crate) output: String,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<CallError>,
}

/// Why a call failed, as an `mcp_call` item shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type")]
pub(crate) enum CallError {
    /// The tool ran, and says that it failed.
    #[serde(rename = "mcp_tool_execution_error")]
    #[error("the tool failed")]
    Execution {
        /// Its own words, as content blocks.
        content: Value,
    },
    /// The server refused the call.
    #[serde(rename = "mcp_protocol_error")]
    #[error("the server refused the call (code {code}): {message}")]
    Protocol {
        /// JSON-RPC's code.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// The call did not get through, or was answered with an error.
    #[serde(rename = "http_error")]
    #[error("{message}")]
    Http {
        /// The server's status; 4xx and 5xx of ours where it was not reached.
        code: u16,
        /// What happened.
        message: String,
    },
}

impl CallError {
    pub(super) fn http(code: u16, message: impl Into<String>) -> CallError {
        CallError::Http { code, message: message.into() }
    }

    /// The status for the journal.
    pub(super) fn status(&self) -> u16 {
        match self {
            CallError::Http { code, .. } => *code,
            CallError::Execution { .. } | CallError::Protocol { .. } => 502,
        }
    }
}

/// Without addresses and the system's words, which are for the operator's log.
impl From<&EgressError> for CallError {
    fn from(error: &EgressError) -> CallError {
        match error {
            EgressError::Unresolved { origin, .. } => CallError::http(502, format!("`{origin}` cannot be resolved")),
            EgressError::Unreachable { origin, .. } => CallError::http(502, format!("`{origin}` cannot be reached")),
            EgressError::TimedOut { .. } => CallError::http(504, error.to_string()),
            EgressError::Refused(refused) => CallError::http(403, refused.to_string()),
            EgressError::Broken { .. } => CallError::http(502, "the connection to the tool's server broke"),
            other => CallError::http(502, other.to_string()),
        }
    }
}

impl From<CallError> for ToolOutcome {
    fn from(error: CallError) -> ToolOutcome {
        ToolOutcome { output: error.to_string(), error: Some(error) }
    }
}

impl ToolOutcome {
    /// Whether it failed.
    pub(crate) fn is_error(&self) -> bool {
        self.error.is_some()
    }

    /// Of a call that was begun before the server stopped.
    pub(crate) fn interrupted() -> ToolOutcome {
        CallError::http(503, INTERRUPTED).into()
    }
}

impl ServerCall {
    /// As the model named it.
    pub(crate) fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The function that the model called.
    pub(crate) fn function(&self) -> &str {
        &self.function
    }

    /// With what, as JSON text.
    pub(crate) fn arguments(&self) -> &str {
        &self.arguments
    }

    /// Its output items: before it is made without an outcome, then with it. An MCP call is one item; an API's call is followed by an
    /// item of its output.
    pub(crate) fn items(&self, outcome: Option<&ToolOutcome>) -> Vec<Value> {
        let status = match outcome {
            None => "in_progress",
            Some(outcome) if outcome.is_error() => "failed",
            Some(_) => "completed",
        };
        match self.kind {
            CallKind::Mcp => {
                let output = outcome.filter(|outcome| !outcome.is_error()).map(|outcome| outcome.output.as_str());
                vec![json!({
                    "type": "mcp_call", "id": self.item_id(), "status": status, "server_label": self.server,
                    "name": self.name, "arguments": self.arguments, "output": output,
                    "error": outcome.and_then(|outcome| outcome.error.as_ref()),
                    "approval_request_id": self.approval_request_id,
                })]
            }
            CallKind::OpenApi => {
                let call = json!({
                    "type": "openapi_call", "id": self.item_id(), "status": status, "call_id": self.call_id,
                    "name": self.function, "arguments": self.arguments,
                });
                let told = |outcome: &ToolOutcome| {
                    json!({
                        "type": "openapi_call_output", "id": format!("oao_{}", self.id.simple()), "status": status,
                        "call_id": self.call_id, "name": self.function, "output": outcome.output,
                    })
                };
                std::iter::once(call).chain(outcome.map(told)).collect()
            }
        }
    }

    /// The id of its first output item.
    pub(crate) fn item_id(&self) -> String {
        let prefix = match self.kind {
            CallKind::Mcp => "mcp",
            CallKind::OpenApi => "oa",
        };
        format!("{prefix}_{}", self.id.simple())
    }
}
