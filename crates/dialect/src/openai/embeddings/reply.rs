//! The answer to an embeddings request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::Encoding;

/// The vectors of one request, and what they cost.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddingsReply {
    /// Names the answer; Foundry Models alone has it.
    pub id: Option<String>,
    /// The model's name, as the caller's deployment serves it.
    pub model: String,
    /// One for each input, in order.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub prompt_tokens: u64,
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    object: &'static str,
    data: Vec<Item<'a>>,
    model: &'a str,
    usage: UsageOnWire,
}

#[derive(Serialize)]
struct Item<'a> {
    object: &'static str,
    index: usize,
    embedding: Vector<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Vector<'a> {
    Float(&'a [f32]),
    Base64(String),
}

#[derive(Serialize)]
struct UsageOnWire {
    prompt_tokens: u64,
    total_tokens: u64,
}

impl EmbeddingsReply {
    /// The body on the wire. Numbers are written from 32 bits, as short as they read back the same.
    pub fn to_json(&self, encoding: Encoding) -> Result<Vec<u8>, serde_json::Error> {
        let vectors = self.vectors.iter().map(|vector| encode(vector, encoding)).enumerate();
        let data = vectors.map(|(index, embedding)| Item { object: "embedding", index, embedding }).collect();
        let usage = UsageOnWire { prompt_tokens: self.prompt_tokens, total_tokens: self.prompt_tokens };
        serde_json::to_vec(&Wire { id: self.id.as_deref(), object: "list", data, model: &self.model, usage })
    }
}

fn encode(vector: &[f32], encoding: Encoding) -> Vector<'_> {
    match encoding {
        Encoding::Float => Vector::Float(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            Vector::Base64(STANDARD.encode(bytes))
        }
    }
}
