//! The body of an embeddings request, in the OpenAI form and in that of Foundry Models, which is narrower and adds `input_type`.

use serde_json::Value;

use crate::exchange::{Fields, NotSupported, Protocol, wrong_type};

/// The most inputs of one request (the service's limit).
pub const MAX_INPUTS: usize = 2048;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddingsRequest {
    /// The deployment, where the path does not name it.
    pub model: Option<String>,
    /// What is embedded; never empty.
    pub input: Input,
    /// How the vectors are written.
    pub encoding: Encoding,
    /// The length of the vectors, at least 1; the model's own where it is not said.
    pub dimensions: Option<u64>,
    /// What the inputs are; Foundry Models alone asks.
    pub input_type: Option<InputType>,
    /// The caller's word for its own user.
    pub user: Option<String>,
}

/// What is embedded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Texts, none empty.
    Texts(Vec<String>),
    /// Tokens of the model, none of the lists empty.
    Tokens(Vec<Vec<u32>>),
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Lists of numbers.
    Float,
    /// Base64 of 32-bit floats, little end first.
    Base64,
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputType {
    /// Some text.
    Text,
    /// A question to a store of documents.
    Query,
    /// A document of such a store.
    Document,
}

const ENCODINGS: [(&str, Encoding); 2] = [("float", Encoding::Float), ("base64", Encoding::Base64)];
const INPUT_TYPES: [(&str, InputType); 3] =
    [("text", InputType::Text), ("query", InputType::Query), ("document", InputType::Document)];

impl EmbeddingsRequest {
    /// Reads a body. What is not known is refused by name.
    pub fn parse(body: &Value) -> Result<EmbeddingsRequest, NotSupported> {
        let mut body = Fields::of(Protocol::Embeddings, "", body)?;
        let request = EmbeddingsRequest {
            model: body.text("model")?.map(str::to_owned),
            input: input(&mut body)?,
            encoding: body.word("encoding_format", &ENCODINGS)?.unwrap_or(Encoding::Float),
            dimensions: body.count("dimensions", 1)?,
            input_type: body.word("input_type", &INPUT_TYPES)?,
            user: body.text("user")?.map(str::to_owned),
        };
        body.done()?;
        Ok(request)
    }
}

fn input(body: &mut Fields<'_>) -> Result<Input, NotSupported> {
    let list = match body.get("input") {
        Some(one @ Value::String(_)) => std::slice::from_ref(one),
        Some(Value::Array(list)) => list.as_slice(),
        Some(other) => return Err(wrong_type("input", "a string or an array", other)),
        None => return Err(body.missing("input", "a string or an array")),
    };
    match list.first() {
        None => Err(NotSupported::new("input", "expected at least one input, but got none")),
        Some(Value::Number(_)) => Ok(Input::Tokens(vec![tokens("input", list)?])),
        Some(_) if list.len() > MAX_INPUTS => {
            Err(NotSupported::new("input", format!("expected at most {MAX_INPUTS} inputs, but got {}", list.len())))
        }
        Some(Value::Array(_)) => each(list, "an array of tokens", |path, input| match input {
            Value::Array(list) => Some(tokens(path, list)),
            _ => None,
        })
        .map(Input::Tokens),
        Some(_) => each(list, "a text that is not empty", |_, input| match input {
            Value::String(text) if !text.is_empty() => Some(Ok(text.clone())),
            _ => None,
        })
        .map(Input::Texts),
    }
}

fn each<T>(
    list: &[Value],
    wanted: &str,
    read: impl Fn(&str, &Value) -> Option<Result<T, NotSupported>>,
) -> Result<Vec<T>, NotSupported> {
    let items = list.iter().enumerate().map(|(at, input)| {
        let path = format!("input[{at}]");
        read(&path, input).unwrap_or_else(|| Err(wrong_type(path, wanted, input)))
    });
    items.collect()
}

fn tokens(path: &str, list: &[Value]) -> Result<Vec<u32>, NotSupported> {
    if list.is_empty() {
        return Err(NotSupported { field: path.to_owned(), reason: "expected tokens, but got none".to_owned() });
    }
    let token = |(at, value): (usize, &Value)| {
        let token = value.as_u64().and_then(|token| u32::try_from(token).ok());
        token.ok_or_else(|| wrong_type(format!("{path}[{at}]"), "a token's number", value))
    };
    list.iter().enumerate().map(token).collect()
}
