//! One message of a conversation.

use serde_json::{Map, Value};

use crate::openai::error::OpenAiError;
use crate::openai::field::{missing, take, text, wrong_type, wrong_value};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions of the operator.
    System,
    /// The newer word for [`Role::System`].
    Developer,
    /// The person.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// What a tool answered.
    Tool,
    /// The older word for [`Role::Tool`].
    Function,
}

const ROLES: [(&str, Role); 6] = [
    ("system", Role::System),
    ("developer", Role::Developer),
    ("user", Role::User),
    ("assistant", Role::Assistant),
    ("tool", Role::Tool),
    ("function", Role::Function),
];

/// Characters of a caller's word that an error repeats: enough to recognise it, whatever was sent.
const LONGEST_ECHO: usize = 40;

impl Role {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        ROLES.iter().find(|(_, role)| *role == self).map_or("user", |(word, _)| word)
    }

    fn parse(param: &str, word: &str) -> Result<Role, OpenAiError> {
        if let Some((_, role)) = ROLES.iter().find(|(known, _)| *known == word) {
            return Ok(*role);
        }
        let known: Vec<String> = ROLES.iter().map(|(word, _)| format!("`{word}`")).collect();
        let shown: String = word.chars().take(LONGEST_ECHO).collect();
        Err(wrong_value(
            param,
            format!("invalid value for `{param}`: `{shown}`; supported values are {}", known.join(", ")),
        ))
    }
}

/// One part of a message's content.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// `{"type": "text", "text"}`
    Text(String),
    /// Anything else, named by its `type`: images, audio, files.
    Other {
        /// The `type` of the part, cut to what an error repeats.
        kind: String,
        /// The part as it came.
        value: Value,
    },
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing: an assistant's turn that only called tools.
    None,
    /// A string.
    Text(String),
    /// A list of parts.
    Parts(Vec<Part>),
}

/// One message: its role, what it says, and the `rest` as it came (`name`, `tool_calls` …).
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
    /// Fields that are not read here.
    pub rest: Map<String, Value>,
}

impl Message {
    /// Reads the message at `param` (`messages[3]`).
    pub(super) fn parse(param: &str, message: Value) -> Result<Message, OpenAiError> {
        let mut fields = match message {
            Value::Object(fields) => fields,
            other => return Err(wrong_type(param, "an object", &other)),
        };
        let role_param = format!("{param}.role");
        let role = match take(&mut fields, "role") {
            None => return Err(missing(&role_param)),
            Some(Value::String(word)) => Role::parse(&role_param, &word)?,
            Some(other) => return Err(wrong_type(&role_param, "a string", &other)),
        };
        let content = content(&format!("{param}.content"), role, &mut fields)?;
        Ok(Message { role, content, rest: fields })
    }
}

fn content(param: &str, role: Role, fields: &mut Map<String, Value>) -> Result<Content, OpenAiError> {
    match take(fields, "content") {
        Some(Value::String(text)) => Ok(Content::Text(text)),
        Some(Value::Array(parts)) => {
            let parts =
                parts.into_iter().enumerate().map(|(index, part)| read_part(&format!("{param}[{index}]"), part));
            Ok(Content::Parts(parts.collect::<Result<_, _>>()?))
        }
        // An assistant that called tools has said nothing.
        None if role == Role::Assistant
            && (fields.contains_key("tool_calls") || fields.contains_key("function_call")) =>
        {
            Ok(Content::None)
        }
        None => Err(missing(param)),
        Some(other) => Err(wrong_type(param, "a string or an array of parts", &other)),
    }
}

fn read_part(param: &str, part: Value) -> Result<Part, OpenAiError> {
    let mut fields = match part {
        Value::Object(fields) => fields,
        other => return Err(wrong_type(param, "an object", &other)),
    };
    let kind = match fields.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(other) => return Err(wrong_type(&format!("{param}.type"), "a string", other)),
        None => return Err(missing(&format!("{param}.type"))),
    };
    if kind != "text" {
        let kind = kind.chars().take(LONGEST_ECHO).collect();
        return Ok(Part::Other { kind, value: Value::Object(fields) });
    }
    let param = format!("{param}.text");
    text(&mut fields, &param, "text")?.map(Part::Text).ok_or_else(|| missing(&param))
}
