//! What happens next in a run: what it was and what happened in, what it is and what is to be done out.

use dialect::exchange::Tokens;
use dialect::openai::responses::{State, for_model, read_usage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::state::{Call, Doing, Ending, Open, Progress, Said};

/// Turns of one run: a model that has not come to an answer by then goes round in circles.
pub(crate) const TURNS_LIMIT: u32 = 32;
/// Calls of one turn that the server makes at once: each is a connection to somebody else's server.
pub(crate) const CALLS_AT_ONCE: usize = 16;
/// Why a run ended that used up its turns or was to call too often.
const TOO_MANY: &str = "max_tool_calls";

/// Something that happened. What is kept of a run is a list of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Happened {
    /// The tools were asked what they offer: items of the output.
    Listed(Vec<Value>),
    /// It begins: with calls that the input allows or forbids.
    Began(Vec<Said>),
    /// A model is about to be asked.
    Asks,
    /// It answered.
    Answered {
        /// What it said.
        said: Vec<Said>,
        /// How that ended.
        ending: Ending,
        /// What it cost, as the protocol has it.
        usage: Value,
    },
    /// The calls are about to be made.
    Calls,
    /// A call is done, or given up.
    Called {
        /// Which: the name of its first item.
        id: String,
        /// Its items of the output: the first takes the place of the one that it had.
        items: Vec<Value>,
        /// What the model is told.
        outcome: String,
    },
    /// The server stopped and started again.
    Resumed,
    /// The caller stopped it.
    Cancelled,
    /// It cannot go on.
    Failed {
        /// The reason in one word.
        code: String,
        /// The reason for a person.
        message: String,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Nothing yet.
    Wait,
    /// Begin.
    Begin,
    /// Ask the model.
    Ask,
    /// Make these calls, all at once.
    Call(Vec<Call>),
    /// Keep the end and tell it.
    Finish,
}

/// The next state, and what is to be done. A run that is over stays so, whatever happens.
pub(crate) fn step(mut progress: Progress, happened: Happened) -> (Progress, Effect) {
    if let Doing::Over(_) = progress.doing {
        return (progress, Effect::Finish);
    }
    let effect = match happened {
        Happened::Listed(items) => {
            progress.output.extend(items);
            Effect::Wait
        }
        Happened::Began(said) => {
            let open = progress.take(said);
            progress.go_on(open)
        }
        Happened::Asks => {
            progress.turns += 1;
            Effect::Wait
        }
        Happened::Answered { said, ending, usage } => {
            progress.usage = sum(progress.usage, read_usage(&usage));
            match ending {
                Ending::Whole => {
                    let is_last = said.iter().all(|said| matches!(said, Said::Item(_)));
                    let open = progress.take(said);
                    if is_last { progress.end(State::Completed) } else { progress.go_on(open) }
                }
                // What was cut is shown; no call of it is made.
                Ending::Cut(reason) => {
                    progress.show(said);
                    progress.end(State::Incomplete(reason))
                }
                Ending::Failed { code, message } => {
                    progress.show(said);
                    progress.end(State::Failed { code, message })
                }
            }
        }
        Happened::Calls => {
            if let Doing::Calling(open) = &mut progress.doing {
                open.iter_mut().for_each(|open| open.has_begun = true);
            }
            Effect::Wait
        }
        Happened::Called { id, items, outcome } => progress.called(&id, items, outcome),
        Happened::Resumed => progress.resume(),
        Happened::Cancelled => progress.end(State::Cancelled),
        Happened::Failed { code, message } => progress.end(State::Failed { code, message }),
    };
    (progress, effect)
}

impl Progress {
    /// Takes what was said; the calls to be made.
    fn take(&mut self, said: Vec<Said>) -> Vec<Open> {
        let mut calls = Vec::new();
        for said in said {
            match said {
                Said::Item(item) => self.item(item),
                Said::ForCaller(item) => {
                    self.is_for_caller = true;
                    self.item(item);
                }
                Said::Refused { call_id, name, arguments, reason } => self.refuse(&call_id, &name, &arguments, &reason),
                Said::Call(call) if self.calls >= self.calls_limit => {
                    let reason = format!("not called: this response may make {} calls of tools", self.calls_limit);
                    self.refuse(call.server.call_id(), call.server.function(), call.server.arguments(), &reason);
                }
                Said::Call(call) if calls.len() >= CALLS_AT_ONCE => {
                    let reason = format!("not called: at most {CALLS_AT_ONCE} tools are called at once");
                    self.refuse(call.server.call_id(), call.server.function(), call.server.arguments(), &reason);
                }
                Said::Call(call) => {
                    self.calls += 1;
                    let server = &call.server;
                    self.transcript.push(function_call(server.call_id(), server.function(), server.arguments()));
                    calls.push(call);
                }
            }
        }
        let open = calls.into_iter().map(|call| {
            self.output.push(call.item.clone());
            Open { call, at: self.output.len() - 1, has_begun: false, outcome: None }
        });
        open.collect()
    }

    /// Shows what was said of an answer that did not end well.
    fn show(&mut self, said: Vec<Said>) {
        for said in said {
            if let Said::Item(item) | Said::ForCaller(item) = said {
                self.item(item);
            }
        }
    }

    fn item(&mut self, item: Value) {
        self.transcript.extend(for_model(std::slice::from_ref(&item)));
        self.output.push(item);
    }

    fn refuse(&mut self, call_id: &str, name: &str, arguments: &str, reason: &str) {
        self.transcript.push(function_call(call_id, name, arguments));
        self.transcript.push(function_result(call_id, reason));
    }

    /// Makes the calls, or asks the model again, unless it is the caller's turn.
    fn go_on(&mut self, open: Vec<Open>) -> Effect {
        if !open.is_empty() {
            let calls = open.iter().map(|open| open.call.clone()).collect();
            self.doing = Doing::Calling(open);
            return Effect::Call(calls);
        }
        if self.is_for_caller {
            return self.end(State::Completed);
        }
        if self.turns >= TURNS_LIMIT {
            return self.end(State::Incomplete(TOO_MANY.to_owned()));
        }
        self.doing = Doing::Asking;
        Effect::Ask
    }

    fn called(&mut self, id: &str, items: Vec<Value>, outcome: String) -> Effect {
        let Doing::Calling(open) = &mut self.doing else { return Effect::Wait };
        let is_it = |open: &&mut Open| open.call.server.item_id() == id && open.outcome.is_none();
        if let Some(done) = open.iter_mut().find(is_it) {
            done.outcome = Some(outcome);
            let mut items = items.into_iter();
            if let (Some(place), Some(item)) = (self.output.get_mut(done.at), items.next()) {
                *place = item;
            }
            self.output.extend(items);
        }
        // The model reads the results in the order of its calls, whichever came first.
        let results: Option<Vec<Value>> = open
            .iter()
            .map(|open| open.outcome.as_ref().map(|outcome| function_result(open.call.server.call_id(), outcome)))
            .collect();
        let Some(results) = results else { return Effect::Wait };
        self.transcript.extend(results);
        self.go_on(Vec::new())
    }

    /// What was to be done when the server stopped. Calls that were begun are given up before this.
    fn resume(&mut self) -> Effect {
        match &self.doing {
            Doing::Begin => Effect::Begin,
            Doing::Asking => Effect::Ask,
            Doing::Calling(open) => {
                Effect::Call(open.iter().filter(|open| !open.has_begun).map(|open| open.call.clone()).collect())
            }
            Doing::Over(_) => Effect::Finish,
        }
    }

    /// What is still open stays unfinished.
    fn end(&mut self, state: State) -> Effect {
        if let Doing::Calling(open) = &self.doing {
            for open in open.iter().filter(|open| open.outcome.is_none()) {
                if let Some(fields) = self.output.get_mut(open.at).and_then(Value::as_object_mut) {
                    fields.insert("status".to_owned(), json!("incomplete"));
                }
            }
        }
        self.doing = Doing::Over(state);
        Effect::Finish
    }
}

fn function_call(call_id: &str, name: &str, arguments: &str) -> Value {
    json!({"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments})
}

fn function_result(call_id: &str, output: &str) -> Value {
    json!({"type": "function_call_output", "call_id": call_id, "output": output})
}

fn sum(all: Option<Tokens>, more: Option<Tokens>) -> Option<Tokens> {
    let (Some(a), Some(b)) = (all, more) else { return all.or(more) };
    Some(Tokens {
        input: a.input.saturating_add(b.input),
        cached_input: a.cached_input.saturating_add(b.cached_input),
        cache_write: a.cache_write.saturating_add(b.cache_write),
        output: a.output.saturating_add(b.output),
        reasoning: a.reasoning.saturating_add(b.reasoning),
    })
}

#[cfg(test)]
mod tests;
