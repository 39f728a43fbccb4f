//! A session with an MCP server: listing its tools, calling one.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock, Implementation,
    InitializeRequestParams, JsonObject, PaginatedRequestParams, ProtocolVersion, Tool,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, RoleClient, RunningService, ServiceError, serve_client_with_lifecycle,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;

use serde_json::Value;

use super::super::call::{CallError, ToolOutcome};
use super::super::{OUTPUT_LIMIT_BYTES, too_large};
use super::way::Way;

/// Tools of one server: as many as a definition may have.
const TOOLS_LIMIT: usize = 128;
/// Pages of a list; a server that has more goes round in circles.
const PAGES_LIMIT: usize = 64;

type Session = RunningService<RoleClient, InitializeRequestParams>;

/// All tools of a server.
pub(super) async fn list(way: Way) -> Result<Vec<Tool>, CallError> {
    let session = open(&way).await?;
    let listed = pages(&session, &way).await;
    close(session);
    listed.map_err(|error| way.fault().unwrap_or(error))
}

/// Calls a tool. One that failed by its own account is an outcome like any other.
pub(super) async fn call(way: Way, name: &str, arguments: JsonObject) -> Result<ToolOutcome, CallError> {
    let session = open(&way).await?;
    let request = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
    let called = session.call_tool_once(request).await;
    close(session);
    match called {
        Ok(CallToolResponse::Complete(result)) => outcome(&result, &way),
        Ok(_) => Err(CallError::http(
            501,
            "the tool wants to ask its user something first, or to answer later; neither is offered here",
        )),
        Err(error) => Err(way.fault().unwrap_or_else(|| failed(&error, &way))),
    }
}

async fn open(way: &Way) -> Result<Session, CallError> {
    let about = Implementation::new("cupola", env!("CARGO_PKG_VERSION"));
    let client = InitializeRequestParams::new(ClientCapabilities::default(), about);
    // A message is never sent twice: a tool might run twice.
    let config = StreamableHttpClientTransportConfig::with_uri("").reinit_on_expired_session(false);
    let transport = StreamableHttpClientTransport::with_client(way.clone(), config);
    let lifecycle = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::LATEST],
        legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
    };
    let opened = serve_client_with_lifecycle(client, transport, lifecycle).await;
    opened.map_err(|error| way.fault().unwrap_or_else(|| not_opened(&error, way)))
}

/// Ends a session; nobody waits for it.
fn close(session: Session) {
    session.cancellation_token().cancel();
}

async fn pages(session: &Session, way: &Way) -> Result<Vec<Tool>, CallError> {
    let (mut tools, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES_LIMIT {
        let page = PaginatedRequestParams::default().with_cursor(cursor);
        let listed = session.list_tools(Some(page)).await.map_err(|error| failed(&error, way))?;
        tools.extend(listed.tools);
        if tools.len() > TOOLS_LIMIT {
            let message = format!("the MCP server lists more than {TOOLS_LIMIT} tools");
            return Err(CallError::http(502, message));
        }
        cursor = listed.next_cursor;
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err(CallError::http(502, format!("the MCP server's list of tools has more than {PAGES_LIMIT} pages")))
}

fn not_opened(error: &ClientInitializeError, way: &Way) -> CallError {
    match error {
        ClientInitializeError::JsonRpcError(refused) => protocol(refused, way),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => not_opened(fallback, way),
        other => {
            tracing::debug!(error = %other, "an MCP server was not understood");
            CallError::http(502, "the MCP server does not speak the protocol as expected")
        }
    }
}

fn failed(error: &ServiceError, way: &Way) -> CallError {
    match error {
        ServiceError::McpError(refused) => protocol(refused, way),
        other => {
            tracing::debug!(error = %other, "a request to an MCP server failed");
            CallError::http(502, "the MCP server went away, or answered with something else than was asked")
        }
    }
}

fn protocol(refused: &rmcp::ErrorData, way: &Way) -> CallError {
    CallError::Protocol { code: refused.code.0.into(), message: way.scrubbed(refused.message.to_string()) }
}

/// The text of a result; what is no text is told as JSON.
fn outcome(result: &CallToolResult, way: &Way) -> Result<ToolOutcome, CallError> {
    let json = |block: &ContentBlock| serde_json::to_string(block).unwrap_or_default();
    let text = |block: &ContentBlock| match block {
        ContentBlock::Text(text) => text.text.clone(),
        other => json(other),
    };
    let mut output = result.content.iter().map(text).collect::<Vec<_>>().join("\n");
    if let Some(structured) = result.structured_content.as_ref().filter(|_| result.content.is_empty()) {
        output = structured.to_string();
    }
    if output.len() > OUTPUT_LIMIT_BYTES {
        return Err(too_large());
    }
    let error = (result.is_error == Some(true)).then(|| {
        let blocks =
            result.content.iter().filter_map(|block| serde_json::from_str::<Value>(&way.scrubbed(json(block))).ok());
        CallError::Execution { content: blocks.collect() }
    });
    Ok(ToolOutcome { output: way.scrubbed(output), error })
}
