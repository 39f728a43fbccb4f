//! An MCP server as a definition names it.

use egress::{Egress, OwnHeaders, Secret};
use serde_json::Value;

use super::super::definition::GivenIn;
use super::super::fields::{Fields, ToolError, is_name, quoted};
use super::filter::{Approval, ToolFilter};

/// Longest description of a server, characters: the model reads it with every request.
const DESCRIPTION_LIMIT_CHARS: usize = 4096;
/// Parts of names of headers that carry secrets, which an agent's definition would show to whoever reads it.
const SECRET_PARTS: [&str; 7] = ["auth", "key", "token", "secret", "cookie", "password", "session"];
/// The field, and the header, of a bearer token.
const TOKEN: &str = "authorization";
const FIELDS: [&str; 13] = [
    "type",
    "server_label",
    "server_url",
    "server_description",
    "headers",
    TOKEN,
    "allowed_tools",
    "require_approval",
    "project_connection_id",
    "connector_id",
    "tunnel_id",
    "defer_loading",
    "allowed_callers",
];

/// An MCP server, and what of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct McpServer {
    /// Its name in items.
    pub(crate) label: String,
    pub(super) url: String,
    pub(super) description: Option<String>,
    pub(super) allowed: Option<ToolFilter>,
    pub(super) approval: Approval,
    pub(super) proof: McpProof,
    /// Whether a token is among the headers by `authorization`, a field of its own.
    has_token: bool,
}

/// What the server is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum McpProof {
    /// Headers of the definition, perhaps none.
    Headers(Vec<(String, Secret)>),
    /// What a connection of the project has, by name or id.
    Connection(String),
}

impl McpServer {
    /// Reads one.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<McpServer, ToolError> {
        fields.only(&FIELDS)?;
        not_here(fields)?;
        let label = fields.required_text("server_label")?;
        if !is_name(label) || !label.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let message = format!("expected a letter, then letters, digits, `_` and `-`, got `{}`", quoted(label));
            return Err(fields.wrong("server_label", message));
        }
        let description = fields.text("server_description")?.map(str::to_owned);
        if description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT_CHARS) {
            return Err(
                fields.wrong("server_description", format!("it is longer than {DESCRIPTION_LIMIT_CHARS} characters"))
            );
        }
        Ok(McpServer {
            label: label.to_owned(),
            url: fields.required_text("server_url")?.to_owned(),
            description,
            allowed: allowed(fields)?,
            approval: Approval::read(fields)?,
            proof: proof(fields)?,
            has_token: fields.value(TOKEN).is_some(),
        })
    }
}

impl McpServer {
    /// Whether somebody must say yes before a tool is called.
    pub(crate) fn needs_approval(&self, name: &str, is_read_only: bool) -> bool {
        self.approval.is_needed(name, is_read_only)
    }
}

/// Checks a server's address and where its secrets are kept.
pub(crate) fn check(path: &str, server: &McpServer, given_in: GivenIn, egress: &Egress) -> Result<(), ToolError> {
    if let Err(refused) = egress.exact_target(&server.url) {
        return Err(ToolError::new(format!("{path}.server_url"), refused.to_string()));
    }
    let McpProof::Headers(headers) = &server.proof else { return Ok(()) };
    for (name, _) in headers.iter().filter(|_| given_in == GivenIn::Agent) {
        let lower = name.to_ascii_lowercase();
        if SECRET_PARTS.iter().any(|part| lower.contains(part)) {
            let message = format!(
                "`{name}` carries a secret, and whoever may read the agent would see it; keep it in a connection of the project and \
                 name that in `project_connection_id`"
            );
            let field = if server.has_token && name == TOKEN { TOKEN } else { "headers" };
            return Err(ToolError::new(format!("{path}.{field}"), message));
        }
    }
    Ok(())
}

/// What the service has here and this server has not.
fn not_here(fields: &Fields<'_>) -> Result<(), ToolError> {
    for name in ["connector_id", "tunnel_id"] {
        if fields.value(name).is_some() {
            return Err(fields.wrong(name, "it is not offered here; give the server's address in `server_url`"));
        }
    }
    if fields.flag("defer_loading")? == Some(true) {
        return Err(
            fields.wrong("defer_loading", "it is not offered here; leave it out, and name tools in `allowed_tools`")
        );
    }
    match fields.texts("allowed_callers")? {
        Some(callers) if callers.iter().any(|caller| caller != "direct") => {
            Err(fields.wrong("allowed_callers", "expected `[\"direct\"]`; there is no other caller here"))
        }
        _ => Ok(()),
    }
}

fn allowed(fields: &Fields<'_>) -> Result<Option<ToolFilter>, ToolError> {
    const NAME: &str = "allowed_tools";
    match fields.value(NAME) {
        None => Ok(None),
        Some(Value::Array(_)) => Ok(fields.texts(NAME)?.map(ToolFilter::named)),
        Some(Value::Object(_)) => ToolFilter::read(&fields.required_object(NAME)?).map(Some),
        Some(other) => Err(fields.not(NAME, "a list of names or `{\"tool_names\": […]}`", other)),
    }
}

fn proof(fields: &Fields<'_>) -> Result<McpProof, ToolError> {
    let mut headers = headers(fields)?;
    if let Some(token) = fields.text(TOKEN)? {
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(TOKEN)) {
            return Err(fields.wrong(TOKEN, "`headers` has it too; give it once"));
        }
        put(fields, TOKEN, &mut headers, TOKEN, &format!("Bearer {token}"))?;
    }
    match fields.text("project_connection_id")? {
        None => Ok(McpProof::Headers(headers)),
        Some(_) if !headers.is_empty() => {
            let message =
                "give either a connection or `headers` and `authorization`; a connection shows its own credentials";
            Err(fields.wrong("project_connection_id", message))
        }
        Some("") => Err(fields.wrong("project_connection_id", "it is empty")),
        Some(connection) => Ok(McpProof::Connection(connection.to_owned())),
    }
}

fn headers(fields: &Fields<'_>) -> Result<Vec<(String, Secret)>, ToolError> {
    let mut headers = Vec::new();
    let Some(given) = fields.object("headers")? else { return Ok(headers) };
    for (name, value) in given.members().filter(|(_, value)| !value.is_null()) {
        let text = value.as_str().ok_or_else(|| given.wrong(&quoted(name), "expected a string"))?;
        put(fields, "headers", &mut headers, name, text)?;
    }
    Ok(headers)
}

/// Adds a header that can be sent.
fn put(
    fields: &Fields<'_>,
    field: &str,
    headers: &mut Vec<(String, Secret)>,
    name: &str,
    value: &str,
) -> Result<(), ToolError> {
    OwnHeaders::default().put(name, value).map_err(|error| fields.wrong(field, error.to_string()))?;
    headers.push((name.to_owned(), Secret::new(value.to_owned())));
    Ok(())
}
