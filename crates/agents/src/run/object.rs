//! The response that a run is told and kept as.

use dialect::openai::responses::{ResponseContext, State};
use serde_json::{Map, Value, json};

use super::state::{Doing, Progress, Run};
use crate::tool;

/// What the response of a run says, whatever state it is in.
pub(crate) struct Object {
    context: ResponseContext,
    /// What the protocol has no field for, or a field that depends on more than the question.
    more: Map<String, Value>,
}

impl Object {
    /// Of a run.
    pub(crate) fn of(run: &Run) -> Object {
        let mut repeated = run.question.clone();
        if let Some(fields) = repeated.as_object_mut() {
            fields.insert("background".to_owned(), json!(run.is_background));
            fields.insert("previous_response_id".to_owned(), json!(run.previous));
            fields.insert("store".to_owned(), json!(run.is_stored));
            fields.insert("tools".to_owned(), run.tools.iter().map(tool::shown).collect());
        }
        let model = run.question.get("model").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut more = Map::new();
        if let Some(agent) = &run.agent {
            let reference = json!({"type": "agent_reference", "name": agent.name, "version": agent.version});
            more.insert("agent_reference".to_owned(), reference);
        }
        if let Some(conversation) = &run.conversation {
            more.insert("conversation".to_owned(), json!({"id": conversation.id}));
        }
        Object { context: ResponseContext::new(run.response_id.clone(), run.created_at, model, &repeated), more }
    }

    /// Before anything was said.
    pub(crate) fn opening(&self, state: &State) -> Value {
        self.with(self.context.response(state, Vec::new(), None))
    }

    /// With all that was said; in the state that the run has ended in, else in progress.
    pub(crate) fn now(&self, progress: &Progress) -> Value {
        let state = match &progress.doing {
            Doing::Over(state) => state,
            _ => &State::InProgress,
        };
        self.with(self.context.response(state, progress.output.clone(), progress.usage.as_ref()))
    }

    fn with(&self, mut response: Value) -> Value {
        if let Some(fields) = response.as_object_mut() {
            fields.extend(self.more.clone());
        }
        response
    }
}
