//! One question to a model, as a request through the connection would put it.

use std::time::Duration;

use bytes::Bytes;
use dialect::exchange::Event;
use dialect::sse;
use egress::{EgressError, Outgoing, Patience, Target};
use http::StatusCode;
use resources::connections::{GatewayModel, ModelFormat};
use serde_json::{Value, json};

use super::super::aside::Aside;
use super::super::discovery::{printable, words};
use super::super::line::{Line, PathForm};
use crate::protocol::Protocol;
use crate::translate::Reader;
use crate::upstream::{Proof, Sent};

/// How long an answer is waited for: a model may have to be loaded first.
const PATIENCE: Patience = Patience { first_byte: Some(Duration::from_secs(60)), idle: Some(Duration::from_secs(60)) };
/// What is asked: a few tokens, whatever the model costs.
const QUESTION: &str = "Say: ok";
/// The most tokens of an answer, where the protocol demands a number.
const ANSWER_TOKENS: u64 = 16;
/// The largest answer that is read.
const ANSWER_LIMIT_BYTES: usize = 1024 * 1024;

/// What came back.
pub(super) enum Came {
    /// An answer.
    Answer,
    /// A whole answer where a stream was asked for.
    WholeInstead,
    /// A refusal, with its words.
    Refused(StatusCode, String),
    /// Something that is no answer.
    Odd(String),
}

/// A question.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) line: &'a Line,
    pub(super) aside: &'a Aside,
    pub(super) model: &'a GatewayModel,
    pub(super) form: &'a PathForm,
    pub(super) is_stream: bool,
}

impl Ask<'_> {
    /// Asks; with another proof than the connection's own where one is given.
    pub(super) async fn put(&self, proof: Option<Proof>) -> Result<Came, EgressError> {
        let protocol = self.protocol();
        let target = self.line.place(self.form, &self.model.format, protocol, &self.model.name);
        let target = target.ok_or_else(|| EgressError::NotAccepted { reason: "it does not speak that".to_owned() })?;
        let sent = match proof {
            None => self.line.send(|| self.outgoing(target.clone()), self.aside).await?,
            Some(proof) => {
                let outgoing = self.outgoing(target).with_own(&self.aside.headers);
                Sent::of(self.line.egress(), outgoing, Some(proof)).await?
            }
        };
        self.read(sent).await
    }

    fn protocol(&self) -> Protocol {
        match self.model.format {
            ModelFormat::Anthropic => Protocol::Messages,
            ModelFormat::OpenAi | ModelFormat::Other(_) => Protocol::Chat,
        }
    }

    fn outgoing(&self, target: Target) -> Outgoing {
        let mut body = json!({"messages": [{"role": "user", "content": QUESTION}], "stream": self.is_stream});
        let mut put = |name: &str, value: Value| {
            if let Some(members) = body.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        };
        if !self.form.deployment_in_path {
            put("model", self.model.name.as_str().into());
        }
        match self.protocol() {
            Protocol::Messages => put("max_tokens", ANSWER_TOKENS.into()),
            _ if self.is_stream => put("stream_options", json!({"include_usage": true})),
            _ => {}
        }
        let accept = if self.is_stream { sse::CONTENT_TYPE } else { "application/json" };
        let outgoing = Outgoing::post(target, "application/json", Bytes::from(body.to_string()));
        let outgoing = outgoing.accept(accept).within(PATIENCE);
        match self.protocol() {
            Protocol::Messages => outgoing.or_header("anthropic-version", "2023-06-01"),
            _ => outgoing,
        }
    }

    async fn read(&self, sent: Sent) -> Result<Came, EgressError> {
        let status = sent.answer.status();
        let is_stream = sent.answer.media_type() == sse::CONTENT_TYPE;
        let body = sent.words(ANSWER_LIMIT_BYTES).await?;
        if status != StatusCode::OK {
            return Ok(Came::Refused(status, words(&serde_json::from_slice(&body).unwrap_or_default())));
        }
        if is_stream {
            return Ok(self.read_events(&body));
        }
        Ok(match crate::translate::read_answer(self.protocol(), &body) {
            Ok(_) if self.is_stream => Came::WholeInstead,
            Ok(_) => Came::Answer,
            Err(unreadable) => Came::Odd(unreadable.message),
        })
    }

    fn read_events(&self, body: &[u8]) -> Came {
        let mut reader = Reader::of(self.protocol());
        let mut events = reader.push(body);
        events.extend(reader.finish());
        match events.last() {
            Some(Event::End) => Came::Answer,
            Some(Event::Error { code, message }) => {
                Came::Odd(format!("its stream holds an error (`{}`): {}", printable(code), printable(message)))
            }
            _ => Came::Odd("its stream of events stops before its end".to_owned()),
        }
    }
}
