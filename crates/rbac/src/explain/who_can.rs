//! Who may do something somewhere?

use std::collections::{BTreeSet, HashMap};

use arm::Scope;
use serde::Serialize;
use uuid::Uuid;

use super::condition::{Judged, Outlook};
use super::deny_ref::{DenyRef, denies_in_force};
use super::group_paths::GroupPaths;
use super::holding::Holding;
use super::inquiry::Inquiry;
use crate::attributes::Attributes;
use crate::condition::Truth;
use crate::evaluate::{AccessRequest, evaluate};
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::snapshot::Snapshot;
use crate::verdict::{Grant, Verdict};

/// Everybody who may do it, and everybody whom only a deny assignment keeps from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WhoCan {
    /// The action string, or the directory right's name.
    pub action: String,
    /// Is it of the data plane?
    pub is_data_action: bool,
    /// Where.
    pub scope: Scope,
    /// Who may: users first, then groups, then service principals, each by id.
    pub principals: Vec<Able>,
    /// Who has a grant that a deny assignment overrules whatever the request is, in the same order.
    pub blocked: Vec<Able>,
}

/// One principal, and how it comes to the permission.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Able {
    /// Object id.
    pub principal: Uuid,
    /// What kind of principal it is.
    pub principal_type: PrincipalType,
    /// Does it depend on the request, through the conditions of every path or of a deny assignment?
    pub conditional: bool,
    /// Each assignment that gives it, nearest scope first.
    pub paths: Vec<GrantPath>,
    /// A directory role or membership that gives it, for a right in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory_role: Option<String>,
    /// Deny assignments that block it, or may.
    pub denies: Vec<DenyRef>,
}

/// One assignment that gives the permission.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantPath {
    /// Which, and how the principal comes to it.
    #[serde(flatten)]
    pub holding: Holding,
    /// Does it depend on the request?
    pub conditional: bool,
    /// The conditions that it depends on.
    pub conditions: Vec<String>,
}

/// An assignment that reaches the scope and gives the permission, at least for some requests.
struct Giving {
    assignment: RoleAssignment,
    dependence: Dependence,
}

/// The conditions that a grant depends on; empty: it grants whatever the request is.
#[derive(Clone)]
struct Dependence(Vec<String>);

/// Who may do it there, through which assignments and groups.
pub fn who_can(permission: &Permission, scope: &Scope, snapshot: &Snapshot) -> WhoCan {
    let mut everybody = match permission {
        Permission::Directory(_) => by_directory_role(permission, snapshot),
        _ => by_assignment(&Inquiry::of_any(permission, scope, snapshot)),
    };
    everybody.sort_by_key(|able| (able.principal_type, able.principal));
    let (blocked, principals) =
        everybody.into_iter().partition(|able| able.denies.iter().any(|deny| !deny.conditional));
    WhoCan {
        action: permission.text().to_owned(),
        is_data_action: permission.is_data(),
        scope: scope.clone(),
        principals,
        blocked,
    }
}

fn by_assignment(inquiry: &Inquiry<'_>) -> Vec<Able> {
    let snapshot = inquiry.snapshot;
    let by_holder = giving(inquiry);
    let mut candidates: BTreeSet<Uuid> = by_holder.keys().copied().collect();
    candidates.extend(by_holder.keys().flat_map(|holder| snapshot.members_of(*holder)));
    candidates.into_iter().filter_map(|principal| able(principal, &by_holder, inquiry)).collect()
}

/// By holder, the assignments that reach the scope and give it, nearest scope first.
fn giving(inquiry: &Inquiry<'_>) -> HashMap<Uuid, Vec<Giving>> {
    let mut by_holder: HashMap<Uuid, Vec<Giving>> = HashMap::new();
    // Thousands of assignments share a few roles and conditions.
    let mut known: HashMap<(Uuid, Option<String>), Option<Dependence>> = HashMap::new();
    for scope in &inquiry.chain {
        for assignment in inquiry.snapshot.assignments_at(scope) {
            let key = (assignment.role, assignment.condition.clone());
            let judged = known.entry(key).or_insert_with(|| inquiry.granted_by(&assignment).and_then(Dependence::of));
            if let Some(dependence) = judged.clone() {
                by_holder.entry(assignment.principal).or_default().push(Giving { assignment, dependence });
            }
        }
    }
    by_holder
}

impl Dependence {
    /// None for what never grants.
    fn of(judged: Judged) -> Option<Dependence> {
        let open = judged.conditions.into_iter().filter(|condition| condition.outcome != Truth::True);
        match judged.outlook {
            Outlook::Never => None,
            Outlook::Depends => Some(Dependence(open.map(|condition| condition.text).collect())),
            Outlook::Surely => Some(Dependence(Vec::new())),
        }
    }
}

fn able(principal: Uuid, by_holder: &HashMap<Uuid, Vec<Giving>>, inquiry: &Inquiry<'_>) -> Option<Able> {
    let snapshot = inquiry.snapshot;
    let principal_type = snapshot.kind_of(principal)?;
    let groups = GroupPaths::of(principal, snapshot);
    let giving = groups.holders().filter_map(|holder| by_holder.get(&holder)).flatten();
    let mut paths: Vec<GrantPath> = giving
        .map(|giving| GrantPath {
            holding: Holding::of(&giving.assignment, &groups, snapshot),
            conditional: !giving.dependence.0.is_empty(),
            conditions: giving.dependence.0.clone(),
        })
        .collect();
    paths.sort_by_cached_key(|path| (inquiry.distance(&path.holding.scope), path.holding.assignment.clone()));
    let denies = denies_in_force(inquiry, principal, &groups);
    let conditional = paths.iter().all(|path| path.conditional) || denies.iter().any(|deny| deny.conditional);
    Some(Able { principal, principal_type, conditional, paths, directory_role: None, denies })
}

/// Directory roles are asked of everybody; there are no conditions and no denies.
fn by_directory_role(permission: &Permission, snapshot: &Snapshot) -> Vec<Able> {
    let (scope, attributes) = (Scope::root(), Attributes::none());
    let able = |(principal, principal_type)| {
        let request = AccessRequest { principal, permission, scope: &scope, attributes: &attributes };
        let directory_role = match evaluate(&request, snapshot) {
            Verdict::Allowed(Grant::DirectoryRole(role)) => role.display_name(),
            Verdict::Allowed(Grant::Member) => "Member",
            _ => return None,
        };
        Some(Able {
            principal,
            principal_type,
            conditional: false,
            paths: Vec::new(),
            directory_role: Some(directory_role.to_owned()),
            denies: Vec::new(),
        })
    };
    snapshot.principals().filter_map(able).collect()
}
