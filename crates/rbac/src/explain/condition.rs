//! A condition on the way to a grant or a deny, with what became of it.

use serde::Serialize;

use super::inclusion::{Including, MatchedPermission};
use crate::attributes::Attributes;
use crate::condition::{Condition, Trace, Truth};

/// One condition and its outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionReport {
    /// Whose condition it is.
    pub of: ConditionOf,
    /// As it was written.
    pub text: String,
    /// Does it hold for this request?
    pub outcome: Truth,
    /// What each part of it came to; none for a text that is no condition, and where the question is not of one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// Why the text is no condition, where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Whose condition it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ConditionOf {
    /// The role assignment's or deny assignment's.
    Assignment,
    /// The permission object's, in the role or the deny assignment.
    Permission,
}

/// What decides a condition: the action in lower case and, for one request, its attributes. Without attributes, what is
/// decided holds for every request.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) key: &'a str,
    pub(super) attributes: Option<&'a Attributes>,
}

/// The best way through an object that includes the action.
pub(super) struct Judged {
    pub(super) permission: MatchedPermission,
    /// The conditions on the way.
    pub(super) conditions: Vec<ConditionReport>,
    pub(super) outlook: Outlook,
}

/// Of what a grant or deny depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outlook {
    /// It does not hold for this request; without attributes, for none.
    Never,
    /// It cannot be decided; without attributes, it depends on the request.
    Depends,
    /// It holds; without attributes, for every request.
    Surely,
}

impl ConditionReport {
    fn new(of: ConditionOf, text: &str, given: Given<'_>) -> ConditionReport {
        let report = ConditionReport { of, text: text.to_owned(), outcome: Truth::Unknown, trace: None, error: None };
        match (Condition::parse(text), given.attributes) {
            (Ok(condition), Some(attributes)) => {
                let trace = condition.trace(given.key, attributes);
                ConditionReport { outcome: trace.truth, trace: Some(trace), ..report }
            }
            (Ok(condition), None) => ConditionReport { outcome: condition.folded(given.key), ..report },
            (Err(error), _) => ConditionReport { error: Some(error.to_string()), ..report },
        }
    }

    /// For a grant: what cannot be read never grants.
    fn grants(&self) -> Outlook {
        match (self.outcome, &self.error) {
            (Truth::True, _) => Outlook::Surely,
            (Truth::Unknown, None) => Outlook::Depends,
            (Truth::Unknown, Some(_)) | (Truth::False, _) => Outlook::Never,
        }
    }

    /// For a deny: what cannot be read denies.
    fn denies(&self) -> Outlook {
        match (self.outcome, &self.error) {
            (Truth::True, _) | (Truth::Unknown, Some(_)) => Outlook::Surely,
            (Truth::Unknown, None) => Outlook::Depends,
            (Truth::False, _) => Outlook::Never,
        }
    }
}

impl Judged {
    /// As a grant: what cannot be read never grants. None without an object that includes the action.
    pub(super) fn as_grant(including: Vec<Including<'_>>, condition: Option<&str>, given: Given<'_>) -> Option<Judged> {
        Judged::best(including, condition, given, ConditionReport::grants)
    }

    /// As a deny: what cannot be read denies.
    pub(super) fn as_deny(including: Vec<Including<'_>>, condition: Option<&str>, given: Given<'_>) -> Option<Judged> {
        Judged::best(including, condition, given, ConditionReport::denies)
    }

    /// The first object with the best prospects, and the assignment's condition.
    fn best(
        including: Vec<Including<'_>>,
        condition: Option<&str>,
        given: Given<'_>,
        outlook: fn(&ConditionReport) -> Outlook,
    ) -> Option<Judged> {
        let prospects = |report: &Option<ConditionReport>| match report {
            Some(report) => (outlook(report), report.outcome == Truth::True),
            None => (Outlook::Surely, true),
        };
        let mut best: Option<(MatchedPermission, Option<ConditionReport>)> = None;
        for object in including {
            let report = object.condition.map(|text| ConditionReport::new(ConditionOf::Permission, text, given));
            if best.as_ref().is_none_or(|(_, so_far)| prospects(&report) > prospects(so_far)) {
                best = Some((object.permission, report));
            }
        }
        let (permission, of_permission) = best?;
        let of_assignment = condition.map(|text| ConditionReport::new(ConditionOf::Assignment, text, given));
        let conditions: Vec<ConditionReport> = of_assignment.into_iter().chain(of_permission).collect();
        let outlook = conditions.iter().map(outlook).min().unwrap_or(Outlook::Surely);
        Some(Judged { permission, conditions, outlook })
    }

    /// Is there a condition that could not be decided?
    pub(super) fn is_undecided(&self) -> bool {
        self.conditions.iter().any(|report| report.outcome == Truth::Unknown)
    }
}

/// `true`, `false`, `undecided`
pub(super) fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "undecided",
    }
}
