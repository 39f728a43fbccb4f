//! A refusal with its reason.

use std::ops::Deref;

use arm::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::advice::RoleRef;
use crate::misses::Misses;
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::verdict::DenyAssignmentRef;

/// A refusal. One pointer wide; its content is a [`Refusal`].
#[derive(Clone, Debug, PartialEq)]
pub struct Denial(Box<Refusal>);

/// What was refused to whom, why, and what would have been enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The decision's id, the same in the journal.
    pub decision_id: Uuid,
    /// Object id; nil for a resource key.
    pub principal: Uuid,
    /// None for a resource key.
    pub principal_type: Option<PrincipalType>,
    /// User principal name or application id, for messages.
    pub label: String,
    /// What was asked for.
    pub permission: Permission,
    /// Where.
    pub scope: Scope,
    /// Which step failed.
    pub reason: DenialReason,
    /// What came nearest.
    pub misses: Misses,
    /// The deny assignment that blocks, where one does.
    pub deny_assignment: Option<DenyAssignmentRef>,
    /// Unconditional roles, fewest operations first.
    pub roles_that_would_grant: Vec<RoleRef>,
    /// A caller without any assignment in the tenant does not learn where things are.
    pub outsider: bool,
}

/// Which step of a decision failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DenialReason {
    /// Nothing grants it.
    NoGrant,
    /// Something would, but its condition does not hold.
    ConditionNotFulfilled,
    /// A deny assignment blocks it.
    DenyAssignment,
    /// A resource key cannot do this, or not here.
    NotForKeys,
    /// A list of which nothing may be shown.
    NothingVisible,
}

impl Denial {
    pub(crate) fn new(refusal: Refusal) -> Denial {
        Denial(Box::new(refusal))
    }

    /// The scope as this caller may see it: the ARM path, or for a caller without any assignment in the tenant the
    /// name of the account.
    pub fn shown_scope(&self) -> String {
        match (self.outsider, self.scope.top_resource()) {
            (false, _) => self.scope.as_str().to_owned(),
            (true, Some(resource)) => resource.name().to_owned(),
            (true, None) => self.scope.name().to_owned(),
        }
    }

    /// Why, in one or two sentences.
    pub fn reason_text(&self) -> String {
        match self.reason {
            DenialReason::NotForKeys => {
                format!("a resource key gives inference at its own account only; `{}` needs a token", self.permission)
            }
            DenialReason::DenyAssignment => self.blocked_text(),
            DenialReason::NothingVisible => {
                let why = self.misses.reason(&self.permission, &self.shown_scope());
                format!("nothing at or below this scope may be shown: {why}")
            }
            DenialReason::NoGrant | DenialReason::ConditionNotFulfilled => {
                self.misses.reason(&self.permission, &self.shown_scope())
            }
        }
    }

    /// Which deny assignment blocks. Where it holds is part of the tenant's layout, so an outsider learns its name alone.
    fn blocked_text(&self) -> String {
        let Some(deny) = &self.deny_assignment else {
            return format!("a deny assignment blocks `{}`", self.permission);
        };
        let place = if self.outsider { String::new() } else { format!(" at `{}` (`{}`)", deny.scope, deny.id) };
        let how = if deny.undecided { "; its condition cannot be decided for this request, so it denies" } else { "" };
        format!("the deny assignment `{}`{place} blocks `{}`{how}", deny.name, self.permission)
    }

    /// The entry of `additionalInfo` that every refusal carries.
    pub fn access_decision(&self) -> Value {
        json!({
            "type": "AccessDecision",
            "info": {
                "decisionId": self.decision_id,
                "principalId": self.principal,
                "principalType": self.principal_type.map_or("ResourceKey", PrincipalType::as_str),
                "action": self.permission.text(),
                "isDataAction": self.permission.is_data(),
                "scope": self.shown_scope(),
                "reason": self.reason_text(),
                "rolesThatWouldGrant": self.roles_that_would_grant,
            }
        })
    }
}

impl Deref for Denial {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}
