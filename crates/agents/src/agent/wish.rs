//! What a caller asks for: an agent's next version.

use arm::Scope;
use dialect::openai::OpenAiError;
use egress::Egress;
use resources::Fields;
use serde_json::{Map, Value};
use store::World;

use super::{definition, model};
use crate::failure::{of_field, wrong};
use crate::metadata;

/// Longest description, characters: a paragraph for people.
const DESCRIPTION_LIMIT_CHARS: usize = 512;
/// Fields that ask for what is not offered here, and what to do instead. `false` and null ask for nothing.
const NOT_OFFERED: [(&str, &str); 3] = [
    ("draft", "versions that are not yet released are not offered here; post it as an agent of another name"),
    ("blueprint_reference", "blueprints are not offered here; each agent has an identity of its own without one"),
    ("digital_worker_type", "digital workers are not offered here"),
];

/// A version as it is asked for; checked.
pub(crate) struct Wish {
    pub(super) definition: Value,
    pub(super) metadata: Map<String, Value>,
    pub(super) description: Option<String>,
}

impl Wish {
    /// Reads a body for a project. The model must be one that the project has now, and the tools such as `egress` admits.
    pub(crate) fn read(body: &Value, project: &Scope, world: &World, egress: &Egress) -> Result<Wish, OpenAiError> {
        let empty = Map::new();
        let fields = Fields::new("", body.as_object().unwrap_or(&empty));
        for (name, instead) in NOT_OFFERED {
            if fields.value(name).is_some_and(|value| *value != Value::Bool(false)) {
                return Err(wrong(name, format!("`{name}`: {instead}")));
            }
        }
        let Some(definition) = fields.value("definition") else {
            let message = "`definition` is required, such as `{\"kind\": \"prompt\", \"model\": \"…\"}`";
            return Err(OpenAiError::invalid("missing_required_parameter", "definition", message));
        };
        let description = fields.string("description").map_err(of_field)?.map(str::to_owned);
        if description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT_CHARS) {
            let message = format!("`description`: expected at most {DESCRIPTION_LIMIT_CHARS} characters");
            return Err(wrong("description", message));
        }
        let wanted = definition::check(definition, egress)?;
        model::check(wanted, project, world)?;
        let metadata = metadata::read(fields.value("metadata"))?;
        Ok(Wish { definition: definition.clone(), metadata, description })
    }
}
