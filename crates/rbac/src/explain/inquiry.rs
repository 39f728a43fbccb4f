//! One question, with what is looked up for it once.

use arm::Scope;
use uuid::Uuid;

use super::condition::{Given, Judged};
use super::inclusion::{Inclusion, inclusion};
use crate::attributes::Attributes;
use crate::deny_assignment::DenyAssignment;
use crate::evaluate::AccessRequest;
use crate::permission::Permission;
use crate::role_assignment::RoleAssignment;
use crate::snapshot::Snapshot;

/// May somebody do this here? With attributes: in one request; without: in any.
pub(super) struct Inquiry<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// The action string in lower case.
    key: String,
    is_data: bool,
    attributes: Option<&'a Attributes>,
    /// The target and all above it, nearest first.
    pub(super) chain: Vec<Scope>,
}

impl<'a> Inquiry<'a> {
    /// In one request.
    pub(super) fn of_request(request: &AccessRequest<'a>, snapshot: &'a Snapshot) -> Inquiry<'a> {
        let inquiry = Inquiry::of_any(request.permission, request.scope, snapshot);
        Inquiry { attributes: Some(request.attributes), ..inquiry }
    }

    /// In any request.
    pub(super) fn of_any(permission: &Permission, scope: &Scope, snapshot: &'a Snapshot) -> Inquiry<'a> {
        let mut inquiry = Inquiry::at(snapshot.chain(scope), snapshot);
        inquiry.ask(permission);
        inquiry
    }

    /// In any request, of permissions that are yet to be asked for.
    pub(super) fn at(chain: Vec<Scope>, snapshot: &'a Snapshot) -> Inquiry<'a> {
        Inquiry { snapshot, key: String::new(), is_data: false, attributes: None, chain }
    }

    /// Asks for this permission from now on.
    pub(super) fn ask(&mut self, permission: &Permission) {
        self.key = permission.text().to_ascii_lowercase();
        self.is_data = permission.is_data();
    }

    fn given(&self) -> Given<'_> {
        Given { key: &self.key, attributes: self.attributes }
    }

    /// What the assignment's role says of the action.
    pub(super) fn in_role(&self, role: Uuid) -> Inclusion<'a> {
        self.in_role_on(role, self.is_data)
    }

    /// What it says of the same action string on the other plane.
    pub(super) fn in_role_on_other_plane(&self, role: Uuid) -> Inclusion<'a> {
        self.in_role_on(role, !self.is_data)
    }

    fn in_role_on(&self, role: Uuid, is_data: bool) -> Inclusion<'a> {
        let permissions = self.snapshot.role(role).map(|role| role.permissions.as_slice()).unwrap_or_default();
        inclusion(permissions, &self.key, is_data)
    }

    /// How the assignment grants it, wherever it was made; none if its role does not include it.
    pub(super) fn granted_by(&self, assignment: &RoleAssignment) -> Option<Judged> {
        let Inclusion::Included(objects) = self.in_role(assignment.role) else {
            return None;
        };
        Judged::as_grant(objects, assignment.condition.as_deref(), self.given())
    }

    /// How the deny assignment blocks it here, whomever it names; none if it does not.
    pub(super) fn denied_by(&self, deny: &DenyAssignment) -> Option<Judged> {
        if !reaches_down(deny, &self.chain) {
            return None;
        }
        let Inclusion::Included(objects) = inclusion(&deny.permissions, &self.key, self.is_data) else {
            return None;
        };
        Judged::as_deny(objects, deny.condition.as_deref(), self.given())
    }

    /// How far above the target a scope is: 0 at the target. Scopes that do not reach it come last.
    pub(super) fn distance(&self, scope: &Scope) -> usize {
        self.chain.iter().position(|above| above == scope).unwrap_or(usize::MAX)
    }

    /// Does an assignment made there reach the target?
    pub(super) fn reaches(&self, scope: &Scope) -> bool {
        self.chain.contains(scope)
    }

    /// How many places are above both the target and the scope.
    pub(super) fn shared_levels(&self, scope: &Scope) -> usize {
        self.chain.iter().filter(|above| self.snapshot.reaches(above, scope)).count()
    }
}

/// Does the deny assignment hold at the first place of a chain?
pub(super) fn reaches_down(deny: &DenyAssignment, chain: &[Scope]) -> bool {
    match deny.do_not_apply_to_child_scopes {
        true => chain.first() == Some(&deny.scope),
        false => chain.contains(&deny.scope),
    }
}
