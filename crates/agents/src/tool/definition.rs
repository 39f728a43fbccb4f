//! The tools of a definition, read strictly: what this server has is read whole, everything else is refused by name.

use egress::Egress;
use serde_json::Value;

use super::fields::{Fields, ToolError, listed, quoted};
use super::mcp::McpServer;
use super::openapi::OpenApi;
use super::{function, mcp, openapi};

/// Tools of one definition: what the service documents as its limit.
const TOOLS_LIMIT: usize = 128;
/// The tools that this server has.
const OFFERED: [&str; 3] = ["function", "mcp", "openapi"];
/// Every other tool of the service, so that it is told apart from a misspelling.
const NOT_OFFERED: [&str; 30] = [
    "file_search",
    "code_interpreter",
    "azure_ai_search",
    "azure_function",
    "bing_grounding",
    "bing_custom_search_preview",
    "web_search",
    "web_search_preview",
    "image_generation",
    "computer",
    "computer_use_preview",
    "browser_automation",
    "browser_automation_preview",
    "sharepoint_grounding_preview",
    "fabric_dataagent_preview",
    "fabric_iq_preview",
    "work_iq_preview",
    "web_iq_preview",
    "memory_search_preview",
    "a2a",
    "a2a_preview",
    "toolbox_search_preview",
    "capture_structured_outputs",
    "shell",
    "local_shell",
    "apply_patch",
    "custom",
    "namespace",
    "tool_search",
    "programmatic_tool_calling",
];

/// Where tools are given: what an agent keeps is shown to whoever may read it, a request's are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenIn {
    /// An agent's definition.
    Agent,
    /// A request.
    Request,
}

/// A tool that was read.
pub(super) enum Definition<'a> {
    /// Run by the caller.
    Function {
        /// The definition as the model takes it.
        given: &'a Value,
        /// Its name.
        name: &'a str,
    },
    /// Tools of an MCP server.
    Mcp(Box<McpServer>),
    /// Operations of an HTTP API.
    OpenApi(Box<OpenApi>),
}

impl Definition<'_> {
    /// The field that tells two tools of a type apart, and its value.
    fn name(&self) -> (&'static str, &str) {
        match self {
            Definition::Function { name, .. } => ("name", name),
            Definition::Mcp(server) => ("server_label", &server.label),
            Definition::OpenApi(api) => ("openapi.name", &api.name),
        }
    }
}

/// Checks tools before they are kept or used. Their servers must be such as `egress` admits; none is asked.
pub(crate) fn check(tools: &[Value], given_in: GivenIn, egress: &Egress) -> Result<(), ToolError> {
    for (index, definition) in read(tools)?.iter().enumerate() {
        let path = format!("tools[{index}]");
        match definition {
            Definition::Function { .. } => {}
            Definition::Mcp(server) => mcp::check(&path, server, given_in, egress)?,
            Definition::OpenApi(api) => openapi::check(&path, api, egress)?,
        }
    }
    Ok(())
}

/// A tool as an answer repeats it: without the secrets that a request may give an MCP server.
pub(crate) fn shown(tool: &Value) -> Value {
    let mut shown = tool.clone();
    if let Some(members) = shown.as_object_mut().filter(|members| members.get("type") == Some(&Value::from("mcp"))) {
        members.retain(|name, _| !matches!(name.as_str(), "headers" | "authorization"));
    }
    shown
}

/// Reads all tools.
pub(super) fn read(tools: &[Value]) -> Result<Vec<Definition<'_>>, ToolError> {
    if tools.len() > TOOLS_LIMIT {
        return Err(ToolError::new("tools", format!("{} tools are given, at most {TOOLS_LIMIT} may be", tools.len())));
    }
    let mut read: Vec<Definition<'_>> = Vec::with_capacity(tools.len());
    for (index, given) in tools.iter().enumerate() {
        let definition = definition(&format!("tools[{index}]"), given)?;
        let (field, name) = definition.name();
        if read.iter().any(|before| before.name() == (field, name)) {
            let message = format!("`{name}` is the name of an earlier tool; each needs its own");
            return Err(ToolError::new(format!("tools[{index}].{field}"), message));
        }
        read.push(definition);
    }
    Ok(read)
}

fn definition<'a>(path: &str, given: &'a Value) -> Result<Definition<'a>, ToolError> {
    let fields = Fields::of(path, given)?;
    match fields.required_text("type")? {
        "function" => Ok(Definition::Function { given, name: function::check(&fields)? }),
        "mcp" => Ok(Definition::Mcp(Box::new(McpServer::read(&fields)?))),
        "openapi" => Ok(Definition::OpenApi(Box::new(OpenApi::read(&fields)?))),
        other => Err(fields.wrong("type", not_offered(other))),
    }
}

fn not_offered(kind: &str) -> String {
    let offered = listed(&OFFERED);
    if NOT_OFFERED.contains(&kind) {
        return format!("`{kind}` is not offered here; the tools are {offered}");
    }
    match arm::nearest(kind, OFFERED.into_iter().chain(NOT_OFFERED)) {
        Some(near) if OFFERED.contains(&near) => format!("`{}` is no tool; did you mean `{near}`?", quoted(kind)),
        _ => format!("`{}` is no tool; the tools are {offered}", quoted(kind)),
    }
}
