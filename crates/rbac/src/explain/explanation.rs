//! Why is a request allowed or not?

use arm::Scope;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::advice::{Advice, advice};
use super::condition::Outlook;
use super::deny::{DenyTrace, denies};
use super::grant::{self, GrantTrace};
use super::group_paths::GroupPaths;
use super::holding::Holding;
use super::inquiry::Inquiry;
use super::mend::{Mend, smallest_mend};
use super::nearest::NearestMisses;
use super::reason::reason;
use crate::evaluate::{AccessRequest, evaluate};
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::snapshot::Snapshot;
use crate::verdict::{Grant, Verdict};

/// Everything that was looked at for a decision, and what would change it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The same as `evaluate` says.
    pub decision: Decision,
    /// One or two sentences.
    pub reason: String,
    /// The question.
    pub asked: Asked,
    /// What gives a right in the directory, if the question is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory_role: Option<String>,
    /// Every role assignment that grants it, the one that the decision names first. Under a deny: what it overrules.
    pub grants: Vec<GrantTrace>,
    /// Every deny assignment that blocks it, the one that the decision names first.
    pub denies: Vec<DenyTrace>,
    /// What came near; empty where something grants.
    pub nearest_misses: NearestMisses,
    /// The smallest role assignment that would allow it; none where it is allowed, and where no role helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<Mend>,
    /// What else would have to change, or could.
    pub advice: Vec<Advice>,
}

/// The decision, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Something grants it.
    Allowed,
    /// Nothing grants it.
    NotAllowed,
    /// Something would grant it, but its condition does not hold.
    ConditionNotFulfilled,
    /// A deny assignment blocks it.
    Denied,
}

impl Decision {
    /// As it is printed: `Allowed`, `NotAllowed`, `NotAllowed(condition)`, `Denied`.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Allowed => "Allowed",
            Decision::NotAllowed => "NotAllowed",
            Decision::ConditionNotFulfilled => "NotAllowed(condition)",
            Decision::Denied => "Denied",
        }
    }

    fn of(verdict: &Verdict) -> Decision {
        match verdict {
            Verdict::Allowed(_) => Decision::Allowed,
            Verdict::NotAllowed(misses) if misses.condition_false.is_some() => Decision::ConditionNotFulfilled,
            Verdict::NotAllowed(_) => Decision::NotAllowed,
            Verdict::Denied(_) => Decision::Denied,
        }
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The question.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Object id.
    pub principal: Uuid,
    /// None: not in the directory.
    pub principal_type: Option<PrincipalType>,
    /// The action string, or the directory right's name.
    pub action: String,
    /// Is it of the data plane?
    pub is_data_action: bool,
    /// Where.
    pub scope: Scope,
}

/// Why the request is allowed or not. Decides as [`evaluate`] does.
pub fn explain(request: &AccessRequest<'_>, snapshot: &Snapshot) -> Explanation {
    let verdict = evaluate(request, snapshot);
    let mut explanation = empty(request, &verdict, snapshot);
    if !matches!(request.permission, Permission::Directory(_)) {
        look_at_assignments(&mut explanation, request, &verdict, snapshot);
    }
    explanation.mend = smallest_mend(&explanation, request, snapshot);
    explanation.advice = advice(&explanation, request, snapshot);
    explanation.reason = reason(&explanation, request, &verdict);
    explanation
}

fn empty(request: &AccessRequest<'_>, verdict: &Verdict, snapshot: &Snapshot) -> Explanation {
    let kind = snapshot.kind_of(request.principal);
    let directory_role = match verdict {
        Verdict::Allowed(Grant::DirectoryRole(role)) => Some(role.display_name().to_owned()),
        Verdict::Allowed(Grant::Member) => Some("Member".to_owned()),
        _ => None,
    };
    Explanation {
        decision: Decision::of(verdict),
        reason: String::new(),
        asked: Asked {
            principal: request.principal,
            principal_type: kind,
            action: request.permission.text().to_owned(),
            is_data_action: request.permission.is_data(),
            scope: request.scope.clone(),
        },
        directory_role,
        grants: Vec::new(),
        denies: Vec::new(),
        nearest_misses: NearestMisses { principal_unknown: kind.is_none(), ..NearestMisses::default() },
        mend: None,
        advice: Vec::new(),
    }
}

/// Sorts what the principal holds into grants and near misses, and looks for denies.
fn look_at_assignments(
    explanation: &mut Explanation,
    request: &AccessRequest<'_>,
    verdict: &Verdict,
    snapshot: &Snapshot,
) {
    let inquiry = Inquiry::of_request(request, snapshot);
    let groups = GroupPaths::of(request.principal, snapshot);
    let (mut grants, misses) = (Vec::new(), &mut explanation.nearest_misses);
    for assignment in snapshot.assignments_of(request.principal) {
        let holding = Holding::of(&assignment, &groups, snapshot);
        match (inquiry.reaches(&assignment.scope), inquiry.granted_by(&assignment)) {
            (true, Some(judged)) if judged.outlook == Outlook::Surely => grants.push(GrantTrace::new(holding, judged)),
            (true, Some(judged)) => misses.note_condition(holding, judged),
            (true, None) => misses.note_held(holding, &assignment, &inquiry),
            (false, Some(_)) => misses.elsewhere.push(holding),
            (false, None) => {}
        }
    }
    misses.keep_nearest(&inquiry);
    if !grants.is_empty() {
        *misses = NearestMisses::default();
    }
    let (granted_by, denied_by) = match verdict {
        Verdict::Allowed(Grant::Assignment { assignment, .. }) => (Some(assignment), None),
        Verdict::Denied(deny) => (None, Some(&deny.id)),
        _ => (None, None),
    };
    explanation.grants = grant::in_order(grants, granted_by, &inquiry);
    explanation.denies = denies(&inquiry, request.principal, &groups, denied_by);
}
