//! What an answer that is handed on says about itself: its name, usage, how it ended, how much was written.

use std::borrow::Cow;

use tape::Node;

use super::response::read_usage;
use crate::Usage;
use crate::openai::Seen;
use crate::openai::observe::{LONGEST_WORD, length};

/// What was seen of an answer so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The provider's name for the answer.
    pub id: Option<String>,
    /// The provider's own count.
    pub usage: Option<Usage>,
    /// `completed`, `incomplete`, `failed`, `cancelled`, `in_progress`, `queued`.
    pub status: Option<String>,
    /// Why it is incomplete.
    pub incomplete_reason: Option<String>,
    /// The code (or type) of an error, never its text.
    pub error: Option<String>,
    /// Bytes written so far: text, thinking, refusals, arguments.
    pub text_bytes: u64,
}

impl Observed {
    /// Takes the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Seen {
        if data == b"[DONE]" {
            return Seen::Done;
        }
        tape::glance(data, |event| self.told(event)).unwrap_or(Seen::Chunk)
    }

    fn told(&mut self, event: Node<'_>) -> Seen {
        let kind = match event.given("type") {
            None => Cow::Borrowed(""),
            Some(kind) => match kind.as_str() {
                Some(kind) => kind,
                None => return Seen::Chunk,
            },
        };
        // Most are deltas, and only their length matters.
        if kind.ends_with(".delta") {
            self.text_bytes += event.get("delta").map_or(0, length);
            return Seen::Chunk;
        }
        if let Some(response) = event.given("response") {
            self.response(response, false);
        }
        if let Some(error) = event.given("error") {
            self.error = Some(code_of(error));
            return Seen::Error;
        }
        match kind.as_ref() {
            "error" => {
                let code = event.get("code").and_then(Node::as_str);
                self.error = Some(cut(code.as_deref().unwrap_or("error")));
                Seen::Error
            }
            "response.failed" => {
                self.error.get_or_insert_with(|| "error".to_owned());
                Seen::Error
            }
            "response.completed" | "response.incomplete" => Seen::Done,
            _ => Seen::Chunk,
        }
    }

    /// Takes a whole answer, or the body of an error.
    pub fn whole(&mut self, body: &[u8]) {
        tape::glance(body, |response| self.response(response, true));
    }

    fn response(&mut self, response: Node<'_>, is_whole: bool) {
        let [id, status] = ["id", "status"].map(|name| response.given(name));
        let is_text = |value: Option<Node<'_>>| value.is_none_or(Node::is_string);
        if !response.is_object() || !is_text(id) || !is_text(status) {
            return;
        }
        self.id = id.and_then(Node::as_str).map(Cow::into_owned).or(self.id.take());
        self.status = status.and_then(Node::as_str).map(|word| cut(&word)).or(self.status.take());
        let usage = response.given("usage").map(Node::to_value);
        self.usage = usage.as_ref().and_then(read_usage).map(Usage::from).or(self.usage);
        let reason = response.get("incomplete_details").and_then(|details| details.get("reason")?.as_str());
        self.incomplete_reason = reason.map(|word| cut(&word)).or(self.incomplete_reason.take());
        self.error = response.given("error").map(code_of).or(self.error.take());
        if let (true, Some(output)) = (is_whole, response.get("output")) {
            super::texts::of_items(output, &mut |text| self.text_bytes += text.len() as u64);
        }
    }

    /// The provider's count, else our estimate for a prompt of `prompt_tokens`; and whether it is an estimate.
    pub fn settled(&self, prompt_tokens: u64) -> (Usage, bool) {
        Usage::settled(self.usage, prompt_tokens, self.text_bytes)
    }
}

/// Code or type; the message may repeat a prompt and is not kept.
fn code_of(error: Node<'_>) -> String {
    match error.given("code").or_else(|| error.given("type")) {
        Some(word) if word.is_number() => word.compact(),
        word => word.and_then(Node::as_str).map_or_else(|| "error".to_owned(), |word| cut(&word)),
    }
}

fn cut(word: &str) -> String {
    word.chars().take(LONGEST_WORD).collect()
}
