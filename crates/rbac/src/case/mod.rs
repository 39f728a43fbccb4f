//! Decision cases: a question, the facts that it is asked of, and what is expected, as one JSON value.
//!
//! `{"id", "title"?, "source"?, "expected"?, "input"}`; the fields of `input` are those of `Input`.

mod case_error;
mod fields;
mod input;
mod names;
mod scene;

use serde_json::{Deserializer, Value};

use crate::evaluate::AccessRequest;
use crate::explain::{Decision, Explanation, explain};
use crate::snapshot::Snapshot;

pub use case_error::CaseError;

use fields::Fields;
use input::Input;
use scene::Scene;

/// The words that a decision is written in.
const DECISIONS: [&str; 4] = ["ALLOW", "NOT_ALLOWED", "NOT_ALLOWED(condition)", "DENY"];

/// One decision case.
#[derive(Clone, Debug)]
pub struct Case {
    id: Value,
    expected: Option<String>,
    input: Input,
}

/// How a case was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// `ALLOW`, `NOT_ALLOWED`, `NOT_ALLOWED(condition)` or `DENY`.
    pub decision: String,
    /// One or two sentences, in the case's own names.
    pub reason: String,
}

/// Reads one case, a list of cases, or several of these one behind the other (one per line). No case is decided yet.
pub fn read_cases(text: &str) -> Result<Vec<Case>, CaseError> {
    let mut cases = Vec::new();
    let mut values = 0;
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        values += 1;
        match value.map_err(|error| CaseError::of_file(format!("this is not JSON: {error}")))? {
            Value::Array(list) => {
                for case in &list {
                    cases.push(Case::read(case)?);
                }
            }
            case => cases.push(Case::read(&case)?),
        }
    }
    if values == 0 {
        return Err(CaseError::of_file("expected a decision case or a list of them, found nothing".to_owned()));
    }
    Ok(cases)
}

impl Case {
    fn read(value: &Value) -> Result<Case, CaseError> {
        let id = value.get("id");
        Case::read_fields(value).map_err(|error| error.in_case(id))
    }

    fn read_fields(value: &Value) -> Result<Case, CaseError> {
        let fields = Fields::of(value, "", &["id", "title", "source", "expected", "input"])?;
        let id = match fields.required("id")? {
            id @ (Value::Number(_) | Value::String(_)) => id.clone(),
            other => return Err(fields.wrong("id", "a number or a text", other)),
        };
        fields.text("title")?;
        fields.text("source")?;
        let expected = fields.text("expected")?;
        if let Some(expected) = &expected
            && !DECISIONS.contains(&expected.as_str())
        {
            let known = DECISIONS.map(|word| format!("`{word}`")).join(", ");
            return Err(fields.error("expected", format!("`{expected}` is not a decision; {known} are")));
        }
        let input = Input::read(fields.required("input")?)?;
        Ok(Case { id, expected, input })
    }

    /// Its id, a number or a text, as it was given.
    pub fn id(&self) -> &Value {
        &self.id
    }

    /// The decision that the case says is right.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// Decides it as the server would, by the facts of the case alone.
    pub fn decide(&self) -> Result<Decided, CaseError> {
        let scene = Scene::of(&self.input).map_err(|error| error.in_case(Some(&self.id)))?;
        let request = AccessRequest {
            principal: scene.caller,
            permission: &scene.permission,
            scope: &scene.scope,
            attributes: &scene.attributes,
        };
        let explanation = explain(&request, &Snapshot::compile(scene.facts));
        let reason = scene.names.in_text(&sentences(&explanation));
        Ok(Decided { decision: decision_word(explanation.decision).to_owned(), reason })
    }
}

fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "ALLOW",
        Decision::NotAllowed => "NOT_ALLOWED",
        Decision::ConditionNotFulfilled => "NOT_ALLOWED(condition)",
        Decision::Denied => "DENY",
    }
}

/// The reason, and of a condition what failed in it.
fn sentences(explanation: &Explanation) -> String {
    match (explanation.decision, explanation.advice.first()) {
        (Decision::ConditionNotFulfilled, Some(advice)) => format!("{}. {}", explanation.reason, advice.text),
        _ => explanation.reason.clone(),
    }
}
