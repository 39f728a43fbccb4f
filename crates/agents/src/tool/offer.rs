//! What the model is told of, and what becomes of each call that it makes.

use access::Failure;
use dialect::openai::responses::function_name;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{CallError, CallKind, ServerCall, ToolOutcome};
use super::context::{ToolContext, Unmade};
use super::definition::{self, Definition};
use super::fields::ToolError;

/// The tools of one request, listed and ready.
pub(crate) struct Offer {
    tools: Vec<Offered>,
    items: Vec<Value>,
}

/// One function that the model is told of.
struct Offered {
    function: String,
    told: Value,
    leads_to: LeadsTo,
}

enum LeadsTo {
    Caller,
    Server { kind: CallKind, server: String, name: String, needs_approval: bool },
}

/// A call that the model makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The function.
    pub(crate) function: &'a str,
    /// JSON, as the model wrote it.
    pub(crate) arguments: &'a str,
    /// The model's own id of it.
    pub(crate) call_id: &'a str,
    /// What the ids of its items are made of.
    pub(crate) id: Uuid,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Planned {
    /// The caller runs it: the model's own item is the output.
    Caller,
    /// Somebody must say yes first.
    NeedsApproval {
        /// The `mcp_approval_request`.
        item: Value,
    },
    /// This server makes it.
    Server(ServerCall),
    /// There is no such function.
    Unknown {
        /// What the model is told.
        output: String,
    },
}

/// Reads the tools of a request and asks MCP servers for theirs. A server that does not tell them fails the request: a model without the
/// tools that it was promised makes up their answers.
pub(crate) async fn offer(definitions: &[Value], ctx: &ToolContext) -> Result<Offer, Failure> {
    let mut offer = Offer { tools: Vec::new(), items: Vec::new() };
    for definition in definition::read(definitions).map_err(invalid)? {
        match definition {
            Definition::Function { given, name } => offer.add(name.to_owned(), given.clone(), LeadsTo::Caller)?,
            Definition::Mcp(server) => {
                let tools = server.tools(ctx).await.map_err(|unmade| not_listed(&server.label, unmade))?;
                offer.items.push(server.list_item(Uuid::now_v7(), &tools));
                for tool in tools {
                    let about = [server.description(), tool.description.as_deref()];
                    let function = function_name(&server.label, &tool.name);
                    let told = told(&function, &about, tool.schema);
                    let (server, name) = (server.label.clone(), tool.name);
                    let needs_approval = tool.needs_approval;
                    offer.add(function, told, LeadsTo::Server { kind: CallKind::Mcp, server, name, needs_approval })?;
                }
            }
            Definition::OpenApi(api) => {
                for operation in &api.operations {
                    let function = function_name(&api.name, &operation.id);
                    let about = [api.description.as_deref(), operation.description.as_deref()];
                    let told = told(&function, &about, operation.schema());
                    let (server, name) = (api.name.clone(), operation.id.clone());
                    let leads_to = LeadsTo::Server { kind: CallKind::OpenApi, server, name, needs_approval: false };
                    offer.add(function, told, leads_to)?;
                }
            }
        }
    }
    Ok(offer)
}

impl Offer {
    /// Function tools, in the form of the Responses API.
    pub(crate) fn model_tools(&self) -> Vec<Value> {
        self.tools.iter().map(|tool| tool.told.clone()).collect()
    }

    /// The items that tell the caller what servers offer.
    pub(crate) fn items(&self) -> &[Value] {
        &self.items
    }

    /// What becomes of a call.
    pub(crate) fn plan(&self, asked: &Asked<'_>) -> Planned {
        let Some(tool) = self.tools.iter().find(|tool| tool.function == asked.function) else {
            let names = self.tools.iter().map(|tool| tool.function.as_str());
            let near = arm::nearest(asked.function, names).map(|near| format!("; did you mean `{near}`?"));
            return Planned::Unknown {
                output: format!("There is no function `{}`{}", asked.function, near.unwrap_or_else(|| ".".to_owned())),
            };
        };
        match &tool.leads_to {
            LeadsTo::Caller => Planned::Caller,
            LeadsTo::Server { server, name, needs_approval: true, .. } => Planned::NeedsApproval {
                item: json!({
                    "type": "mcp_approval_request", "id": format!("mcpr_{}", asked.id.simple()),
                    "server_label": server, "name": name, "arguments": asked.arguments,
                }),
            },
            LeadsTo::Server { kind, server, name, .. } => Planned::Server(ServerCall {
                kind: *kind,
                id: asked.id,
                call_id: asked.call_id.to_owned(),
                function: asked.function.to_owned(),
                server: server.clone(),
                name: name.clone(),
                arguments: asked.arguments.to_owned(),
                approval_request_id: None,
            }),
        }
    }

    /// The call that an `mcp_approval_request` asked for, now that somebody said yes; an error when its tool is no longer offered.
    pub(crate) fn approved(&self, request: &Value, id: Uuid) -> Result<ServerCall, ToolError> {
        let text = |field: &str| request.get(field).and_then(Value::as_str).unwrap_or_default();
        let is_asked = |tool: &&Offered| match &tool.leads_to {
            LeadsTo::Server { kind: CallKind::Mcp, server, name, .. } => {
                server == text("server_label") && name == text("name")
            }
            LeadsTo::Server { .. } | LeadsTo::Caller => false,
        };
        let Some(tool) = self.tools.iter().find(is_asked) else {
            let message = format!(
                "the tool `{}` of the MCP server `{}` is not among the tools of this request; give the same tools as before",
                text("name"),
                text("server_label")
            );
            return Err(ToolError::new("input.approval_request_id", message));
        };
        Ok(ServerCall {
            kind: CallKind::Mcp,
            id,
            call_id: format!("mcp_{}", id.simple()),
            function: tool.function.clone(),
            server: text("server_label").to_owned(),
            name: text("name").to_owned(),
            arguments: text("arguments").to_owned(),
            approval_request_id: Some(text("id").to_owned()),
        })
    }

    /// Adds a function. Of two of one name nobody could tell which is meant.
    fn add(&mut self, function: String, told: Value, leads_to: LeadsTo) -> Result<(), Failure> {
        if self.tools.iter().any(|tool| tool.function == function) {
            let message = format!("two of them come to the name `{function}`; rename one");
            return Err(invalid(ToolError::new("tools", message)));
        }
        self.tools.push(Offered { function, told, leads_to });
        Ok(())
    }
}

impl ServerCall {
    /// Makes the call: decided anew, once, within the time for a call. The tools are those of its request.
    pub(crate) async fn make(&self, definitions: &[Value], ctx: &ToolContext) -> ToolOutcome {
        let read = match definition::read(definitions) {
            Ok(read) => read,
            Err(error) => return CallError::http(400, error.to_string()).into(),
        };
        for definition in read {
            match (definition, self.kind) {
                (Definition::Mcp(server), CallKind::Mcp) if server.label == self.server => {
                    return server.call(&self.name, &self.arguments, ctx).await;
                }
                (Definition::OpenApi(api), CallKind::OpenApi) if api.name == self.server => {
                    return api.call(&self.name, &self.arguments, ctx).await;
                }
                _ => {}
            }
        }
        CallError::http(404, format!("the tool `{}` is not there any more", self.server)).into()
    }
}

fn told(function: &str, about: &[Option<&str>], schema: Value) -> Value {
    let description = about.iter().flatten().copied().collect::<Vec<_>>().join("\n\n");
    json!({"type": "function", "name": function, "description": description, "parameters": schema, "strict": false})
}

fn invalid(error: ToolError) -> Failure {
    Failure::data_plane(StatusCode::BAD_REQUEST, "invalid_request_error", error.to_string())
}

fn not_listed(label: &str, unmade: Unmade) -> Failure {
    match unmade {
        Unmade::Refused(failure) => failure,
        Unmade::Failed(error) => {
            let message = format!("The tools of the MCP server `{label}` cannot be listed: {error}");
            let mut failure = Failure::data_plane(StatusCode::FAILED_DEPENDENCY, "external_connector_error", message);
            // The caller may read the server's own words; the journal does not keep them.
            if let CallError::Protocol { code, .. } = error {
                failure.reason = format!("the MCP server `{label}` does not list its tools: code {code}");
            }
            failure
        }
    }
}
