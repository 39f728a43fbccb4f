//! What was seen of an answer, in whatever protocol it came: for the journal and the limits.

use std::borrow::Cow;

use dialect::exchange::{Answer, Event, Finish, Part, Tokens};
use dialect::openai::{Seen, responses};
use dialect::{Usage, anthropic, estimate, openai};

use crate::protocol::Protocol;

/// Characters of a provider's word that are kept.
const LONGEST_WORD: usize = 60;

/// The sum of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Tokens by kind.
    pub(crate) usage: Usage,
    /// Whether they were estimated here.
    pub(crate) is_estimated: bool,
    /// Why the answer ended, in the provider's word.
    pub(crate) finish: Option<Cow<'static, str>>,
    /// The code of an error inside the answer, never its text.
    pub(crate) error: Option<String>,
}

/// Looks at an answer that is handed on as it came.
#[derive(Debug)]
pub(crate) enum Observer {
    OpenAi(openai::Observed),
    Responses(responses::Observed),
    Messages(anthropic::Observed),
}

impl Observer {
    pub(crate) fn of(protocol: Protocol) -> Observer {
        match protocol {
            Protocol::Messages => Observer::Messages(anthropic::Observed::default()),
            Protocol::Responses => Observer::Responses(responses::Observed::default()),
            Protocol::Chat | Protocol::Completions | Protocol::Embeddings => {
                Observer::OpenAi(openai::Observed::default())
            }
        }
    }

    /// Takes the data of one event.
    pub(crate) fn event(&mut self, data: &[u8]) -> Seen {
        match self {
            Observer::OpenAi(observed) => observed.event(data),
            Observer::Responses(observed) => observed.event(data),
            Observer::Messages(observed) => observed.event(data),
        }
    }

    /// Takes a whole answer, or the body of an error.
    pub(crate) fn whole(&mut self, body: &[u8]) {
        match self {
            Observer::OpenAi(observed) => observed.whole(body),
            Observer::Responses(observed) => observed.whole(body),
            Observer::Messages(observed) => observed.whole(body),
        }
    }

    /// Whether the answer said why it ended.
    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Observer::OpenAi(observed) => observed.finish.is_some(),
            Observer::Responses(_) => false,
            Observer::Messages(observed) => observed.finish.is_some(),
        }
    }

    /// What it comes to, for a prompt that was taken for so many tokens.
    pub(crate) fn account(&self, prompt_tokens: u64) -> Account {
        match self {
            Observer::OpenAi(observed) => {
                let (usage, is_estimated) = observed.settled(prompt_tokens);
                Account {
                    usage,
                    is_estimated,
                    finish: observed.finish.clone().map(Cow::Owned),
                    error: observed.error.clone(),
                }
            }
            Observer::Responses(observed) => {
                let (tokens, is_estimated) = observed.settled(prompt_tokens);
                let finish = observed.incomplete_reason.clone().or_else(|| observed.status.clone()).map(Cow::Owned);
                Account { usage: tokens, is_estimated, finish, error: observed.error.clone() }
            }
            Observer::Messages(observed) => {
                let (usage, is_estimated) = observed.settled(prompt_tokens);
                Account {
                    usage,
                    is_estimated,
                    finish: observed.finish.clone().map(Cow::Owned),
                    error: observed.error.clone(),
                }
            }
        }
    }
}

/// Looks at an answer that is said again in another protocol.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    usage: Option<Tokens>,
    text_bytes: u64,
    finish: Option<Cow<'static, str>>,
    error: Option<String>,
}

impl Listener {
    /// Takes one event.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Started { usage, .. } => self.usage = *usage,
            Event::Usage(tokens) => self.usage = Some(*tokens),
            Event::Text { delta, .. }
            | Event::Reasoning { delta, .. }
            | Event::Refusal { delta, .. }
            | Event::ToolArguments { delta, .. } => self.text_bytes += delta.len() as u64,
            Event::Finished { finish, .. } => self.finish = Some(word(finish)),
            Event::Error { code, .. } => self.error = Some(cut(code)),
            Event::ToolCall { .. } | Event::ReasoningSealed { .. } | Event::PartDone { .. } | Event::End => {}
        }
    }

    /// What it comes to. A stream that broke off has only its input counted.
    pub(crate) fn account(&self, prompt_tokens: u64) -> Account {
        let written = estimate::tokens(self.text_bytes);
        let is_whole = self.finish.is_some();
        let usage = match self.usage {
            Some(tokens) if is_whole => Usage::from(tokens),
            Some(tokens) => {
                let usage = Usage::from(tokens);
                Usage { completion_tokens: usage.completion_tokens.max(written), ..usage }
            }
            None => Usage { prompt_tokens, completion_tokens: written, ..Usage::default() },
        };
        let is_estimated = self.usage.is_none() || !is_whole;
        Account { usage, is_estimated, finish: self.finish.clone(), error: self.error.clone() }
    }
}

/// The account of a whole answer that was read.
pub(crate) fn of_answer(answer: &Answer, prompt_tokens: u64) -> Account {
    let said = |part: &Part| match part {
        Part::Text(text) | Part::Refusal(text) | Part::Reasoning { text, .. } => text.len() as u64,
        Part::ToolCall { name, arguments, .. } => (name.len() + arguments.len()) as u64,
        Part::Image(_) | Part::ToolResult { .. } => 0,
    };
    let written = || estimate::tokens(answer.parts.iter().map(said).sum());
    let estimated = || Usage { prompt_tokens, completion_tokens: written(), ..Usage::default() };
    Account {
        usage: answer.usage.map_or_else(estimated, Usage::from),
        is_estimated: answer.usage.is_none(),
        finish: Some(word(&answer.finish)),
        error: None,
    }
}

/// As chat completions call it, which the journal has for every protocol that was translated.
fn word(finish: &Finish) -> Cow<'static, str> {
    let word = match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
        Finish::Refusal => "refusal",
        Finish::Other(word) => return cut(word).into(),
    };
    word.into()
}

/// A provider's word, as much of it as a record has room for.
fn cut(word: &str) -> String {
    word.chars().take(LONGEST_WORD).collect()
}
