//! The request as a provider gets it: the caller's bytes with a few members changed, or the same said in its own protocol.

use access::Failure;
use bytes::Bytes;
use dialect::openai::{Edits, NotAnObject, rewrite, without_member};
use serde_json::Value;
use tape::Tape;

use super::Upstream;
use super::forward::Job;
use crate::protocol::Protocol;
use crate::{failure, translate};

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In the caller's protocol: its bytes go on, and the answer's come back.
    Same,
    /// In another one.
    Other(Protocol),
}

/// The form in which a provider can be asked what was asked here, the caller's own before any other.
pub(super) fn form(upstream: &Upstream, asked: Protocol) -> Option<Form> {
    if upstream.speaks(asked) {
        return Some(Form::Same);
    }
    let others: &[Protocol] = match asked {
        Protocol::Embeddings => &[],
        _ => &[Protocol::Chat, Protocol::Messages],
    };
    others.iter().copied().find(|other| upstream.speaks(*other)).map(Form::Other)
}

/// Writes the body; a field that the provider's protocol has no word for is a 400 that names it.
pub(super) fn write(job: &Job, form: Form, upstream: &Upstream, model: &str) -> Result<Bytes, Failure> {
    match form {
        Form::Same => same(job, upstream, model),
        Form::Other(protocol) => other(job, protocol, upstream, model),
    }
}

fn same(job: &Job, upstream: &Upstream, model: &str) -> Result<Bytes, Failure> {
    let protocol = job.surface.protocol();
    // Where the path names the model, the body does not.
    let names_model = !upstream.names_model_in_path();
    let mut put = Vec::with_capacity(4);
    if names_model {
        put.push(("model", Value::from(model).to_string()));
    }
    let mut without = Vec::new();
    if let Some(cap) = job.lowered_cap {
        put.push((cap_field(protocol, model), cap.to_string()));
    }
    if protocol == Protocol::Responses {
        // Answers are kept here, under this server's rules, and nowhere else.
        put.push(("store", "false".to_owned()));
        without.push("previous_response_id");
        if let Some(input) = job.said.as_ref().and_then(|said| said.root().get("input")) {
            put.push(("input", input.compact()));
        }
    }
    let edits = Edits { put, without, ask_usage: job.asks_usage(upstream) };
    // `access` has parsed these bytes as an object.
    let is_unchanged = edits == Edits::default();
    let written = match (names_model, is_unchanged) {
        (true, _) => rewrite(job.body.tape(), &edits),
        (false, true) => without_member(job.body.tape(), "model"),
        (false, false) => rewrite(job.body.tape(), &edits)
            .and_then(|body| without_member(&Tape::skim(body).ok_or(NotAnObject)?, "model")),
    };
    written.map(Bytes::from).map_err(|_| failure::broken())
}

/// The member that limits an answer.
fn cap_field(protocol: Protocol, model: &str) -> &'static str {
    match protocol {
        // Reasoning models refuse the older name.
        Protocol::Chat if thinks(model) => "max_completion_tokens",
        Protocol::Responses => "max_output_tokens",
        Protocol::Chat | Protocol::Completions | Protocol::Embeddings | Protocol::Messages => "max_tokens",
    }
}

fn thinks(model: &str) -> bool {
    let mut letters = model.chars();
    let is_o = letters.next() == Some('o') && letters.next().is_some_and(|digit| digit.is_ascii_digit());
    is_o || model.starts_with("gpt-5")
}

fn other(job: &Job, protocol: Protocol, upstream: &Upstream, model: &str) -> Result<Bytes, Failure> {
    let refused = |error: dialect::exchange::NotSupported| failure::not_supported(&error);
    let mut request = translate::read_request(job.surface.protocol(), job.said().value()).map_err(refused)?;
    request.model = Some(model.to_owned());
    request.include_usage = request.stream;
    request.max_output_tokens = request.max_output_tokens.or(job.lowered_cap);
    let mut written = translate::write_request(protocol, &request, &job.target()).map_err(refused)?;
    if upstream.names_model_in_path()
        && let Some(members) = written.as_object_mut()
    {
        members.remove("model");
    }
    Ok(Bytes::from(written.to_string()))
}
