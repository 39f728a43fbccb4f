//! Operations of an HTTP API that an OpenAPI document describes.
//!
//! Reading the document and planning a request are pure; `call` makes it.

mod auth;
mod call;
mod document;
mod operation;
mod parameter;
mod request;
mod schema;
mod wire;

use egress::Egress;

use super::fields::{Fields, ToolError, listed, quoted};
use auth::{Auth, KeyPlace};
use document::Document;
pub(super) use operation::Operation;

/// The largest document, as JSON: those of the largest public APIs are not read by any model.
const DOCUMENT_LIMIT_BYTES: usize = 1024 * 1024;

/// An API whose operations are tools.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenApi {
    /// Its name in the names of functions.
    pub(crate) name: String,
    /// What the model is told of it with each operation.
    pub(super) description: Option<String>,
    /// Its operations, in the document's order.
    pub(super) operations: Vec<Operation>,
    auth: Auth,
    key_places: Vec<KeyPlace>,
}

impl OpenApi {
    /// Reads the tool whose `openapi` field this is in.
    pub(super) fn read(tool: &Fields<'_>) -> Result<OpenApi, ToolError> {
        tool.only(&["type", "openapi"])?;
        let fields = tool.required_object("openapi")?;
        // `functions` is what the service tells of a tool that it keeps; clients send it back.
        fields.only(&["name", "description", "spec", "auth", "default_params", "functions"])?;
        let name = fields.required_name("name")?.to_owned();
        let description = fields.text("description")?.map(str::to_owned);
        let auth = Auth::read(&fields.required_object("auth")?)?;
        let document = Document::read(&fields)?;
        let fixed = fields.texts("default_params")?.unwrap_or_default();
        let operations = document.operations(&fixed)?;
        let unknown = fixed.iter().find(|name| !operations.iter().any(|operation| operation.has_fixed(name)));
        if let Some(name) = unknown {
            let message = format!("no operation has a parameter `{}`", quoted(name));
            return Err(fields.wrong("default_params", message));
        }
        Ok(OpenApi { name, description, operations, auth, key_places: document.key_places() })
    }

    /// The operation with this id.
    fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// Checks where the operations of an API are.
pub(super) fn check(path: &str, api: &OpenApi, egress: &Egress) -> Result<(), ToolError> {
    for operation in &api.operations {
        if let Err(refused) = egress.target(&operation.server) {
            let message = format!("the server of the operation `{}`: {refused}", operation.id);
            return Err(ToolError::new(format!("{path}.openapi.spec.servers"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
