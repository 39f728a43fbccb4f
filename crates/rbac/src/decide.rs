//! The makers of permits. Each is called from one file; `clippy.toml` names it.

use arm::Scope;
use jiff::Timestamp;
use uuid::Uuid;

use crate::advice::roles_that_would_grant_at;
use crate::attributes::Attributes;
use crate::built_in::key_may;
use crate::denial::{Denial, DenialReason, Refusal};
use crate::evaluate::{AccessRequest, evaluate};
use crate::misses::Misses;
use crate::owner::RowKind;
use crate::permission::Permission;
use crate::permit::{Caller, KeySlot, Mode, Permit, PermitParts, ProtocolPurpose, Task};
use crate::principal::VerifiedPrincipal;
use crate::snapshot::Snapshot;
use crate::verdict::{DenyAssignmentRef, Grant, Verdict};
use crate::visible::{Visible, has_any_assignment, visible_to};

/// What is asked for, by whomever.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// A new id, the same in the journal.
    pub decision_id: Uuid,
    /// What.
    pub permission: &'a Permission,
    /// Where.
    pub scope: &'a Scope,
    /// The kinds of rows that the operation may write or open.
    pub rows: &'static [RowKind],
    /// What conditions may read.
    pub attributes: &'a Attributes,
    /// The time of the request.
    pub now: Timestamp,
}

impl Ask<'_> {
    /// The same for a maker whose permit shows and changes nothing.
    fn without_rows(&self) -> Ask<'_> {
        Ask { rows: &[], ..self.clone() }
    }

    fn permit<M: Mode>(&self, caller: Caller, grant: Grant) -> Permit<M> {
        Permit::from_parts(PermitParts {
            decision_id: self.decision_id,
            caller,
            permission: self.permission.clone(),
            scope: self.scope.clone(),
            grant,
            rows: self.rows,
            issued_at: self.now,
        })
    }
}

/// Lets a principal through where a role assignment or a directory role grants it.
pub fn decide<M: Mode>(caller: &VerifiedPrincipal, ask: &Ask<'_>, snapshot: &Snapshot) -> Result<Permit<M>, Denial> {
    let request = AccessRequest {
        principal: caller.object_id(),
        permission: ask.permission,
        scope: ask.scope,
        attributes: ask.attributes,
    };
    match evaluate(&request, snapshot) {
        Verdict::Allowed(grant) => Ok(ask.permit(Caller::Principal(caller.clone()), grant)),
        Verdict::NotAllowed(misses) => {
            let reason = match misses.condition_false {
                Some(_) => DenialReason::ConditionNotFulfilled,
                None => DenialReason::NoGrant,
            };
            Err(refuse(caller, ask, snapshot, reason, misses))
        }
        Verdict::Denied(deny) => Err(block(caller, ask, snapshot, deny)),
    }
}

/// Lets a principal see a list, filtered to what it may read; nothing to see is a refusal.
pub fn decide_visible<M: Mode>(
    caller: &VerifiedPrincipal,
    ask: &Ask<'_>,
    snapshot: &Snapshot,
) -> Result<(Permit<M>, Visible), Denial> {
    let request = AccessRequest {
        principal: caller.object_id(),
        permission: ask.permission,
        scope: ask.scope,
        attributes: ask.attributes,
    };
    let shown = visible_to(&request, snapshot);
    if shown.is_empty() {
        let misses = match evaluate(&request, snapshot) {
            Verdict::NotAllowed(misses) => misses,
            Verdict::Denied(deny) => return Err(block(caller, ask, snapshot, deny)),
            Verdict::Allowed(_) => Misses::default(),
        };
        return Err(refuse(caller, ask, snapshot, DenialReason::NothingVisible, misses));
    }
    let grant = Grant::Visible { scopes: shown.scopes().to_vec() };
    Ok((ask.without_rows().permit(Caller::Principal(caller.clone()), grant), shown))
}

/// Lets every principal with a valid token through. Covers no rows.
pub fn any_token<M: Mode>(caller: &VerifiedPrincipal, ask: &Ask<'_>) -> Permit<M> {
    ask.without_rows().permit(Caller::Principal(caller.clone()), Grant::AnyToken)
}

/// Lets the holder of a resource key do what keys may do, at the key's account itself.
pub fn for_key<M: Mode>(account: Scope, slot: KeySlot, ask: &Ask<'_>) -> Result<Permit<M>, Denial> {
    if *ask.scope == account && key_may(ask.permission) {
        let grant = Grant::ResourceKey { account: account.clone(), slot };
        return Ok(ask.permit(Caller::Key { account, slot }, grant));
    }
    Err(Denial::new(Refusal {
        decision_id: ask.decision_id,
        principal: Uuid::nil(),
        principal_type: None,
        label: format!("{} of {}", slot.as_str(), account.name()),
        permission: ask.permission.clone(),
        scope: ask.scope.clone(),
        reason: DenialReason::NotForKeys,
        misses: Misses::default(),
        deny_assignment: None,
        roles_that_would_grant: Vec::new(),
        // Whoever holds a key knows the account's address, not its place in the tenant.
        outsider: true,
    }))
}

/// A step of signing in, before anybody is known. Covers no rows but those of sign-in itself.
pub fn for_protocol<M: Mode>(purpose: ProtocolPurpose, decision_id: Uuid, now: Timestamp) -> Permit<M> {
    let (name, rows): (_, &'static [RowKind]) = match purpose {
        ProtocolPurpose::IssueToken => ("Cupola.Server/issueToken/action", &[]),
        ProtocolPurpose::BeginSignIn => ("Cupola.Server/beginSignIn/action", &[RowKind::SignIn]),
        ProtocolPurpose::RenewSignIn => ("Cupola.Server/renewSignIn/action", &[RowKind::SignIn]),
        ProtocolPurpose::EndSignIn => ("Cupola.Server/endSignIn/action", &[RowKind::SignIn]),
    };
    own(name, Caller::Protocol(purpose), Grant::Protocol(purpose), rows, decision_id, now)
}

/// Work that the server does for itself; the task decides which kinds of rows.
pub fn for_task<M: Mode>(task: Task, decision_id: Uuid, now: Timestamp) -> Permit<M> {
    let (name, rows): (_, &'static [RowKind]) = match task {
        Task::FirstStart => ("Cupola.Server/firstStart/action", &EVERY_ROW),
        Task::DemoTenant => ("Cupola.Server/demoTenant/action", &EVERY_ROW),
        Task::SigningKey => ("Cupola.Server/signingKey/action", &[RowKind::SigningKey]),
        Task::ConnectionSecrets => ("Cupola.Server/connectionSecrets/action", &[RowKind::Credential]),
        Task::ResumeRuns => ("Cupola.Server/resumeRuns/action", &[RowKind::DataObject]),
    };
    own(name, Caller::Task(task), Grant::Task(task), rows, decision_id, now)
}

/// A first start makes the tenant: principals, roles, resources, keys.
const EVERY_ROW: [RowKind; 8] = [
    RowKind::Resource,
    RowKind::Assignment,
    RowKind::RoleDefinition,
    RowKind::Principal,
    RowKind::Membership,
    RowKind::Credential,
    RowKind::DirectoryRole,
    RowKind::SigningKey,
];

fn own<M: Mode>(
    name: &'static str,
    caller: Caller,
    grant: Grant,
    rows: &'static [RowKind],
    decision_id: Uuid,
    now: Timestamp,
) -> Permit<M> {
    Permit::from_parts(PermitParts {
        decision_id,
        caller,
        permission: Permission::Action(name.into()),
        scope: Scope::root(),
        grant,
        rows,
        issued_at: now,
    })
}

fn refuse(
    caller: &VerifiedPrincipal,
    ask: &Ask<'_>,
    snapshot: &Snapshot,
    reason: DenialReason,
    misses: Misses,
) -> Denial {
    let roles_that_would_grant = roles_that_would_grant_at(ask.permission, Some(ask.scope), snapshot);
    Denial::new(Refusal { misses, roles_that_would_grant, ..refusal(caller, ask, snapshot, reason) })
}

/// The refusal where a deny assignment blocks: no role would help.
fn block(caller: &VerifiedPrincipal, ask: &Ask<'_>, snapshot: &Snapshot, deny: DenyAssignmentRef) -> Denial {
    let deny_assignment = Some(deny);
    Denial::new(Refusal { deny_assignment, ..refusal(caller, ask, snapshot, DenialReason::DenyAssignment) })
}

fn refusal(caller: &VerifiedPrincipal, ask: &Ask<'_>, snapshot: &Snapshot, reason: DenialReason) -> Refusal {
    Refusal {
        decision_id: ask.decision_id,
        principal: caller.object_id(),
        principal_type: Some(caller.kind()),
        label: caller.label().to_owned(),
        permission: ask.permission.clone(),
        scope: ask.scope.clone(),
        reason,
        misses: Misses::default(),
        deny_assignment: None,
        roles_that_would_grant: Vec::new(),
        outsider: !has_any_assignment(caller.object_id(), snapshot),
    }
}
