//! Tells whoever waits what a run does: as a stream of events in the protocol's order, as one answer at the end, or nobody.

use access::{Closing, Draft, Failure};
use dialect::openai::responses::State;
use dialect::sse;
use gateway::EventSender;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::object::Object;
use super::state::Progress;

/// Who waits.
pub(crate) enum Audience {
    /// Nobody.
    Nobody,
    /// For the response, when it is whole.
    Whole(mpsc::Sender<Result<Value, Failure>>),
    /// For each event.
    Stream {
        /// Told once that events come, or why none do.
        head: Option<oneshot::Sender<Result<(), Failure>>>,
        /// The events.
        events: EventSender,
        /// The request's journal record, which is written before the last event.
        record: Draft,
    },
}

impl Audience {
    /// Ends when nobody waits any more; never where nobody did.
    fn gone(&self) -> impl Future<Output = ()> + Send + use<> {
        let (whole, events) = match self {
            Audience::Nobody => (None, None),
            Audience::Whole(whole) => (Some(whole.clone()), None),
            Audience::Stream { events, .. } => (None, Some(events.clone())),
        };
        async move {
            match (whole, events) {
                (Some(whole), _) => whole.closed().await,
                (None, Some(events)) => events.closed().await,
                (None, None) => std::future::pending().await,
            }
        }
    }
}

/// Tells one run.
pub(crate) struct Teller {
    object: Object,
    audience: Audience,
    sequence_number: u64,
    has_begun: bool,
    /// The duty to write the record of a request whose answer is a stream.
    closing: Option<Closing>,
}

impl Teller {
    /// Tells the run that `object` is of.
    pub(crate) fn new(object: Object, audience: Audience) -> Teller {
        Teller { object, audience, sequence_number: 0, has_begun: false, closing: None }
    }

    /// The response as it is now.
    pub(crate) fn response(&self, progress: &Progress) -> Value {
        self.object.now(progress)
    }

    /// Whether somebody waits.
    pub(crate) fn has_audience(&self) -> bool {
        !matches!(self.audience, Audience::Nobody)
    }

    /// Ends when nobody waits any more; never where nobody did.
    pub(crate) fn gone(&self) -> impl Future<Output = ()> + Send + use<> {
        self.audience.gone()
    }

    /// Whether somebody waits who can still be given a failure in place of a response.
    pub(crate) fn can_refuse(&self) -> bool {
        !self.has_begun && self.has_audience()
    }

    /// The response exists. What came before could still be refused; from here on a failure is a state of the response.
    pub(crate) async fn begin(&mut self) {
        if std::mem::replace(&mut self.has_begun, true) {
            return;
        }
        if let Audience::Stream { head, record, .. } = &mut self.audience
            && let Some(head) = head.take()
            // Who has gone before the first event has had the request's record written already.
            && !head.is_closed()
        {
            self.closing = Some(record.take_over());
            let _ = head.send(Ok(()));
        }
        let response = self.object.opening(&State::InProgress);
        self.send("response.created", json!({ "response": response })).await;
        self.send("response.in_progress", json!({ "response": response })).await;
    }

    /// One event.
    pub(crate) async fn send(&mut self, name: &str, mut data: Value) {
        let Audience::Stream { events, .. } = &self.audience else { return };
        if let Some(fields) = data.as_object_mut() {
            fields.insert("type".to_owned(), json!(name));
            fields.insert("sequence_number".to_owned(), json!(self.sequence_number));
        }
        self.sequence_number += 1;
        match sse::event(Some(name), &data) {
            // Who has gone is noticed by who watches for it.
            Ok(bytes) => drop(events.send(bytes).await),
            Err(error) => tracing::error!(%error, "an event cannot be written"),
        }
    }

    /// An item of the output begins, and its events follow.
    pub(crate) async fn added(&mut self, at: usize, item: &Value) {
        self.send("response.output_item.added", json!({"output_index": at, "item": item})).await;
        if let Some(kind) = kind(item) {
            let name = format!("response.{kind}.in_progress");
            self.send(&name, json!({"output_index": at, "item_id": item.get("id")})).await;
        }
        if let (Some("mcp_call"), Some(arguments)) = (kind(item), item.get("arguments")) {
            let about = json!({"output_index": at, "item_id": item.get("id"), "arguments": arguments});
            self.send("response.mcp_call_arguments.done", about).await;
        }
    }

    /// An item of the output is whole.
    pub(crate) async fn done(&mut self, at: usize, item: &Value) {
        if let Some(kind) = kind(item) {
            let has_failed = item.get("error").is_some_and(|error| !error.is_null());
            let name = format!("response.{kind}.{}", if has_failed { "failed" } else { "completed" });
            self.send(&name, json!({"output_index": at, "item_id": item.get("id")})).await;
        }
        self.send("response.output_item.done", json!({"output_index": at, "item": item})).await;
    }

    /// The run is over.
    pub(crate) async fn end(mut self, response: Value) {
        if let Audience::Whole(whole) = &self.audience {
            let _ = whole.send(Ok(response)).await;
            return;
        }
        self.begin().await;
        let status = response.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !self.close(StatusCode::OK, &status).await {
            return;
        }
        let name = match status.as_str() {
            "completed" => "response.completed",
            "incomplete" => "response.incomplete",
            _ => "response.failed",
        };
        self.send(name, json!({ "response": response })).await;
    }

    /// Writes the record of a stream; a stream that cannot be recorded has no end.
    async fn close(&mut self, status: StatusCode, finish: &str) -> bool {
        let Some(closing) = self.closing.take() else { return true };
        closing.draft().note(|record| record.finish = Some(finish.to_owned().into()));
        let written = closing.close(status).await;
        written.inspect_err(|error| tracing::error!(%error, "the journal cannot be written")).is_ok()
    }

    /// There is no response to tell of: it could not be made, or not be kept.
    pub(crate) async fn refuse(mut self, failure: Failure) {
        match &mut self.audience {
            Audience::Nobody => {}
            Audience::Whole(whole) => drop(whole.send(Err(failure)).await),
            Audience::Stream { head, .. } => match head.take() {
                Some(head) => drop(head.send(Err(failure))),
                None => {
                    let (code, message) = gateway::words(&failure);
                    let told = json!({"code": code, "message": message, "param": null});
                    if self.close(failure.status, "error").await {
                        self.send("error", told).await;
                    }
                }
            },
        }
    }
}

/// The item's type, where the protocol has events of its own for it.
fn kind(item: &Value) -> Option<&str> {
    let kind = item.get("type").and_then(Value::as_str);
    kind.filter(|kind| ["mcp_call", "mcp_list_tools"].contains(kind))
}
