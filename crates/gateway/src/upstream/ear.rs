//! What is made of a provider's stream: the same events handed on, or others that say the same.

use std::collections::VecDeque;

use bytes::Bytes;
use dialect::exchange::Event;
use dialect::openai::{Seen, without_usage};
use dialect::sse::{self, Splitter};
use egress::Secret;
use serde_json::Value;

use crate::observed::{Account, Listener, Observer};
use crate::protocol::Protocol;
use crate::translate::{Reader, Told, Writer};

/// What is to be done next.
pub(super) enum Heard {
    /// Send these bytes.
    Send(Bytes),
    /// The last bytes, which are held back until the record is written.
    Last(Bytes),
}

/// Hears one stream.
pub(super) enum Ear {
    /// Hands on what comes.
    Same(Box<Same>),
    /// Says it again.
    Other(Box<Other>),
}

pub(super) struct Same {
    protocol: Protocol,
    splitter: Splitter,
    observer: Observer,
    withholds_usage: bool,
    secret: Option<Secret>,
    response: Option<Value>,
}

pub(super) struct Other {
    reader: Reader,
    writer: Writer,
    listener: Listener,
    secret: Option<Secret>,
    heard: VecDeque<Heard>,
}

impl Ear {
    pub(super) fn same(protocol: Protocol, withholds_usage: bool, secret: Option<Secret>) -> Ear {
        Ear::Same(Box::new(Same {
            protocol,
            splitter: Splitter::default(),
            observer: Observer::of(protocol),
            withholds_usage,
            secret,
            response: None,
        }))
    }

    pub(super) fn other(protocol: Protocol, told: Told, secret: Option<Secret>) -> Ear {
        Ear::Other(Box::new(Other {
            reader: Reader::of(protocol),
            writer: told.writer(),
            listener: Listener::default(),
            secret,
            heard: VecDeque::new(),
        }))
    }

    /// Takes what came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self {
            Ear::Same(same) => same.splitter.push(bytes),
            Ear::Other(other) => {
                let events = other.reader.push(bytes);
                other.take(&events);
            }
        }
    }

    /// The next thing to do; none until more has come.
    pub(super) fn next(&mut self) -> Option<Heard> {
        match self {
            Ear::Same(same) => same.next(),
            Ear::Other(other) => other.heard.pop_front(),
        }
    }

    /// Bytes of an event that has not ended.
    pub(super) fn pending(&self) -> usize {
        match self {
            Ear::Same(same) => same.splitter.pending(),
            Ear::Other(other) => other.reader.pending(),
        }
    }

    /// The provider's stream is over without its last event: what is sent for it, or nothing where it stopped in the middle.
    pub(super) fn over(&mut self) -> Option<Heard> {
        match self {
            Ear::Same(same) => same.over(),
            Ear::Other(other) => {
                let events = other.reader.finish();
                other.take(&events);
                other.heard.pop_front()
            }
        }
    }

    /// What was seen, for a prompt that was taken for so many tokens.
    pub(super) fn account(&self, prompt_tokens: u64) -> Account {
        match self {
            Ear::Same(same) => same.observer.account(prompt_tokens),
            Ear::Other(other) => other.listener.account(prompt_tokens),
        }
    }

    /// The response, once it is whole, where that is what was streamed.
    pub(super) fn response(&self) -> Option<&Value> {
        match self {
            Ear::Same(same) => same.response.as_ref(),
            Ear::Other(other) => other.writer.response(),
        }
    }

    /// The event by which this protocol says an error in the middle of a stream.
    pub(super) fn error(&mut self, code: &str, message: &str) -> Option<Bytes> {
        let event = Event::Error { code: code.to_owned(), message: message.to_owned() };
        match self {
            Ear::Other(other) => other.writer.write(&event).ok(),
            Ear::Same(same) => match same.protocol {
                Protocol::Messages => {
                    let error =
                        serde_json::json!({"type": "error", "error": {"type": "api_error", "message": message}});
                    sse::event(Some("error"), &error).ok()
                }
                Protocol::Responses => {
                    let error = serde_json::json!({"type": "error", "code": code, "message": message, "param": null});
                    sse::event(Some("error"), &error).ok()
                }
                _ => sse::data(&serde_json::json!({"error": {"code": code, "message": message}})).ok(),
            },
        }
    }
}

impl Same {
    fn next(&mut self) -> Option<Heard> {
        while let Some(event) = self.splitter.next_event() {
            if let Some(heard) = self.event(event) {
                return Some(heard);
            }
        }
        None
    }

    fn event(&mut self, event: Bytes) -> Option<Heard> {
        let data = sse::data_of(&event);
        let seen = data.as_ref().map_or(Seen::Chunk, |data| self.observer.event(data));
        let event = match seen {
            Seen::Done => {
                if self.protocol == Protocol::Responses {
                    let whole = data.and_then(|data| serde_json::from_slice::<Value>(&data).ok());
                    self.response = whole.and_then(|mut whole| Some(whole.get_mut("response")?.take()));
                }
                return Some(Heard::Last(event));
            }
            Seen::UsageAlone if self.withholds_usage => return None,
            Seen::Error => self.secret.as_ref().map_or(event.clone(), |secret| secret.scrub(event)),
            Seen::UsageBeside if self.withholds_usage => {
                let chunk = data.and_then(|data| without_usage(&data).ok()).unwrap_or_default();
                Bytes::from([b"data: ", chunk.as_slice(), b"\n\n"].concat())
            }
            Seen::Chunk | Seen::UsageAlone | Seen::UsageBeside => event,
        };
        Some(Heard::Send(event))
    }

    fn over(&mut self) -> Option<Heard> {
        // Some end their last event with the stream instead of an empty line.
        let rest = std::mem::take(&mut self.splitter).rest();
        let is_last = sse::data_of(&rest).is_some_and(|data| self.observer.event(&data) == Seen::Done);
        if is_last {
            return Some(Heard::Last(Bytes::from([&rest, &b"\n\n"[..]].concat())));
        }
        let is_quiet = self.observer.is_finished() && rest.iter().all(u8::is_ascii_whitespace);
        is_quiet.then(|| Heard::Last(Bytes::new()))
    }
}

impl Other {
    fn take(&mut self, events: &[Event]) {
        for event in events {
            self.listener.event(event);
            let bytes = self.writer.write(event).unwrap_or_default();
            match event {
                Event::End => self.heard.push_back(Heard::Last(bytes)),
                // A provider that repeats our credential in its words must not tell it on.
                Event::Error { .. } => {
                    let bytes = self.secret.as_ref().map_or(bytes.clone(), |secret| secret.scrub(bytes));
                    self.heard.push_back(Heard::Send(bytes));
                }
                _ if bytes.is_empty() => {}
                _ => self.heard.push_back(Heard::Send(bytes)),
            }
        }
    }
}
