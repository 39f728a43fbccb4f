//! Planning a request: an operation and the model's arguments in, a request out. What is wrong is told to the model, who may mend it.

use http::Method;
use serde_json::{Map, Value};

use super::super::fields::{listed, quoted};
use super::operation::Operation;
use super::parameter::{Parameter, Place};
use super::wire;

/// A request that was planned, still without a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HttpCall {
    pub(super) method: Method,
    /// Behind the server's URL, encoded.
    pub(super) path: String,
    /// Without `?`, encoded.
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    /// JSON.
    pub(super) body: Option<String>,
}

impl Operation {
    /// The request that these arguments make.
    pub(super) fn request(&self, arguments: &str) -> Result<HttpCall, String> {
        let arguments = match arguments.trim() {
            "" => Value::Object(Map::new()),
            text => serde_json::from_str(text).map_err(|error| format!("the arguments are not JSON: {error}"))?,
        };
        let Value::Object(arguments) = arguments else { return Err("the arguments are not a JSON object".to_owned()) };
        self.known(&arguments)?;
        let mut call = HttpCall {
            method: self.method.clone(),
            path: String::new(),
            query: String::new(),
            headers: Vec::new(),
            body: self.body_of(&arguments)?,
        };
        let (mut pairs, mut path) = (Vec::new(), Vec::new());
        for parameter in &self.parameters {
            let Some(value) = value_of(parameter, &arguments)? else { continue };
            let nested =
                || format!("`{}` holds lists or objects within others, which cannot be written", parameter.argument);
            match parameter.place {
                Place::Path => {
                    let text = wire::simple(value, parameter.is_exploded, wire::encoded).ok_or_else(nested)?;
                    // A whole segment of these would climb out of the API.
                    if matches!(text.as_str(), "" | "." | "..") {
                        let given = quoted(&text);
                        return Err(format!("`{}` is part of the path, and cannot be `{given}`", parameter.argument));
                    }
                    path.push((parameter.name.as_str(), text));
                }
                Place::Query => {
                    pairs.extend(wire::form(&parameter.name, value, parameter.is_exploded).ok_or_else(nested)?);
                }
                Place::Header => {
                    let text = wire::simple(value, parameter.is_exploded, str::to_owned).ok_or_else(nested)?;
                    call.headers.push((parameter.name.clone(), text));
                }
            }
        }
        call.path = filled(&self.path, &path);
        call.query = pairs.join("&");
        Ok(call)
    }

    /// Refuses an argument that nobody would read.
    fn known(&self, arguments: &Map<String, Value>) -> Result<(), String> {
        let told = self.parameters.iter().filter(|parameter| parameter.fixed.is_none());
        let body = self.body.as_ref().map(|body| body.argument);
        let known: Vec<&str> = told.map(|parameter| parameter.argument.as_str()).chain(body).collect();
        match arguments.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(match arm::nearest(name, known.iter().copied()) {
                Some(near) => format!("there is no argument `{}`; did you mean `{near}`?", quoted(name)),
                None => format!("there is no argument `{}`; there is {}", quoted(name), listed(&known)),
            }),
        }
    }

    fn body_of(&self, arguments: &Map<String, Value>) -> Result<Option<String>, String> {
        let Some(body) = &self.body else { return Ok(None) };
        match arguments.get(body.argument) {
            Some(value) => Ok(Some(value.to_string())),
            None if body.is_required => Err(format!("`{}` is required, and missing", body.argument)),
            None => Ok(None),
        }
    }
}

/// A parameter's value; null counts as left out.
fn value_of<'a>(parameter: &'a Parameter, arguments: &'a Map<String, Value>) -> Result<Option<&'a Value>, String> {
    let given = arguments.get(&parameter.argument).filter(|value| !value.is_null());
    match parameter.fixed.as_ref().or(given) {
        None if parameter.is_required => Err(format!("`{}` is required, and missing", parameter.argument)),
        value => Ok(value),
    }
}

/// A path with its values.
fn filled(template: &str, values: &[(&str, String)]) -> String {
    let mut parts = template.split('{');
    let mut path = wire::in_path(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = values.iter().find(|(named, _)| *named == name);
        path.push_str(value.map_or("", |(_, text)| text.as_str()));
        path.push_str(&wire::in_path(rest));
    }
    path
}
