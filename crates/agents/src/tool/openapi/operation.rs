//! An operation of an API: what the model is told of it, and what a request to it is made of.

use http::Method;
use serde_json::{Map, Value, json};

use super::document::Document;
use super::parameter::{Parameter, Place, described};
use super::{Fields, ToolError, quoted, schema};

/// The one media type in which bodies are sent.
const JSON: &str = "application/json";
/// The argument that holds the body, unless a parameter has this name.
const BODY: [&str; 2] = ["body", "request_body"];
/// Longest id of an operation, characters: it becomes part of a function's name.
const ID_LIMIT_CHARS: usize = 128;

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// Its `operationId`.
    pub(crate) id: String,
    /// What it does.
    pub(crate) description: Option<String>,
    pub(super) method: Method,
    /// The URL that its path follows.
    pub(super) server: String,
    /// With `{parameters}`.
    pub(super) path: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
}

/// The body of a request, always JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body {
    /// Its name among the arguments.
    pub(super) argument: &'static str,
    pub(super) is_required: bool,
    schema: Value,
}

impl Operation {
    /// The schema of its arguments: each parameter by its name, and the body under `body`.
    pub(crate) fn schema(&self) -> Value {
        let told = || self.parameters.iter().filter(|parameter| parameter.fixed.is_none());
        let mut properties: Map<String, Value> =
            told().map(|parameter| (parameter.argument.clone(), parameter.schema.clone())).collect();
        let needed = told().filter(|parameter| parameter.is_required).map(|parameter| parameter.argument.as_str());
        let mut required: Vec<&str> = needed.collect();
        if let Some(body) = &self.body {
            properties.insert(body.argument.to_owned(), body.schema.clone());
            required.extend(body.is_required.then_some(body.argument));
        }
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }

    /// Whether a parameter of this name has a value that the model does not choose.
    pub(super) fn has_fixed(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name && parameter.fixed.is_some())
    }
}

/// Reads one operation of a document.
pub(super) struct Reader<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    /// The path's own fields, whose parameters all its operations have.
    pub(super) item: &'d Fields<'a>,
    pub(super) operation: &'d Fields<'a>,
    pub(super) fixed: &'d [String],
}

impl Reader<'_, '_> {
    /// Reads it.
    pub(super) fn read(&self, path: &str, method: Method, server: String) -> Result<Operation, ToolError> {
        let parameters = self.parameters(path)?;
        let summary = self.operation.text("summary")?;
        let description = self.operation.text("description")?.or(summary);
        Ok(Operation {
            id: self.id()?,
            description: description.map(str::to_owned),
            method,
            server,
            path: path.to_owned(),
            body: self.body(&parameters)?,
            parameters,
        })
    }

    fn id(&self) -> Result<String, ToolError> {
        let id = self.operation.required_text("operationId")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if id.chars().all(is_plain) && id.len() <= ID_LIMIT_CHARS {
            return Ok(id.to_owned());
        }
        let message =
            format!("expected at most {ID_LIMIT_CHARS} letters, digits, `_`, `-` and `.`, got `{}`", quoted(id));
        Err(self.operation.wrong("operationId", message))
    }

    /// The operation's parameters, then those of its path that it does not replace.
    fn parameters(&self, path: &str) -> Result<Vec<Parameter>, ToolError> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for fields in [self.operation, self.item] {
            let Some(value) = fields.value("parameters") else { continue };
            let list = value.as_array().ok_or_else(|| fields.not("parameters", "a list", value))?;
            for (index, given) in list.iter().enumerate() {
                let at = fields.path_of(&format!("parameters[{index}]"));
                let Some(mut parameter) = Parameter::read(self.document, &at, given, self.fixed)? else { continue };
                let same_name = |other: &&Parameter| other.name == parameter.name;
                if parameters.iter().filter(same_name).any(|other| other.place == parameter.place) {
                    continue;
                }
                if parameters.iter().any(|other| other.argument == parameter.argument) {
                    parameter.argument = format!("{}_{}", parameter.place.as_str(), parameter.name);
                }
                parameters.push(parameter);
            }
        }
        for name in names_in(path) {
            if !parameters.iter().any(|parameter| parameter.place == Place::Path && parameter.name == name) {
                let message = format!("`{{{name}}}` of the path is not among them");
                return Err(self.operation.wrong("parameters", message));
            }
        }
        Ok(parameters)
    }

    fn body(&self, parameters: &[Parameter]) -> Result<Option<Body>, ToolError> {
        let Some(given) = self.operation.value("requestBody") else { return Ok(None) };
        let path = self.operation.path_of("requestBody");
        let fields = Fields::of(&path, self.document.resolved(&path, given)?)?;
        let description = fields.text("description")?;
        self.document.spend(&path, description.map_or(0, str::len))?;
        let is_required = fields.flag("required")?.unwrap_or(false);
        let content = fields.required_object("content")?;
        let is_json = |media_type: &str| matches!(media_type.split(';').next().map(str::trim), Some(JSON | "*/*"));
        let Some((name, media)) = content.members().find(|(media_type, _)| is_json(media_type)) else {
            if !is_required {
                return Ok(None);
            }
            return Err(fields.wrong("content", format!("expected `{JSON}`; bodies are sent in no other form")));
        };
        let schema = match media.get("schema") {
            Some(given) => schema::inlined(self.document, &content.path_of(&format!("{name}.schema")), given)?,
            None => json!({}),
        };
        let is_free = |name: &&str| !parameters.iter().any(|parameter| parameter.argument == *name);
        let Some(argument) = BODY.into_iter().find(is_free) else {
            return Err(fields.wrong("content", "parameters have the names of the body; rename one of them"));
        };
        Ok(Some(Body { argument, is_required, schema: described(schema, description) }))
    }
}

/// The names in the braces of a path.
pub(super) fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
