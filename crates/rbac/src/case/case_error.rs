//! What is wrong with a decision case.

use serde_json::Value;

/// A case that cannot be read or decided: which case, which field, what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{problem}", self.case_prefix(), self.field_prefix())]
pub struct CaseError {
    /// The case's id as JSON; none where the text is no JSON or the case has no id.
    pub case: Option<String>,
    /// The field, as a path: `input.assignments[1].role`; empty for the whole case.
    pub field: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl CaseError {
    pub(super) fn of_file(problem: String) -> CaseError {
        CaseError { case: None, field: String::new(), problem }
    }

    pub(super) fn in_case(self, id: Option<&Value>) -> CaseError {
        CaseError { case: id.map(Value::to_string), ..self }
    }

    fn case_prefix(&self) -> String {
        self.case.as_ref().map(|case| format!("case {case}: ")).unwrap_or_default()
    }

    fn field_prefix(&self) -> String {
        if self.field.is_empty() { String::new() } else { format!("`{}`: ", self.field) }
    }
}
