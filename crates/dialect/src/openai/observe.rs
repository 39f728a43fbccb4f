//! What an answer that is handed on says about itself: usage, why it ended, how much was written, an error.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Usage;

/// What was seen of an answer so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The provider's own count.
    pub usage: Option<Usage>,
    /// Why the first choice ended, in the provider's word.
    pub finish: Option<String>,
    /// Bytes of text written so far.
    pub text_bytes: u64,
    /// The error inside an answer whose status was good: its code or type, never its text.
    pub error: Option<String>,
}

/// What one event of a stream was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A chunk, or something unknown that is handed on.
    Chunk,
    /// The chunk that carries the usage and says nothing else: only who asked for it expects it.
    UsageAlone,
    /// A chunk that says something and carries the usage too.
    UsageBeside,
    /// An error.
    Error,
    /// `[DONE]`
    Done,
}

/// A chunk or a whole completion, as far as it is read. Everything is optional: a provider's extension is no reason to fail.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    usage: Option<UsageOnWire<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow, default)]
    delta: Option<Text<'a>>,
    #[serde(borrow, default)]
    message: Option<Text<'a>>,
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow, default)]
    role: Option<&'a RawValue>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    /// Thinking aloud, as several providers spell it.
    #[serde(borrow, default, alias = "reasoning")]
    reasoning_content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow, default)]
    refusal: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct UsageOnWire<'a> {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
    /// Not every provider's details have this shape; the totals count all the same.
    #[serde(borrow, default)]
    prompt_tokens_details: Option<&'a RawValue>,
    #[serde(borrow, default)]
    completion_tokens_details: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

impl UsageOnWire<'_> {
    /// `None` where the prompt is not counted.
    fn read(&self) -> Option<Usage> {
        let details = |raw: Option<&RawValue>| {
            raw.and_then(|raw| serde_json::from_str::<Details>(raw.get()).ok()).unwrap_or_default()
        };
        let (prompt, completion) = (details(self.prompt_tokens_details), details(self.completion_tokens_details));
        Some(Usage {
            prompt_tokens: self.prompt_tokens?,
            completion_tokens: self.completion_tokens.unwrap_or(0),
            cached_input_tokens: prompt.cached_tokens.unwrap_or(0),
            cache_write_tokens: prompt.cache_write_tokens.unwrap_or(0),
            reasoning_tokens: completion.reasoning_tokens.unwrap_or(0),
        })
    }
}

#[derive(Deserialize)]
struct ErrorOnWire<'a> {
    #[serde(borrow, default)]
    code: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a RawValue>,
}

impl Choice<'_> {
    /// Whether nothing is said: LiteLLM sends its usage beside one such choice.
    fn is_empty(&self) -> bool {
        let says_nothing = |text: &Text<'_>| text.role.is_none() && text.bytes() == 0;
        self.finish_reason.is_none() && self.message.is_none() && self.delta.as_ref().is_none_or(says_nothing)
    }
}

impl Text<'_> {
    /// Bytes of what was said; quotes, `null` and empty strings count as nothing.
    fn bytes(&self) -> u64 {
        let all = [self.content, self.reasoning_content, self.tool_calls, self.refusal];
        all.into_iter().flatten().map(|raw| raw.get()).filter(|text| *text != "null").map(length).sum()
    }
}

/// Bytes of a JSON text without its quotes or brackets.
pub(crate) fn length(text: &str) -> u64 {
    (text.len() as u64).saturating_sub(2)
}

impl Observed {
    /// Takes the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Seen {
        if data == b"[DONE]" {
            return Seen::Done;
        }
        let Ok(wire) = serde_json::from_slice::<Wire<'_>>(data) else { return Seen::Chunk };
        self.take(&wire);
        let is_alone = wire.choices.iter().flatten().all(Choice::is_empty);
        match (wire.error.is_some_and(is_something), wire.usage.is_some()) {
            (true, _) => Seen::Error,
            (false, true) if is_alone => Seen::UsageAlone,
            (false, true) => Seen::UsageBeside,
            (false, false) => Seen::Chunk,
        }
    }

    /// Takes a whole answer, or the body of an error.
    pub fn whole(&mut self, body: &[u8]) {
        if let Ok(wire) = serde_json::from_slice::<Wire<'_>>(body) {
            self.take(&wire);
        }
    }

    fn take(&mut self, wire: &Wire<'_>) {
        self.usage = wire.usage.as_ref().and_then(UsageOnWire::read).or(self.usage);
        for choice in wire.choices.iter().flatten() {
            self.text_bytes += [&choice.delta, &choice.message].into_iter().flatten().map(Text::bytes).sum::<u64>();
            if let (0, Some(finish)) = (choice.index, &choice.finish_reason) {
                self.finish = Some(finish.chars().take(LONGEST_WORD).collect());
            }
        }
        if let Some(error) = wire.error.filter(|error| is_something(error)) {
            self.error = Some(error_word(error));
        }
    }

    /// The provider's count, else our estimate for a prompt of `prompt_tokens`; and whether it is an estimate.
    pub fn settled(&self, prompt_tokens: u64) -> (Usage, bool) {
        Usage::settled(self.usage, prompt_tokens, self.text_bytes)
    }
}

/// A provider's word is kept up to here.
pub(crate) const LONGEST_WORD: usize = 60;

pub(crate) fn is_something(raw: &RawValue) -> bool {
    raw.get() != "null"
}

/// The code or type of an error; its message may repeat a prompt and is not kept.
pub(crate) fn error_word(error: &RawValue) -> String {
    let word = |raw: &RawValue| raw.get().trim_matches('"').chars().take(LONGEST_WORD).collect::<String>();
    let known = serde_json::from_str::<ErrorOnWire<'_>>(error.get()).ok();
    let found = known.and_then(|error| {
        let given = |raw: Option<&RawValue>| raw.filter(|raw| is_something(raw)).map(word);
        given(error.code).or(given(error.kind))
    });
    found.unwrap_or_else(|| "error".to_owned())
}

#[cfg(test)]
mod tests;
