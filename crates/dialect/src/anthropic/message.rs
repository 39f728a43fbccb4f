//! The system prompt and the messages of a messages request.

use serde_json::Value;

use super::block;
use crate::exchange::{Fields, NotSupported, Part, Protocol, Request, Role, Turn};

/// The system prompt: a string or a list of texts.
pub(super) fn system(fields: &mut Fields<'_>) -> Result<Vec<Part>, NotSupported> {
    if fields.get("system").is_none() {
        return Ok(Vec::new());
    }
    let said = block::content(fields, "system", &["text"])?;
    Ok(said.into_iter().map(|(_, part)| part).collect())
}

/// Reads all messages: those of the system to the front, the others as one turn each.
pub(super) fn read_all(fields: &mut Fields<'_>, request: &mut Request) -> Result<(), NotSupported> {
    fields.messages(|path, message| read(path, message, request))
}

fn read(path: &str, message: &Value, request: &mut Request) -> Result<(), NotSupported> {
    let mut fields = Fields::of(Protocol::Messages, path, message)?;
    let (role, known): (_, &[&str]) = match fields.required_text("role")? {
        "user" => (Role::User, &["text", "image", "tool_result"]),
        "assistant" => (Role::Assistant, &["text", "tool_use", "thinking", "redacted_thinking"]),
        "system" => {
            let said = block::content(&mut fields, "content", &["text"])?;
            request.instructions.extend(said.into_iter().map(|(_, part)| part));
            return fields.done();
        }
        other => return fields.refuse_word("role", other, &["user", "assistant", "system"]),
    };
    let said = block::content(&mut fields, "content", known)?;
    fields.done()?;
    let (places, parts) = said.into_iter().unzip();
    request.places.parts.push(places);
    request.turns.push(Turn { role, parts });
    Ok(())
}
