//! What an agent may be called.

use dialect::openai::OpenAiError;
use resources::quoted;

use crate::failure::wrong;

/// Longest name, characters (the service's limit).
const LIMIT_CHARS: usize = 63;

/// Letters and digits, with hyphens inside. Names are compared without case: they stand in paths, which are.
pub(crate) fn check(name: &str) -> Result<(), OpenAiError> {
    let ends = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let is_made_of = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_made_of && ends(name.chars().next()) && ends(name.chars().last()) && name.len() <= LIMIT_CHARS {
        return Ok(());
    }
    Err(wrong(
        "name",
        format!("`name`: expected 1 to {LIMIT_CHARS} letters, digits and inner hyphens, but got `{}`", quoted(name)),
    ))
}

/// The id of the stored agent.
pub(super) fn id(name: &str) -> String {
    name.to_ascii_lowercase()
}
