//! Which model a deployment serves.

use arm::{ArmError, ErrorCode, Resource};
use serde_json::{Map, Value, json};

use crate::fields::{Fields, invalid, listed, quoted};
use crate::model_catalog::{Catalog, Model};

/// How many nearest names an unknown model's error offers.
const SUGGESTIONS: usize = 3;
/// What a client may write in `properties.model`; the last is the server's.
const KNOWN: &[&str] = &["format", "name", "version", "publisher", "source", "sourceAccount", "callRateLimit"];

/// A deployment's model, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelRef<'a> {
    /// The name, as the client deployed it.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
}

/// The model that a stored deployment serves; look it up in the catalog, which may have changed since.
pub fn model_of(deployment: &Resource) -> Option<ModelRef<'_>> {
    let model = deployment.properties.get("model")?;
    Some(ModelRef { name: model.get("name")?.as_str()?, version: model.get("version")?.as_str()? })
}

/// Checks `properties.model` against the catalog and answers what to store of it, and the catalog's entry.
pub(super) fn validate<'a>(properties: &Fields<'_>, catalog: &'a Catalog) -> Result<(Value, &'a Model), ArmError> {
    let Some(map) = properties.object("model")? else {
        let message = "`properties.model` is required: `format`, `name` and `version`";
        return Err(invalid("properties.model", message.to_owned()));
    };
    let fields = Fields::new("properties.model", map);
    fields.only(KNOWN, "a deployment's model")?;
    let name = fields.required_string("name")?;
    let format = fields.required_string("format")?;
    let version = fields.string("version")?.filter(|version| !version.is_empty());
    let Some(model) = catalog.find(name, version) else {
        return Err(unknown(name, version, catalog));
    };
    if !model.format.eq_ignore_ascii_case(format) {
        let message =
            format!("the model `{}` has the format `{}`, not `{}`", quoted(name), model.format, quoted(format));
        return Err(not_supported(message));
    }
    let mut stored = Map::new();
    stored.insert("format".to_owned(), json!(model.format));
    stored.insert("name".to_owned(), json!(spelled(model, name)));
    stored.insert("version".to_owned(), json!(model.version));
    for kept in ["publisher", "source", "sourceAccount"] {
        if let Some(text) = fields.string(kept)? {
            stored.insert(kept.to_owned(), json!(text));
        }
    }
    Ok((Value::Object(stored), model))
}

/// The catalog's writing of the name that was asked for.
fn spelled<'a>(model: &'a Model, name: &str) -> &'a str {
    let alias = model.aliases.iter().find(|alias| alias.eq_ignore_ascii_case(name));
    if model.name.eq_ignore_ascii_case(name) { &model.name } else { alias.map_or(&model.name, String::as_str) }
}

fn unknown(name: &str, version: Option<&str>, catalog: &Catalog) -> ArmError {
    let versions: Vec<&str> =
        catalog.models().iter().filter(|model| model.answers_to(name)).map(|model| model.version.as_str()).collect();
    if let (Some(version), false) = (version, versions.is_empty()) {
        let message =
            format!("the model `{}` has no version `{}`; it has {}", quoted(name), quoted(version), listed(&versions));
        return not_supported(message);
    }
    let near = catalog.nearest_names(name, SUGGESTIONS);
    let hint = if near.is_empty() {
        "; the operator's catalog has no models".to_owned()
    } else {
        format!("; the nearest names are {}", listed(&near))
    };
    not_supported(format!("the model `{}` is not in this server's catalog{hint}", quoted(name)))
}

fn not_supported(message: String) -> ArmError {
    ArmError::new(ErrorCode::DeploymentModelNotSupported, message).with_target("properties.model")
}
