//! Function tools: the model is told of them, and the caller runs them.

use serde_json::Value;

use super::fields::{Fields, ToolError};

/// Checks one, and gives its name.
pub(super) fn check<'a>(fields: &Fields<'a>) -> Result<&'a str, ToolError> {
    if fields.value("function").is_some() {
        let message = "the form of chat completions; put `name`, `parameters` and the others beside `type`";
        return Err(fields.wrong("function", message));
    }
    fields.only(&["type", "name", "description", "parameters", "strict"])?;
    fields.text("description")?;
    fields.flag("strict")?;
    if let Some(parameters) = fields.object("parameters")? {
        match parameters.value("type") {
            None => {}
            Some(Value::String(kind)) if kind == "object" => {}
            Some(_) => return Err(parameters.wrong("type", "the parameters of a function are of type `object`")),
        }
        parameters.object("properties")?;
        parameters.texts("required")?;
    }
    fields.required_name("name")
}
