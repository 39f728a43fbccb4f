//! Tools of MCP servers (streamable HTTP). The protocol is the official library's, isolated here; its bytes go through `egress`.
//!
//! Each listing and each call has a session of its own, so that a restart loses none.

mod answer;
mod filter;
mod server;
mod session;
mod way;

use egress::Secret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{CallError, ToolOutcome};
use super::context::{Recorded, ToolContext, Unmade};
use super::credential::{Presented, bearer};
use server::McpProof;
pub(super) use server::{McpServer, check};
use way::Way;

/// A tool of a server that may be offered.
pub(super) struct McpTool {
    /// Its name at the server.
    pub(super) name: String,
    /// What the model is told of it.
    pub(super) description: Option<String>,
    /// The schema of its arguments.
    pub(super) schema: Value,
    /// Whether somebody must say yes to a call.
    pub(super) needs_approval: bool,
    /// As an item shows it.
    shown: Value,
}

impl McpServer {
    /// Asks the server for its tools, and keeps those that are allowed.
    pub(super) async fn tools(&self, ctx: &ToolContext) -> Result<Vec<McpTool>, Unmade> {
        let listed = ctx.through(self, async |way| session::list(way).await).await?;
        Ok(listed.into_iter().filter_map(|tool| self.offered(tool)).collect())
    }

    /// Calls a tool.
    pub(super) async fn call(&self, name: &str, arguments: &str, ctx: &ToolContext) -> ToolOutcome {
        let arguments = match serde_json::from_str(if arguments.trim().is_empty() { "{}" } else { arguments }) {
            Ok(Value::Object(arguments)) => arguments,
            _ => return CallError::http(400, "the arguments are not a JSON object").into(),
        };
        let called = ctx.through(self, async |way| session::call(way, name, arguments).await).await;
        called.unwrap_or_else(|unmade| CallError::from(unmade).into())
    }

    fn offered(&self, tool: rmcp::model::Tool) -> Option<McpTool> {
        let annotations = tool.annotations.as_ref();
        let is_read_only = annotations.and_then(|annotations| annotations.read_only_hint) == Some(true);
        if !self.allowed.as_ref().is_none_or(|filter| filter.admits(&tool.name, is_read_only)) {
            return None;
        }
        let schema = Value::Object(tool.input_schema.as_ref().clone());
        Some(McpTool {
            needs_approval: self.needs_approval(&tool.name, is_read_only),
            shown: json!({
                "name": tool.name, "description": tool.description, "input_schema": schema, "annotations": annotations,
            }),
            name: tool.name.into_owned(),
            description: tool.description.map(std::borrow::Cow::into_owned),
            schema,
        })
    }

    /// The item that lists what is offered.
    pub(super) fn list_item(&self, id: Uuid, tools: &[McpTool]) -> Value {
        let shown: Vec<&Value> = tools.iter().map(|tool| &tool.shown).collect();
        json!({"type": "mcp_list_tools", "id": format!("mcpl_{}", id.simple()), "server_label": self.label, "tools": shown})
    }

    /// What the model is told of the server with each of its tools.
    pub(super) fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

impl Recorded for Vec<rmcp::model::Tool> {}

impl ToolContext {
    /// Does something with a server: decided, within the time for a call, recorded.
    async fn through<T: Recorded>(
        &self,
        server: &McpServer,
        act: impl AsyncFnOnce(Way) -> Result<T, CallError>,
    ) -> Result<T, Unmade> {
        let target =
            self.egress.exact_target(&server.url).map_err(|refused| CallError::http(403, refused.to_string()))?;
        let connection = match &server.proof {
            McpProof::Connection(name) => Some(name.as_str()),
            McpProof::Headers(_) => None,
        };
        let admitted = self.admit(connection, &target).await?;
        let way = match &server.proof {
            McpProof::Headers(headers) => Ok(headers.clone()),
            McpProof::Connection(_) => admitted.presented(self).map(of_connection),
        };
        let way = way.and_then(|headers| Way::new(self.egress.clone(), target, headers));
        let acted = async { act(way?).await };
        Ok(admitted.record(self.in_time(acted)).await?)
    }
}

/// A connection's credentials as headers: an API key is a bearer token, as the protocol has it.
fn of_connection(presented: Presented) -> Vec<(String, Secret)> {
    match presented {
        Presented::Nothing => Vec::new(),
        Presented::Key(secret) | Presented::Token(secret) => vec![("authorization".to_owned(), bearer(&secret))],
        Presented::Keys(keys) => keys,
    }
}
