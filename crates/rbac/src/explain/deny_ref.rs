//! The deny assignments that block a principal, whatever the request is or in some requests.

use arm::Scope;
use serde::Serialize;
use uuid::Uuid;

use super::condition::Outlook;
use super::group_paths::GroupPaths;
use super::inquiry::Inquiry;
use super::meant::{MatchedAs, Meant};
use crate::deny_assignment::DenyAssignment;

/// A deny assignment, as a list names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DenyRef {
    /// Its id.
    pub id: Scope,
    /// Its name.
    pub name: String,
    /// Where it was made.
    pub scope: Scope,
    /// Whom it names.
    pub matched_as: MatchedAs,
    /// Does it depend on the request?
    pub conditional: bool,
}

impl DenyRef {
    pub(super) fn new(deny: &DenyAssignment, meant: &Meant, conditional: bool) -> DenyRef {
        DenyRef {
            id: deny.id.clone(),
            name: deny.name.clone(),
            scope: deny.scope.clone(),
            matched_as: meant.matched_as,
            conditional,
        }
    }
}

/// Those that block the inquiry's action for the principal, nearest first.
pub(super) fn denies_in_force(inquiry: &Inquiry<'_>, principal: Uuid, groups: &GroupPaths) -> Vec<DenyRef> {
    let mut found = Vec::new();
    for deny in inquiry.snapshot.deny_assignments() {
        let Some(meant) = Meant::by(deny, principal, groups) else {
            continue;
        };
        match inquiry.denied_by(deny).map(|judged| judged.outlook) {
            Some(Outlook::Surely) => found.push(DenyRef::new(deny, &meant, false)),
            Some(Outlook::Depends) => found.push(DenyRef::new(deny, &meant, true)),
            Some(Outlook::Never) | None => {}
        }
    }
    found.sort_by_cached_key(|deny| (inquiry.distance(&deny.scope), deny.id.clone()));
    found
}
