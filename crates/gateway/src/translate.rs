//! One protocol said in another: the readers and writers of `dialect`, chosen by protocol.

use bytes::Bytes;
use dialect::anthropic;
use dialect::exchange::{Answer, AnswerContext, Event, Failure, NotSupported, Request};
use dialect::openai::chat_exchange as chat;
use dialect::openai::completions::{self, CompletionReply};
use dialect::openai::responses::{self, ResponseContext};
use serde_json::Value;

use crate::protocol::Protocol;

/// Reads a caller's body.
pub(crate) fn read_request(protocol: Protocol, body: &Value) -> Result<Request, NotSupported> {
    match protocol {
        Protocol::Chat => chat::read_request(body),
        Protocol::Completions => completions::read_request(body),
        Protocol::Responses => responses::read_request(body).map(|read| read.exchange),
        Protocol::Messages => anthropic::read_request(body),
        Protocol::Embeddings => Err(no_words("embeddings are not a conversation")),
    }
}

/// Writes a body for a provider; `target` is for a protocol that must be told more than the caller said.
pub(crate) fn write_request(
    protocol: Protocol,
    request: &Request,
    target: &anthropic::Target,
) -> Result<Value, NotSupported> {
    match protocol {
        Protocol::Chat => chat::write_request(request),
        Protocol::Messages => anthropic::write_request(request, target),
        // Whoever speaks one of these speaks chat as well, and is asked that way.
        Protocol::Completions | Protocol::Embeddings | Protocol::Responses => {
            Err(no_words("its model takes no conversations"))
        }
    }
}

fn no_words(reason: &str) -> NotSupported {
    NotSupported { field: "model".to_owned(), reason: reason.to_owned() }
}

/// Reads a provider's whole answer.
pub(crate) fn read_answer(protocol: Protocol, body: &[u8]) -> Result<Answer, Failure> {
    let unreadable = |reason: String| Failure { status: 502, code: "unreadable_answer".to_owned(), message: reason };
    match protocol {
        Protocol::Messages => anthropic::read_answer(body).map_err(|error| unreadable(error.to_string())),
        _ => chat::read_answer(body).map_err(|error| unreadable(error.to_string())),
    }
}

/// How an answer is called and dated, and what it repeats of its request.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// Of a chat, a message.
    Plain { protocol: Protocol, context: AnswerContext, include_usage: bool },
    /// Of a completion.
    Completion(CompletionReply),
    /// Of a response.
    Response(Box<ResponseContext>),
}

impl Told {
    /// Writes a whole answer.
    pub(crate) fn answer(&self, answer: &Answer) -> Value {
        match self {
            Told::Plain { protocol: Protocol::Messages, context, .. } => anthropic::write_answer(answer, context),
            Told::Plain { context, .. } => chat::write_answer(answer, context),
            Told::Completion(reply) => reply.whole(answer),
            Told::Response(context) => responses::write_response(answer, context),
        }
    }

    /// A writer of the same as a stream.
    pub(crate) fn writer(self) -> Writer {
        match self {
            Told::Plain { protocol: Protocol::Messages, context, .. } => {
                Writer::Messages(anthropic::EventWriter::new(context))
            }
            Told::Plain { context, include_usage, .. } => Writer::Chat(chat::EventWriter::new(context, include_usage)),
            Told::Completion(reply) => Writer::Completion(completions::EventWriter::new(reply)),
            Told::Response(context) => Writer::Response(Box::new(responses::EventWriter::new(*context))),
        }
    }
}

/// Writes events for a caller.
pub(crate) enum Writer {
    Chat(chat::EventWriter),
    Messages(anthropic::EventWriter),
    Completion(completions::EventWriter),
    Response(Box<responses::EventWriter>),
}

impl Writer {
    /// The bytes of an event, which may be none.
    pub(crate) fn write(&mut self, event: &Event) -> Result<Bytes, serde_json::Error> {
        match self {
            Writer::Chat(writer) => writer.write(event),
            Writer::Messages(writer) => writer.write(event),
            Writer::Completion(writer) => writer.write(event),
            Writer::Response(writer) => writer.write(event),
        }
    }

    /// The response that was written, once it is whole.
    pub(crate) fn response(&self) -> Option<&Value> {
        match self {
            Writer::Response(writer) => writer.response(),
            Writer::Chat(_) | Writer::Messages(_) | Writer::Completion(_) => None,
        }
    }
}

/// Reads a provider's stream, cut anywhere.
pub(crate) enum Reader {
    Chat(chat::EventReader),
    Messages(anthropic::EventReader),
}

impl Reader {
    pub(crate) fn of(protocol: Protocol) -> Reader {
        match protocol {
            Protocol::Messages => Reader::Messages(anthropic::EventReader::default()),
            _ => Reader::Chat(chat::EventReader::default()),
        }
    }

    /// Takes what came.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        match self {
            Reader::Chat(reader) => reader.push(bytes),
            Reader::Messages(reader) => reader.push(bytes),
        }
    }

    /// The provider's stream is over.
    pub(crate) fn finish(&mut self) -> Vec<Event> {
        match self {
            Reader::Chat(reader) => reader.finish(),
            Reader::Messages(reader) => reader.finish(),
        }
    }

    /// Bytes of an event that has not ended.
    pub(crate) fn pending(&self) -> usize {
        match self {
            Reader::Chat(reader) => reader.pending(),
            Reader::Messages(reader) => reader.pending(),
        }
    }
}
