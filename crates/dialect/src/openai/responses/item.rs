//! One item: of a request's input, or of an answer's output.

use super::content::{self, Speaker};
use super::seal;
use crate::exchange::{Fields, NotSupported, Part, Request, Role, Turn, echo};

/// The items that can be said in another protocol.
const TYPES: [&str; 4] = ["message", "function_call", "function_call_output", "reasoning"];
/// Between the paragraphs of a summary.
pub(super) const BETWEEN_SUMMARIES: &str = "\n\n";

/// A part, and its path.
type Placed = (String, Part);

/// What an item says.
pub(super) enum Said {
    /// Instructions of the system or the developer.
    Instructions(Vec<Part>),
    /// A message.
    Message(Role, Vec<Placed>),
    /// Something of the model beside its messages.
    Beside(Placed),
    /// The result of a function.
    Result(Placed),
    /// Nothing: thinking that was not shown.
    Nothing,
}

/// Reads one item.
pub(super) fn read(mut item: Fields<'_>) -> Result<Said, NotSupported> {
    let path = item.path().to_owned();
    let said = match item.text("type")? {
        Some("message") => message(&mut item)?,
        // The short form of a message has no type.
        None if item.text("role")?.is_some() => message(&mut item)?,
        None if item.text("id")?.is_some() => return Err(reference(&mut item)),
        None => return Err(item.missing("type", "a string")),
        Some("function_call") => {
            let id = item.required_text("call_id")?.to_owned();
            let name = item.required_text("name")?.to_owned();
            let arguments = item.required_text("arguments")?.to_owned();
            Said::Beside((path, Part::ToolCall { id, name, arguments }))
        }
        Some("function_call_output") => {
            let call_id = item.required_text("call_id")?.to_owned();
            let content = parts(content::read(&mut item, "output", Speaker::User)?);
            Said::Result((path, Part::ToolResult { call_id, content, is_error: false }))
        }
        Some("reasoning") => reasoning(&mut item)?,
        Some("item_reference") => return Err(reference(&mut item)),
        Some(other) => return item.refuse_word("type", other, &TYPES),
    };
    item.done()?;
    Ok(said)
}

/// Who stores items puts them in the place of their references before this is read.
fn reference(item: &mut Fields<'_>) -> NotSupported {
    match item.required_text("id") {
        Ok(id) => {
            let reason = format!("there is no stored item `{}`: send the item itself", echo(id));
            NotSupported::new(item.at("id"), reason)
        }
        Err(missing) => missing,
    }
}

fn message(item: &mut Fields<'_>) -> Result<Said, NotSupported> {
    let role = item.required_text("role")?;
    Ok(match role {
        "system" | "developer" => Said::Instructions(parts(content::read(item, "content", Speaker::Instructor)?)),
        "user" => Said::Message(Role::User, content::read(item, "content", Speaker::User)?),
        "assistant" => Said::Message(Role::Assistant, content::read(item, "content", Speaker::Model)?),
        other => return item.refuse_word("role", other, &["user", "assistant", "system", "developer"]),
    })
}

fn reasoning(item: &mut Fields<'_>) -> Result<Said, NotSupported> {
    let mut texts = Vec::new();
    for (field, kind) in [("summary", "summary_text"), ("content", "reasoning_text")] {
        for mut part in item.objects(field)? {
            let found = part.required_text("type")?;
            if found != kind {
                return part.refuse_word("type", found, &[kind]);
            }
            texts.push(part.required_text("text")?);
            part.done()?;
        }
    }
    let text = texts.join(BETWEEN_SUMMARIES);
    let (signature, encrypted) = item.text("encrypted_content")?.map_or((None, None), seal::open);
    let says_nothing = text.is_empty() && signature.is_none() && encrypted.is_none();
    Ok(if says_nothing {
        Said::Nothing
    } else {
        Said::Beside((item.path().to_owned(), Part::Reasoning { text, signature, encrypted }))
    })
}

fn parts(placed: Vec<Placed>) -> Vec<Part> {
    placed.into_iter().map(|(_, part)| part).collect()
}

/// Adds what an item says to the conversation: a model's turn holds its thinking, its message and its calls; results of functions
/// come together; each message of a person is a turn.
pub(super) fn add(said: Said, request: &mut Request) {
    let is_text = |part: &Part| matches!(part, Part::Text(_) | Part::Refusal(_));
    let is_model = |turn: &Turn| turn.role == Role::Assistant;
    let last = request.turns.last();
    let (role, said, goes_on) = match said {
        Said::Nothing => return,
        Said::Instructions(parts) => return request.instructions.extend(parts),
        Said::Message(Role::User, parts) => (Role::User, parts, false),
        Said::Message(Role::Assistant, parts) => {
            let goes_on = last.is_some_and(|turn| is_model(turn) && !turn.parts.iter().any(is_text));
            (Role::Assistant, parts, goes_on)
        }
        Said::Beside(part) => (Role::Assistant, vec![part], last.is_some_and(is_model)),
        Said::Result(part) => {
            let is_result = |turn: &Turn| matches!(turn.parts.last(), Some(Part::ToolResult { .. }));
            (Role::User, vec![part], last.is_some_and(is_result))
        }
    };
    if !goes_on {
        request.turns.push(Turn { role, parts: Vec::new() });
        request.places.parts.push(Vec::new());
    }
    let (paths, parts): (Vec<String>, Vec<Part>) = said.into_iter().unzip();
    if let (Some(turn), Some(places)) = (request.turns.last_mut(), request.places.parts.last_mut()) {
        turn.parts.extend(parts);
        places.extend(paths);
    }
}
