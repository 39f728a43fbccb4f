//! A message: who says it, and in which parts.

use dialect::openai::OpenAiError;
use resources::{Fields, listed, quoted};
use serde_json::Value;

use crate::failure::{hint, of_field, wrong};

/// Longest text of a message, characters (the service's limit).
const TEXT_LIMIT_CHARS: usize = 1_500_000;
/// Who may say something, and in which parts.
const ROLES: &[(&str, &[&str])] = &[
    ("user", &["input_text", "input_image", "input_file"]),
    ("assistant", &["output_text", "refusal"]),
    ("system", &["input_text"]),
    ("developer", &["input_text"]),
];
/// What a part must have one of.
const PARTS: &[(&str, &[&str])] = &[
    ("input_text", &["text"]),
    ("output_text", &["text"]),
    ("refusal", &["refusal"]),
    ("input_image", &["image_url", "file_id"]),
    ("input_file", &["file_data", "file_url", "file_id"]),
];

/// Checks a message whose content is a list of parts.
pub(super) fn check(message: &Fields<'_>) -> Result<(), OpenAiError> {
    let role = message.required_string("role").map_err(of_field)?;
    let Some((_, types)) = ROLES.iter().find(|(known, _)| *known == role) else {
        let roles: Vec<&str> = ROLES.iter().map(|(role, _)| *role).collect();
        return Err(not_one_of(&message.path_of("role"), role, &roles));
    };
    let parts = message.array("content").map_err(of_field)?.map_or(&[][..], Vec::as_slice);
    let mut said = 0;
    for (at, part) in parts.iter().enumerate() {
        said += check_part(&format!("{}[{at}]", message.path_of("content")), part, types)?;
    }
    if said > TEXT_LIMIT_CHARS {
        let field = message.path_of("content");
        let text = format!("`{field}` has {said} characters; a message may have {TEXT_LIMIT_CHARS}");
        return Err(OpenAiError::invalid("content_size_exceeded", field, text));
    }
    Ok(())
}

/// How many characters of text it has.
fn check_part(path: &str, part: &Value, types: &[&str]) -> Result<usize, OpenAiError> {
    let Value::Object(map) = part else {
        return Err(wrong(path, format!("`{path}`: expected an object")));
    };
    let part = Fields::new(path, map);
    let kind = part.required_string("type").map_err(of_field)?;
    if !types.contains(&kind) {
        return Err(not_one_of(&part.path_of("type"), kind, types));
    }
    let members = PARTS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, members)| members);
    let mut said = None;
    for member in members {
        said = said.or(part.string(member).map_err(of_field)?);
    }
    match said {
        Some(text) if kind.ends_with("text") => Ok(text.chars().count()),
        Some(_) => Ok(0),
        None => {
            let field = members.first().map(|first| part.path_of(first)).unwrap_or_default();
            let message = format!("`{path}`: a part of type `{kind}` needs {}", listed(members));
            Err(wrong(field, message))
        }
    }
}

fn not_one_of(field: &str, given: &str, known: &[&str]) -> OpenAiError {
    let hint = hint(given, known.iter().copied());
    wrong(field, format!("`{field}`: expected {}, but got `{}`{hint}", listed(known), quoted(given)))
}
