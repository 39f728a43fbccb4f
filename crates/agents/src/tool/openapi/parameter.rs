//! A parameter of an operation.

use serde_json::Value;

use super::document::Document;
use super::{Fields, ToolError, listed, quoted, schema};

/// Headers that a document may not define: they belong to the message.
const NOT_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

impl Place {
    /// As the document writes it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        }
    }

    /// The one style that is written here; the document's default.
    fn style(self) -> &'static str {
        match self {
            Place::Path | Place::Header => "simple",
            Place::Query => "form",
        }
    }
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    /// Its name on the wire.
    pub(super) name: String,
    /// Its name among the arguments.
    pub(super) argument: String,
    pub(super) place: Place,
    pub(super) is_required: bool,
    /// Whether each part of a list or an object stands for itself.
    pub(super) is_exploded: bool,
    pub(super) schema: Value,
    /// Its value where the model does not choose it.
    pub(super) fixed: Option<Value>,
}

impl Parameter {
    /// Reads one; `None` for what is left out of requests.
    pub(super) fn read<'a>(
        document: &Document<'a>,
        path: &str,
        given: &'a Value,
        fixed: &[String],
    ) -> Result<Option<Parameter>, ToolError> {
        let fields = Fields::of(path, document.resolved(path, given)?)?;
        let name = fields.required_text("name")?;
        let description = fields.text("description")?;
        document.spend(path, name.len() + description.map_or(0, str::len))?;
        let is_required = fields.flag("required")?.unwrap_or(false);
        let place = match fields.required_text("in")? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" if NOT_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name)) => return Ok(None),
            "header" => Place::Header,
            "cookie" if !is_required => return Ok(None),
            "cookie" => {
                return Err(fields.wrong("in", "cookies are not sent; offer the parameter in the query or a header"));
            }
            other => {
                let known = listed(&["path", "query", "header"]);
                return Err(fields.wrong("in", format!("expected one of {known}, got `{}`", quoted(other))));
            }
        };
        if fields.value("content").is_some() {
            return Err(
                fields.wrong("content", "a parameter in a media type of its own is not written here; use `schema`")
            );
        }
        let style = fields.text("style")?.unwrap_or(place.style());
        if style != place.style() {
            let message = format!("expected `{}` in the {}, got `{}`", place.style(), place.as_str(), quoted(style));
            return Err(fields.wrong("style", message));
        }
        let schema = match fields.value("schema") {
            Some(given) => schema::inlined(document, &fields.path_of("schema"), given)?,
            None => Value::Object(serde_json::Map::new()),
        };
        let is_fixed = fixed.iter().any(|named| named == name);
        let default = schema.get("default").cloned();
        if is_fixed && default.is_none() {
            let message = "it is among `default_params`, and its schema has no `default`";
            return Err(fields.wrong("schema", message));
        }
        Ok(Some(Parameter {
            name: name.to_owned(),
            argument: name.to_owned(),
            place,
            is_required: is_required || place == Place::Path,
            is_exploded: fields.flag("explode")?.unwrap_or(place == Place::Query),
            schema: described(schema, description),
            fixed: default.filter(|_| is_fixed),
        }))
    }
}

/// A schema with the description that stands beside it.
pub(super) fn described(mut schema: Value, description: Option<&str>) -> Value {
    if let (Some(map), Some(description)) = (schema.as_object_mut(), description) {
        map.entry("description").or_insert_with(|| Value::String(description.to_owned()));
    }
    schema
}
