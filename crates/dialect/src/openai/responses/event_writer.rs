//! A streamed answer, written.
//!
//! The order is the protocol's: the answer is created, each item is added, filled and done, the answer is completed. Clients
//! keep a state machine of it and give up when an event stands at a wrong place.

mod part;

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::item_id::ItemIds;
use super::output::{Body, Item};
use super::response::{ResponseContext, State};
use crate::exchange::{Event, Finish, Tokens};
use crate::sse;

/// The code of an answer that ended in a way no provider explained.
const SERVER_ERROR: &str = "server_error";

/// Writes the events of one answer.
pub struct EventWriter {
    context: ResponseContext,
    ids: ItemIds,
    items: Vec<Item>,
    /// Where each part of the exchange form is: its item, and its place in a message.
    places: HashMap<usize, Place>,
    sequence_number: u64,
    is_started: bool,
    finish: Option<Finish>,
    usage: Option<Tokens>,
    finished: Option<Value>,
    /// What is to be sent.
    out: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Place {
    item: usize,
    content: usize,
}

impl EventWriter {
    /// For the answer that `context` describes.
    pub fn new(context: ResponseContext) -> EventWriter {
        EventWriter {
            ids: ItemIds::of_output(&context.id),
            context,
            items: Vec::new(),
            places: HashMap::new(),
            sequence_number: 0,
            is_started: false,
            finish: None,
            usage: None,
            finished: None,
            out: Vec::new(),
        }
    }

    /// The bytes of an event; often several, sometimes none. After the last one of an answer there are no more.
    pub fn write(&mut self, event: &Event) -> Result<Bytes, serde_json::Error> {
        if self.finished.is_none() {
            self.start()?;
            self.take(event)?;
        }
        Ok(Bytes::from(std::mem::take(&mut self.out)))
    }

    /// The whole answer, once its last event is written: what is stored.
    pub fn response(&self) -> Option<&Value> {
        self.finished.as_ref()
    }

    /// The answer with what was said so far: what is told of one that is being made, or that its caller stopped.
    pub fn so_far(&self, state: &State) -> Value {
        let output = self.items.iter().map(|item| item.value(item.status.unwrap_or(state.item_word())));
        self.context.response(state, output.collect(), self.usage.as_ref())
    }

    fn start(&mut self) -> Result<(), serde_json::Error> {
        if std::mem::replace(&mut self.is_started, true) {
            return Ok(());
        }
        let response = self.context.response(&State::InProgress, Vec::new(), None);
        self.send("response.created", json!({"response": response.clone()}))?;
        self.send("response.in_progress", json!({ "response": response }))
    }

    fn take(&mut self, event: &Event) -> Result<(), serde_json::Error> {
        match event {
            Event::Started { usage, .. } => self.usage = usage.or(self.usage),
            Event::Text { part, delta } => self.say(*part, delta, false)?,
            Event::Refusal { part, delta } => self.say(*part, delta, true)?,
            Event::Reasoning { part, delta } => self.think(*part, delta)?,
            Event::ReasoningSealed { part, signature, encrypted } => self.seal(*part, signature, encrypted)?,
            Event::ToolCall { part, id, name } => {
                let body = Body::Call { call_id: id.clone(), name: name.clone(), arguments: String::new() };
                self.open(*part, body)?;
            }
            Event::ToolArguments { part, delta } => self.argue(*part, delta)?,
            Event::PartDone { part } => self.part_done(*part)?,
            Event::Finished { finish, .. } => self.finish = Some(finish.clone()),
            Event::Usage(tokens) => self.usage = Some(*tokens),
            Event::Error { code, message } => self.fail(code, message)?,
            Event::End => self.end()?,
        }
        Ok(())
    }

    fn send(&mut self, name: &str, mut data: Value) -> Result<(), serde_json::Error> {
        if let Some(fields) = data.as_object_mut() {
            fields.insert("type".to_owned(), json!(name));
            fields.insert("sequence_number".to_owned(), json!(self.sequence_number));
        }
        self.sequence_number += 1;
        self.out.extend_from_slice(&sse::event(Some(name), &data)?);
        Ok(())
    }

    /// The provider failed, or broke off: what was said stays, unfinished.
    fn fail(&mut self, code: &str, message: &str) -> Result<(), serde_json::Error> {
        let state = State::Failed { code: code.to_owned(), message: message.to_owned() };
        self.conclude("response.failed", &state)
    }

    fn end(&mut self) -> Result<(), serde_json::Error> {
        let Some(finish) = self.finish.clone() else {
            return self.fail(SERVER_ERROR, "the model's answer broke off");
        };
        let is_refusal = |item: &Item| match &item.body {
            Body::Message(contents) => contents.iter().any(|content| content.is_refusal),
            _ => false,
        };
        let state = State::of(&finish, self.items.iter().any(is_refusal));
        for at in 0..self.items.len() {
            self.finish_item(at)?;
            self.close(at, state.item_word())?;
        }
        let name = if state == State::Completed { "response.completed" } else { "response.incomplete" };
        self.conclude(name, &state)
    }

    fn conclude(&mut self, name: &str, state: &State) -> Result<(), serde_json::Error> {
        let response = self.so_far(state);
        self.send(name, json!({ "response": response.clone() }))?;
        self.finished = Some(response);
        Ok(())
    }
}
