//! `text.format`: the form of the answer.

use dialect::openai::OpenAiError;
use resources::Fields;

use super::required_word;
use crate::failure::{of_field, wrong};

/// Longest name of a schema, characters (the service's limit).
const NAME_LIMIT_CHARS: usize = 64;

/// Checks `text.format`.
pub(super) fn check(fields: &Fields<'_>) -> Result<(), OpenAiError> {
    let Some(text) = fields.object("text").map_err(of_field)? else { return Ok(()) };
    let path = fields.path_of("text");
    let text = Fields::new(&path, text);
    let Some(map) = text.object("format").map_err(of_field)? else { return Ok(()) };
    let path = text.path_of("format");
    let format = Fields::new(&path, map);
    if required_word(&format, "type", &["text", "json_object", "json_schema"])? != "json_schema" {
        return Ok(());
    }
    let name = format.required_string("name").map_err(of_field)?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if name.len() > NAME_LIMIT_CHARS || !name.chars().all(is_name) {
        let field = format.path_of("name");
        let message = format!("`{field}`: expected 1 to {NAME_LIMIT_CHARS} letters, digits, `_` and `-`");
        return Err(wrong(field, message));
    }
    format.boolean("strict").map_err(of_field)?;
    format.string("description").map_err(of_field)?;
    if format.object("schema").map_err(of_field)?.is_none() {
        let field = format.path_of("schema");
        let message = format!("`{field}` is required: the JSON schema of the answer");
        return Err(wrong(field, message));
    }
    Ok(())
}
