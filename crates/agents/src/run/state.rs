//! A run: what it was begun with, which is kept once, and how far it has come, which is worked out again from what happened.

use access::Stored;
use dialect::exchange::Tokens;
use dialect::openai::responses::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::tool::ServerCall;

/// What a run was begun with. It is kept until the run is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    /// The id of its response, `resp_…`.
    pub(crate) response_id: String,
    /// The request that asked for it.
    pub(crate) request_id: Uuid,
    /// Seconds since 1970.
    pub(crate) created_at: i64,
    /// Who asked.
    pub(crate) caller: Stored,
    /// By which door, which says what the caller must hold at each step.
    pub(crate) door: Door,
    /// The agent that answers; none where the request names its model itself.
    pub(crate) agent: Option<RunAgent>,
    /// The conversation that it is part of.
    pub(crate) conversation: Option<Place>,
    /// The response that it goes on from.
    pub(crate) previous: Option<String>,
    /// Whether nobody waits for it.
    pub(crate) is_background: bool,
    /// Whether its response is kept.
    pub(crate) is_stored: bool,
    /// What a model is asked at each turn, without items and tools; the response repeats it.
    pub(crate) question: Value,
    /// The definitions of its tools.
    pub(crate) tools: Vec<Value>,
    /// The request's own items, each with a name.
    pub(crate) input: Vec<Value>,
    /// The most calls that the server makes for it.
    pub(crate) calls_limit: u32,
}

/// How a request for a run came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Door {
    /// The project's responses.
    Responses,
    /// An agent's own endpoint.
    Endpoint,
}

/// The agent of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunAgent {
    /// Its name.
    pub(crate) name: String,
    /// Its version, which does not change while the run goes on.
    pub(crate) version: String,
    /// Its own identity, by object id.
    pub(crate) principal: Option<Uuid>,
}

/// Where in a conversation a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    /// The conversation.
    pub(crate) id: String,
    /// The last item that it goes on from; none at the beginning.
    pub(crate) after: Option<String>,
}

/// A call that the server makes for the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    /// What is to be done.
    pub(crate) server: ServerCall,
    /// Its item of the output before it is made.
    pub(crate) item: Value,
}

/// Something that a model said, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Said {
    /// An item of the output that ends there: a message, a thought.
    Item(Value),
    /// An item that the caller must answer: a call of its own function, or a call that it must allow.
    ForCaller(Value),
    /// A call that the server makes.
    Call(Call),
    /// A call that is not made; the model is told why, and nobody else.
    Refused {
        /// As the model named it.
        call_id: String,
        /// The function that it called.
        name: String,
        /// With these arguments.
        arguments: String,
        /// Why not.
        reason: String,
    },
}

/// How a model's answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ending {
    /// Whole.
    Whole,
    /// Cut, and why in one word.
    Cut(String),
    /// Failed.
    Failed {
        /// The reason in one word.
        code: String,
        /// The reason for a person.
        message: String,
    },
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    /// What it is about to do, or does.
    pub(crate) doing: Doing,
    /// How often a model was asked.
    pub(crate) turns: u32,
    /// How many calls the server made or is about to make.
    pub(crate) calls: u32,
    /// What the model is told behind the input.
    pub(crate) transcript: Vec<Value>,
    /// What the caller is told: the items of the response.
    pub(crate) output: Vec<Value>,
    /// What all of its answers have cost.
    pub(crate) usage: Option<Tokens>,
    /// Whether it must end for the caller to answer.
    pub(crate) is_for_caller: bool,
    /// See [`Run::calls_limit`].
    pub(crate) calls_limit: u32,
}

/// What a run does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doing {
    /// Nothing was done yet.
    Begin,
    /// A model is asked, or about to be.
    Asking,
    /// Calls are made, or about to be.
    Calling(Vec<Open>),
    /// Nothing any more.
    Over(State),
}

/// A call that belongs to the present turn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Open {
    /// The call.
    pub(crate) call: Call,
    /// Its place in the output.
    pub(crate) at: usize,
    /// Whether somebody has begun to make it.
    pub(crate) has_begun: bool,
    /// What the model is told of how it went.
    pub(crate) outcome: Option<String>,
}

impl Call {
    /// A call that is not made yet.
    pub(crate) fn of(server: ServerCall) -> Call {
        let item = server.items(None).into_iter().next().unwrap_or(Value::Null);
        Call { server, item }
    }
}

impl Progress {
    /// Nothing has happened yet.
    pub(crate) fn new(calls_limit: u32) -> Progress {
        Progress {
            doing: Doing::Begin,
            turns: 0,
            calls: 0,
            transcript: Vec::new(),
            output: Vec::new(),
            usage: None,
            is_for_caller: false,
            calls_limit,
        }
    }

    /// The calls that were begun and are not done.
    pub(crate) fn begun(&self) -> Vec<Call> {
        let Doing::Calling(open) = &self.doing else { return Vec::new() };
        open.iter().filter(|open| open.has_begun && open.outcome.is_none()).map(|open| open.call.clone()).collect()
    }

    /// The place of a call in the output.
    pub(crate) fn place(&self, call: &Call) -> Option<usize> {
        let Doing::Calling(open) = &self.doing else { return None };
        open.iter().find(|open| open.call.server == call.server).map(|open| open.at)
    }
}
