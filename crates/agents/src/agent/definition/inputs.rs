//! `structured_inputs`: what a call fills into `{{name}}`.

use dialect::openai::OpenAiError;
use resources::{Fields, quoted};
use serde_json::Value;

use crate::failure::{of_field, wrong};

/// Checks each of them.
pub(super) fn check(fields: &Fields<'_>) -> Result<(), OpenAiError> {
    let Some(inputs) = fields.object("structured_inputs").map_err(of_field)? else { return Ok(()) };
    for (name, input) in inputs {
        let path = format!("{}.{}", fields.path_of("structured_inputs"), quoted(name));
        if name.is_empty() || name.chars().any(|letter| letter.is_whitespace() || "{}".contains(letter)) {
            let message = format!("`{path}`: a name without spaces and braces stands in `{{{{…}}}}`");
            return Err(wrong(path, message));
        }
        let Value::Object(map) = input else {
            return Err(wrong(path.clone(), format!("`{path}`: expected an object")));
        };
        let input = Fields::new(&path, map);
        input.string("description").map_err(of_field)?;
        input.boolean("required").map_err(of_field)?;
        input.object("schema").map_err(of_field)?;
    }
    Ok(())
}
