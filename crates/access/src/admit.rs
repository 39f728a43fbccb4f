//! Who is let through: the only file that makes a permit for a caller.
//!
//! From a route to the line that decides it is two hops: here, and `rbac/evaluate.rs`.

use std::sync::Arc;

use arm::Scope;
use jiff::Timestamp;
use rbac::{Ask, Attributes, Denial, Mode, Permission, Permit, RowKind, Visible};
use store::World;
use uuid::Uuid;

use crate::authenticate::Recognised;
use crate::linked::Linked;

/// What a mounted operation needs, resolved once when it is mounted.
#[derive(Clone, Debug)]
pub(crate) enum Need {
    /// The first permission, which names the operation, and each of the rest, at the target.
    All(Permission, Vec<Permission>),
    /// This permission somewhere at, above or below the target; the reply is filtered.
    Visible(Permission),
    /// A recognised caller.
    AnyToken(Permission),
    /// A recognised caller who asks about itself, under the operation's own name; of others, the second permission.
    OwnOr(Permission, Permission),
}

/// A request for a decision.
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Recognised,
    pub(crate) need: &'a Need,
    pub(crate) target: &'a Scope,
    pub(crate) rows: &'static [RowKind],
    /// Is it about the caller itself? False until the body is read.
    pub(crate) is_own: bool,
    pub(crate) world: &'a Arc<World>,
    pub(crate) decision_id: Uuid,
    pub(crate) now: Timestamp,
}

impl Question<'_> {
    fn ask<'b>(&'b self, permission: &'b Permission, attributes: &'b Attributes) -> Ask<'b> {
        Ask {
            decision_id: self.decision_id,
            permission,
            scope: self.target,
            rows: self.rows,
            attributes,
            now: self.now,
        }
    }
}

/// The cheap decision, before the body is read: refuses where no assignment could match, whatever a condition says.
pub(crate) fn before_body(question: &Question<'_>) -> Result<(), Denial> {
    let hopeful = match (question.caller, question.need) {
        (Recognised::Principal(caller), Need::All(first, rest)) => {
            std::iter::once(first).chain(rest).all(|permission| {
                rbac::could_allow(caller.object_id(), permission, question.target, &question.world.access)
            })
        }
        _ => true,
    };
    if hopeful {
        return Ok(());
    }
    decide::<rbac::Reads>(question, &Attributes::default()).map(|_| ())
}

/// The decision: a permit that names what granted it, or a denial that says what was missing.
#[expect(clippy::disallowed_methods, reason = "this is the one place where a caller's permit is made")]
pub(crate) fn decide<M: Mode>(
    question: &Question<'_>,
    attributes: &Attributes,
) -> Result<(Permit<M>, Option<Visible>), Denial> {
    let access = &question.world.access;
    match (question.caller, question.need) {
        (Recognised::Principal(caller), Need::AnyToken(permission)) => {
            Ok((rbac::any_token(caller, &question.ask(permission, attributes)), None))
        }
        (Recognised::Principal(caller), Need::OwnOr(own, of_others)) => {
            let permit = match question.is_own {
                true => rbac::any_token(caller, &question.ask(own, attributes)),
                false => rbac::decide(caller, &question.ask(of_others, attributes), access)?,
            };
            Ok((permit, None))
        }
        (Recognised::Principal(caller), Need::Visible(permission)) => {
            let (permit, visible) = rbac::decide_visible(caller, &question.ask(permission, attributes), access)?;
            Ok((permit, Some(visible)))
        }
        (Recognised::Principal(caller), Need::All(first, rest)) => {
            all(first, rest, |permission| rbac::decide(caller, &question.ask(permission, attributes), access))
        }
        (Recognised::Key { account, slot }, Need::All(first, rest)) => {
            all(first, rest, |permission| rbac::for_key(account.clone(), *slot, &question.ask(permission, attributes)))
        }
        (
            Recognised::Key { account, slot },
            Need::Visible(permission) | Need::AnyToken(permission) | Need::OwnOr(_, permission),
        ) => {
            let permit = rbac::for_key(account.clone(), *slot, &question.ask(permission, attributes))?;
            Ok((permit, None))
        }
    }
}

/// What the request needs elsewhere. The permit proves nothing more and is dropped: a write is covered by the first decision's.
#[expect(clippy::disallowed_methods, reason = "this is the one place where a caller's permit is made")]
pub(crate) fn decide_linked(question: &Question<'_>, linked: &Linked, attributes: &Attributes) -> Result<(), Denial> {
    let attributes = Attributes { resource: rbac::Values::default(), ..attributes.clone() };
    let ask = Ask { scope: &linked.scope, rows: &[], ..question.ask(&linked.permission, &attributes) };
    match question.caller {
        Recognised::Principal(caller) => rbac::decide::<rbac::Reads>(caller, &ask, &question.world.access).map(|_| ()),
        Recognised::Key { account, slot } => rbac::for_key::<rbac::Reads>(account.clone(), *slot, &ask).map(|_| ()),
    }
}

/// The permit of one of the server's own tasks, which reads.
#[expect(clippy::disallowed_methods, reason = "the tasks that stand in for a caller are let through where callers are")]
pub(crate) fn for_task(task: rbac::Task, now: Timestamp) -> Permit<rbac::Reads> {
    rbac::for_task(task, Uuid::now_v7(), now)
}

/// Every permission must be granted; the permit of the first is the proof, since it names the operation.
fn all<M: Mode>(
    first: &Permission,
    rest: &[Permission],
    decide: impl Fn(&Permission) -> Result<Permit<M>, Denial>,
) -> Result<(Permit<M>, Option<Visible>), Denial> {
    let permit = decide(first)?;
    for permission in rest {
        decide(permission)?;
    }
    Ok((permit, None))
}
