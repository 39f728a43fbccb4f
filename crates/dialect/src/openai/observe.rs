//! What an answer that is handed on says about itself: usage, why it ended, how much was written, an error.

use std::borrow::Cow;

use tape::Node;

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
struct Wire<'a> {
    /// Most answers have one, which then needs no list.
    choice: Option<Choice<'a>>,
    more_choices: Vec<Choice<'a>>,
    usage: Option<Node<'a>>,
    error: Option<Node<'a>>,
}

struct Choice<'a> {
    is_first: bool,
    delta: Option<Node<'a>>,
    message: Option<Node<'a>>,
    finish_reason: Option<Cow<'a, str>>,
}

impl<'a> Wire<'a> {
    /// `None` where what is read is of another type than it should be, so that nothing of it can be trusted.
    fn read(chunk: Node<'a>) -> Option<Wire<'a>> {
        let [choices, usage, error] = chunk.pick(["choices", "usage", "error"]);
        let usage = object(usage)?;
        let counts =
            |usage: Node<'_>| ["prompt_tokens", "completion_tokens"].iter().all(|name| is_count(usage.given(name)));
        let is_odd = !chunk.is_object() || usage.is_some_and(|usage| !counts(usage));
        let list = choices.is_none_or(Node::is_list).then(|| choices.map(Node::items))?;
        let mut choices = list.into_iter().flatten().map(Choice::read);
        let choice = choices.next().map_or(Some(None), |read| read.map(Some))?;
        let more_choices = choices.collect::<Option<_>>()?;
        (!is_odd).then_some(Wire { choice, more_choices, usage, error })
    }

    fn choices(&self) -> impl Iterator<Item = &Choice<'a>> {
        self.choice.iter().chain(&self.more_choices)
    }
}

impl<'a> Choice<'a> {
    fn read(choice: Node<'a>) -> Option<Choice<'a>> {
        let [delta, message, finish_reason] = choice.pick(["delta", "message", "finish_reason"]);
        let index = choice.get("index").map_or(Some(0), Node::as_u64)?;
        let finish_reason = match finish_reason {
            Some(reason) => Some(reason.as_str()?),
            None => None,
        };
        let (delta, message) = (object(delta)?, object(message)?);
        choice.is_object().then_some(Choice { is_first: index == 0, delta, message, finish_reason })
    }

    /// Whether nothing is said: LiteLLM sends its usage beside one such choice.
    fn is_empty(&self) -> bool {
        let says_nothing = |text: Node<'_>| text.given("role").is_none() && said(text) == 0;
        self.finish_reason.is_none() && self.message.is_none() && self.delta.is_none_or(says_nothing)
    }
}

/// What is an object or nothing; `None` where it is something else.
pub(crate) fn object(given: Option<Node<'_>>) -> Option<Option<Node<'_>>> {
    given.is_none_or(Node::is_object).then_some(given)
}

/// Whether it is nothing or a count of tokens.
fn is_count(value: Option<Node<'_>>) -> bool {
    value.is_none_or(|value| value.as_u64().is_some())
}

/// Bytes of what a message says. Thinking aloud is spelled in two ways, and both by some.
fn said(text: Node<'_>) -> u64 {
    let [content, calls, refusal, thought, reasoning] =
        text.pick(["content", "tool_calls", "refusal", "reasoning_content", "reasoning"]);
    [content, calls, refusal, thought.or(reasoning)].into_iter().flatten().map(length).sum()
}

/// The provider's count; `None` where the prompt is not counted.
fn usage(usage: Node<'_>) -> Option<Usage> {
    let [prompt, completion, prompt_details, completion_details] =
        usage.pick(["prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"]);
    let of = |count: Option<Node<'_>>| count.and_then(Node::as_u64).unwrap_or(0);
    let ([cached, cache_write, _], [_, _, reasoning]) = (details(prompt_details), details(completion_details));
    Some(Usage {
        prompt_tokens: prompt?.as_u64()?,
        completion_tokens: of(completion),
        cached_input_tokens: of(cached),
        cache_write_tokens: of(cache_write),
        reasoning_tokens: of(reasoning),
    })
}

/// What was read from the cache, written to it, and thought. Not every provider's details have this shape; the totals count all the
/// same.
fn details(given: Option<Node<'_>>) -> [Option<Node<'_>>; 3] {
    let counts = given.map(|details| details.pick(["cached_tokens", "cache_write_tokens", "reasoning_tokens"]));
    counts.filter(|counts| counts.iter().all(|count| is_count(*count))).unwrap_or_default()
}

/// Bytes of a JSON text without its quotes or brackets; `null` has none.
pub(crate) fn length(text: Node<'_>) -> u64 {
    if text.is_null() { 0 } else { (text.raw().len() as u64).saturating_sub(2) }
}

impl Observed {
    /// Takes the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Seen {
        if data == b"[DONE]" {
            return Seen::Done;
        }
        let seen = tape::glance(data, |chunk| {
            let wire = Wire::read(chunk)?;
            self.take(&wire);
            Some(match (wire.error.is_some(), wire.usage.is_some()) {
                (true, _) => Seen::Error,
                (false, true) if wire.choices().all(Choice::is_empty) => Seen::UsageAlone,
                (false, true) => Seen::UsageBeside,
                (false, false) => Seen::Chunk,
            })
        });
        seen.flatten().unwrap_or(Seen::Chunk)
    }

    /// Takes a whole answer, or the body of an error.
    pub fn whole(&mut self, body: &[u8]) {
        tape::glance(body, |answer| {
            if let Some(wire) = Wire::read(answer) {
                self.take(&wire);
            }
        });
    }

    fn take(&mut self, wire: &Wire<'_>) {
        self.usage = wire.usage.and_then(usage).or(self.usage);
        for choice in wire.choices() {
            self.text_bytes += [choice.delta, choice.message].into_iter().flatten().map(said).sum::<u64>();
            if let (true, Some(finish)) = (choice.is_first, &choice.finish_reason) {
                self.finish = Some(finish.chars().take(LONGEST_WORD).collect());
            }
        }
        if let Some(error) = wire.error {
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

/// The code or type of an error; its message may repeat a prompt and is not kept.
pub(crate) fn error_word(error: Node<'_>) -> String {
    let given = error.given("code").or_else(|| error.given("type"));
    let text = given.and_then(|word| std::str::from_utf8(word.raw()).ok());
    text.map_or_else(|| "error".to_owned(), |text| text.trim_matches('"').chars().take(LONGEST_WORD).collect())
}

#[cfg(test)]
mod tests;
