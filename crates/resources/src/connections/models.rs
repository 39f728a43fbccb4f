//! The models behind a gateway that its connection lists.

use arm::ArmError;
use serde_json::{Map, Value};

use super::metadata::{MODELS, Metadata, path_of};
use super::spelling;
use crate::fields::{Fields, invalid, quoted};

/// Longest name of a model, characters: it stands in paths and logs.
const NAME_LIMIT_CHARS: usize = 256;
/// Most models that one connection lists: beyond, a gateway is asked what it has.
const COUNT_LIMIT: usize = 1000;

/// What a model behind a gateway speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFormat {
    /// The OpenAI chat contract: also what is assumed where nothing is said.
    OpenAi,
    /// The Messages API.
    Anthropic,
    /// Anything else, as written; it is spoken to as OpenAI's.
    Other(String),
}

impl ModelFormat {
    /// Read without case.
    pub fn parse(text: &str) -> ModelFormat {
        match text.to_ascii_lowercase().as_str() {
            "openai" => ModelFormat::OpenAi,
            "anthropic" => ModelFormat::Anthropic,
            _ => ModelFormat::Other(text.to_owned()),
        }
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        match self {
            ModelFormat::OpenAi => "OpenAI",
            ModelFormat::Anthropic => "Anthropic",
            ModelFormat::Other(text) => text,
        }
    }
}

/// One model behind a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayModel {
    /// The name on the wire.
    pub name: String,
    /// The model that it is.
    pub model: String,
    /// Its version, empty where none is said.
    pub version: String,
    /// What it speaks.
    pub format: ModelFormat,
}

/// The models that the metadata list; `None` when they list none.
pub(super) fn read(metadata: &Metadata<'_>) -> Result<Option<Vec<GatewayModel>>, ArmError> {
    let Some(value) = metadata.json(MODELS)? else { return Ok(None) };
    let path = path_of(MODELS);
    let wrong = |why: String| Err(invalid(&path, format!("`{path}`: {why}")));
    let Value::Array(list) = value else {
        return wrong(format!("expected a JSON array of {SHAPE}"));
    };
    if list.is_empty() {
        return wrong(format!("the list is empty; name a model as {SHAPE}, or leave `{MODELS}` out"));
    }
    if list.len() > COUNT_LIMIT {
        return wrong(format!("{} models are listed, at most {COUNT_LIMIT} may be; use `modelDiscovery`", list.len()));
    }
    let mut models: Vec<GatewayModel> = Vec::with_capacity(list.len());
    for (index, entry) in list.iter().enumerate() {
        let model = model(&format!("{path}[{index}]"), entry)?;
        if models.iter().any(|before| before.name == model.name) {
            return wrong(format!("the name `{}` is listed twice", quoted(&model.name)));
        }
        models.push(model);
    }
    Ok(Some(models))
}

/// How an entry looks.
const SHAPE: &str = "`{\"name\": …, \"properties\": {\"model\": {\"name\": …, \"version\": …, \"format\": …}}}`";

fn model(path: &str, entry: &Value) -> Result<GatewayModel, ArmError> {
    let Value::Object(map) = entry else {
        return Err(invalid(path, format!("`{path}`: expected {SHAPE}")));
    };
    let outer = object(path, map, &["name", "properties"])?;
    let name = named(&outer)?;
    let properties_path = outer.path_of("properties");
    let properties = object(&properties_path, required(&outer, "properties")?, &["model"])?;
    let model_path = properties.path_of("model");
    let model = object(&model_path, required(&properties, "model")?, &["name", "version", "format"])?;
    Ok(GatewayModel {
        name: name.to_owned(),
        model: named(&model)?.to_owned(),
        version: model.string("version")?.unwrap_or_default().to_owned(),
        format: model.string("format")?.filter(|text| !text.is_empty()).map_or(ModelFormat::OpenAi, ModelFormat::parse),
    })
}

fn object<'a>(path: &'a str, map: &'a Map<String, Value>, known: &[&str]) -> Result<Fields<'a>, ArmError> {
    spelling::check(path, map, known)?;
    Ok(Fields::new(path, map))
}

fn required<'a>(fields: &Fields<'a>, name: &str) -> Result<&'a Map<String, Value>, ArmError> {
    let path = fields.path_of(name);
    fields.object(name)?.ok_or_else(|| invalid(&path, format!("`{path}` is required; an entry is {SHAPE}")))
}

/// The `name` of an entry or of its model.
fn named<'a>(fields: &Fields<'a>) -> Result<&'a str, ArmError> {
    let name = fields.required_string("name")?;
    if name.chars().count() <= NAME_LIMIT_CHARS && name.chars().all(|c| c.is_ascii_graphic() && c != '\\') {
        return Ok(name);
    }
    let path = fields.path_of("name");
    let message = format!("`{path}`: expected up to {NAME_LIMIT_CHARS} visible characters, got `{}`", quoted(name));
    Err(invalid(&path, message))
}
